/**
 * Checkpoints beside the training: they hold the moment at which they began,
 * and a disk that fails, a lost device and a stop leave whole ones.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig, loadLlama } from "../../lib/model/mod.ts";
import { interrupted, interruptNow } from "../../lib/notebook/interrupt.ts";
import { AdamW } from "../../lib/optim/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import {
  checkpointBytes,
  checkpointContent,
  CheckpointWriter,
  listCheckpoints,
  loadNewestCheckpoint,
  planMemory,
  readLog,
  resolveTrainConfig,
  train,
  type TrainKnobs,
  type TrainOptions,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import {
  DataError,
  DeviceError,
  exists,
  InterruptedError,
} from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";

const MODEL = llamaConfig("tiny-64", {
  vocabSize: 16,
  hiddenSize: 16,
  intermediateSize: 32,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 8,
});
const TOKENS = new Uint16Array(4000).map((_, i) => (i + (i >> 4)) % 16);

/** A fresh run of 10 steps with checkpoints; the caller disposes of the model. */
function runOf(
  device: Device,
  knobs: Partial<TrainKnobs> = {},
): TrainOptions {
  const config = resolveTrainConfig({
    tokens: 320,
    batchSize: 4,
    learningRate: 1e-2,
    checkpointEvery: 2,
    ...knobs,
  }, MODEL);
  return {
    model: Llama.create(MODEL, { seed: 0, device }),
    batches: new TokenBatches(TOKENS, { ...config, vocabSize: 16 }),
    config,
  };
}

const lossesOf = (records: readonly TrainRecord[]) =>
  records.flatMap((record) => record.kind === "step" ? [record.loss] : []);
const STATE = { step: 3, position: 3, seconds: 1 };
const POLICY = { keep: 2, keepEvery: 0 };

/** What is in the folder of checkpoints, hidden files too. */
const namesIn = (folder: string) =>
  [...Deno.readDirSync(join(folder, "checkpoints"))].map(({ name }) => name)
    .sort();

deviceTest(
  "CheckpointWriter keeps the moment at which it began",
  (device) =>
    inFolder(async (folder) => {
      using model = Llama.create(MODEL, { seed: 1, device });
      using optimizer = new AdamW(model.parameters);
      const name = "lm_head.weight";
      const before = await model.parameter(name).data();
      const content = checkpointContent({ model, optimizer }, STATE);
      {
        using writer = new CheckpointWriter(folder, POLICY);
        assert.equal(await writer.finish(), undefined);
        await writer.begin(content);
        assert.equal(writer.isReady, false); // a thread is at it
        model.parameter(name).write(new Float32Array(before.length).fill(7));
        const written = await writer.finish();
        assert.equal(written?.path, join(folder, "step_00000003"));
        assert.equal(written.inPlace, undefined);
        assert.ok(written.pausedSeconds > 0);
        assert.equal(await writer.finish(), undefined); // told once
      }
      using again = await loadLlama(join(folder, "step_00000003"), { device });
      assert.deepEqual(await again.parameter(name).data(), before);
      const found = await loadNewestCheckpoint(folder, { model, optimizer });
      assert.deepEqual(found?.state, STATE);
      assert.deepEqual(await model.parameter(name).data(), before);
    }),
);

Deno.test("CheckpointWriter writes in place where memory is short", async () => {
  using device = await openDevice("cpu");
  using model = Llama.create(MODEL, { seed: 1, device });
  using optimizer = new AdamW(model.parameters);
  const content = checkpointContent({ model, optimizer }, STATE);
  const bytes = checkpointBytes(content);
  await inFolder(async (folder) => {
    const writerWith = (free: number) =>
      new CheckpointWriter(folder, POLICY, { freeBytes: () => free });
    using tight = writerWith(2 * bytes - 1);
    await tight.begin(content);
    assert.ok(tight.isReady);
    const { inPlace, path } = (await tight.finish())!;
    assert.match(inPlace!, /^a copy takes [\d.]+ KiB, [\d.]+ KiB of memory/);
    assert.ok(await exists(join(path, "optimizer.safetensors")));
    using wide = writerWith(2 * bytes);
    await wide.begin(content);
    assert.equal((await wide.finish())!.inPlace, undefined);
  });
});

Deno.test("CheckpointWriter leaves nothing of tensors that cannot be read", async () => {
  using device = await openDevice("cpu");
  using model = Llama.create(MODEL, { seed: 1, device });
  using optimizer = new AdamW(model.parameters);
  const content = checkpointContent({ model, optimizer }, STATE);
  const [file, tensors] = [...content.files][0]!;
  const lost = () => Promise.reject(new DeviceError("The GPU was lost"));
  const broken = tensors.with(-1, { ...tensors.at(-1)!, data: lost });
  const files = new Map([...content.files, [file, broken]]);
  await inFolder(async (folder) => {
    using writer = new CheckpointWriter(folder, POLICY);
    const begin = () => writer.begin({ ...content, files });
    await assertFails(begin, DeviceError, /^The GPU was lost$/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.equal(await writer.finish(), undefined);
    await writer.begin(content); // the thread goes on
    assert.ok(await exists((await writer.finish())!.path));
  });
});

Deno.test("planMemory() knows the bytes of a checkpoint", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const { model, config, batches } = runOf(device, { averageDecay: 0.9 });
    using _ = model;
    const { checkpointBytes } = await planMemory(MODEL, config, "cpu");
    const run = train({ model, config, batches, folder });
    for (let i = 0; i < 3; i++) await run.next();
    await run.return();
    const [path] = await listCheckpoints(join(folder, "checkpoints"));
    let written = 0;
    for (const name of ["model", "optimizer", "average"]) {
      const file = join(path!, `${name}.safetensors`);
      const head = new DataView((await Deno.readFile(file)).buffer);
      const { size } = await Deno.stat(file);
      written += size - 8 - Number(head.getBigUint64(0, true));
    }
    assert.equal(checkpointBytes, written);
  });
});

Deno.test("train() tells of each checkpoint once, in order, the last before it ends", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const options = runOf(device, { keepCheckpoints: 9 });
    using _ = options.model;
    const records = await Array.fromAsync(train({ ...options, folder }));
    const saved = records.filter(({ kind }) => kind === "checkpoint");
    assert.deepEqual(saved.map(({ step }) => step), [2, 4, 6, 8, 10]);
    assert.equal(records.at(-1), saved.at(-1));
    for (const record of saved) {
      assert.ok(record.kind === "checkpoint" && record.pausedSeconds! > 0);
      assert.ok(await exists(record.path));
    }
    // The log tells them behind their steps.
    const inOrder = records.toSorted((a, b) => a.step - b.step);
    assert.deepEqual(await readLog(join(folder, "log.jsonl")), inOrder);
    // Nothing of the writing is left.
    assert.deepEqual(
      namesIn(folder),
      saved.map(({ step }) => `step_${String(step).padStart(8, "0")}`),
    );
  });
});

Deno.test("readLog() drops steps that were told twice below a late checkpoint", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const lines = [
      { kind: "step", step: 1, gradientNorm: 1 },
      { kind: "step", step: 2, gradientNorm: 1 },
      { kind: "step", step: 3, gradientNorm: 1 },
      { kind: "evaluation", step: 3 },
      { kind: "checkpoint", step: 2, path: "step_2" }, // killed after this
      { kind: "resume", step: 2, path: "step_2", skipped: [] },
      { kind: "step", step: 3, gradientNorm: 2 },
      { kind: "checkpoint", step: 3, path: "step_3" },
    ];
    await Deno.writeTextFile(
      path,
      lines.map((l) => JSON.stringify(l) + "\n").join(""),
    );
    const log = await readLog(path);
    assert.deepEqual(log, lines.filter((_, i) => i !== 2 && i !== 3));
  }));

Deno.test("a run that is left early finishes its checkpoint and tells the log", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const options = runOf(device);
    using _ = options.model;
    for await (const { step } of train({ ...options, folder })) {
      if (step === 4) break;
    }
    const kept = await listCheckpoints(join(folder, "checkpoints"));
    const log = await readLog(join(folder, "log.jsonl"));
    const told = log.filter(({ kind }) => kind === "checkpoint");
    assert.deepEqual(
      told.map((record) => "path" in record && record.path),
      kept,
    );
    assert.ok(namesIn(folder).every((name) => name.startsWith("step_")));
  });
});

Deno.test("the stop button leaves a run that goes on to the bit", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const whole = runOf(device);
    using _whole = whole.model;
    const expected = lossesOf(await Array.fromAsync(train(whole)));
    const options = runOf(device);
    using _ = options.model;
    const records: TrainRecord[] = [];
    const cell = async () => {
      const run = train({
        ...options,
        folder,
        resume: true,
        signal: interrupted(),
      });
      for await (const record of run) {
        records.push(record);
        if (record.step === 5 && records.length < 9) interruptNow();
      }
    };
    await assertFails(cell, InterruptedError, /Stopped after step 5 of 10/);
    const last = records.at(-1)!;
    assert.ok(last.kind === "checkpoint" && last.step === 5);
    await cell(); // the same cell again, with the same model and batches
    assert.deepEqual(lossesOf(records), expected);
  });
});

Deno.test("train() ends when a checkpoint cannot be written, and leaves no part of it", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    // A file in place of the folder: as good as a disk without permission.
    await Deno.writeTextFile(join(folder, "checkpoints"), "");
    const writer = new CheckpointWriter(join(folder, "checkpoints"), POLICY);
    using model = Llama.create(MODEL, { seed: 1, device });
    using optimizer = new AdamW(model.parameters);
    await writer.begin(checkpointContent({ model, optimizer }, STATE));
    await assertFails(
      () => writer.finish(),
      DataError,
      /^Cannot write the checkpoint of step 3 to .*checkpoints: /,
    );
    assert.equal(await writer.finish(), undefined);
    // It can try again.
    await Deno.remove(join(folder, "checkpoints"));
    await writer.begin(checkpointContent({ model, optimizer }, STATE));
    assert.ok((await writer.finish())!.path.endsWith("step_00000003"));
    writer[Symbol.dispose]();
  });
});

/** Mounts a small disk there, where the system lets us. */
async function mountDisk(path: string, bytes: number): Promise<boolean> {
  await Deno.mkdir(path, { recursive: true });
  try {
    const { success } = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path],
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false; // no such program
  }
}

Deno.test("train() survives a full disk with the checkpoint before, to the bit", async (t) => {
  using device = await openDevice("cpu");
  const options = runOf(device);
  using _whole = options.model;
  const expected = lossesOf(await Array.fromAsync(train(options)));
  await inFolder(async (folder) => {
    const disk = join(folder, "checkpoints");
    if (!await mountDisk(disk, 1 << 20)) {
      await t.step({
        name: "no right to mount a disk: skipped",
        ignore: true,
        fn() {},
      });
      return;
    }
    try {
      const first = runOf(device);
      using _first = first.model;
      const ballast = join(disk, "ballast");
      const records: TrainRecord[] = [];
      await assertFails(
        async () => {
          for await (const record of train({ ...first, folder })) {
            records.push(record);
            if (record.kind !== "checkpoint") continue;
            await Deno.writeFile(ballast, new Uint8Array(1 << 20)).catch(
              () => {},
            );
          }
        },
        DataError,
        /^Cannot write the checkpoint of step \d+ to .*: No space left on device/,
      );
      const told = records.findLast(({ kind }) => kind === "checkpoint")!;
      assert.deepEqual(
        namesIn(folder).filter((name) => name !== "ballast"),
        ["step_00000002"],
      );
      assert.equal(told.step, 2);
      await Deno.remove(ballast);
      const second = runOf(device);
      using _second = second.model;
      const rest = await Array.fromAsync(
        train({ ...second, folder, resume: true }),
      );
      assert.deepEqual(lossesOf(rest), expected.slice(2));
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  });
});

/** A device that is lost when it is told so. */
function fragile(device: Device): { device: Device; lose: () => void } {
  let isLost = false;
  const proxy = new Proxy(device, {
    get(target, name) {
      if (isLost && (name === "run" || name === "read")) {
        return () => {
          throw new DeviceError("The GPU was lost");
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { device: proxy, lose: () => void (isLost = true) };
}

deviceTest(
  "train() names the newest checkpoint when the device is lost",
  (opened) =>
    inFolder(async (folder) => {
      const { device, lose } = fragile(opened);
      const options = runOf(device);
      using _ = options.model;
      const seen: TrainRecord[] = [];
      await assertFails(
        async () => {
          for await (const record of train({ ...options, folder })) {
            seen.push(record);
            if (record.kind === "step" && record.step === 4) lose();
          }
        },
        DeviceError,
        /^The GPU was lost; .*step_0000000[24] is whole, and a run can go on/,
      );
      const second = runOf(opened);
      using _second = second.model;
      const rest = await Array.fromAsync(
        train({ ...second, folder, resume: true }),
      );
      const at = rest[0]!.step;
      assert.ok(rest[0]!.kind === "resume" && (at === 2 || at === 4));
      const whole = runOf(opened);
      using _whole = whole.model;
      const expected = lossesOf(await Array.fromAsync(train(whole)));
      assert.deepEqual(lossesOf(rest), expected.slice(at));
      assert.deepEqual(lossesOf(seen), expected.slice(0, 4));
    }),
  ["cpu"], // tests/device/webgpu loses real ones
);
