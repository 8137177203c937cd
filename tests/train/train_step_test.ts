/**
 * Steps that a device replays against the same steps launched one by one, and
 * runs whose device is a step ahead against runs where it waits.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { checkNumbers } from "../../lib/kernels/mod.ts";
import { Llama } from "../../lib/model/mod.ts";
import { PackedTokens, type TokenBatch } from "../../lib/text/mod.ts";
import {
  readLog,
  train,
  type TrainKnobs,
  type TrainOptions,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { trainOptimizer } from "../../lib/train/train_optimizer.ts";
import { TrainStep } from "../../lib/train/train_step.ts";
import { DataError, InterruptedError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";
import { stepsOf, TINY_MODEL, tinyRun } from "./tiny_run.ts";

const WEBGPU = ["webgpu"] as const;
const TOKENS = (() => {
  const random = new Random(1, "tokens");
  const tokens = Uint16Array.from({ length: 4000 }, () => random.int(16));
  const starts = Int32Array.from({ length: 400 }, (_, i) => 10 * i);
  return new PackedTokens(tokens, starts, 16);
})();

/** A fresh run of twenty steps; the model is disposed by the caller. */
const runOf = (device: Device, knobs: Partial<TrainKnobs> = {}) =>
  tinyRun(device, { tokens: 640, ...knobs }, TOKENS);

/** What must be the same, however the steps were given. */
const numbersOf = (records: readonly TrainRecord[]): unknown[][] =>
  records.flatMap<unknown[]>((r) =>
    r.kind === "step"
      ? [[r.step, r.loss, r.learningRate, r.gradientNorm, r.lossScale]]
      : r.kind === "evaluation"
      ? [["evaluation", r.step, r.loss]]
      : []
  );

/** Numbers of a run, and the weights it leaves. */
async function outcomeOf(
  device: Device,
  knobs: Partial<TrainKnobs>,
  options: Partial<TrainOptions> = {},
) {
  const run = { ...runOf(device, knobs), ...options };
  using model = run.model;
  const records = await Array.fromAsync(train(run));
  const weights = await Promise.all(
    model.parameters.values().map((x) => x.data()),
  );
  return { numbers: numbersOf(records), weights };
}

const KINDS: Record<string, Partial<TrainKnobs>> = {
  AdamW: { clip: 0.1, weightDecay: 0.1 },
  "Muon with an average": { optimizer: "muon", averageDecay: 0.9 },
  "micro-steps with documents": {
    ...{ batchSize: 2, accumulation: 2, maskDocuments: true, zLoss: 1e-3 },
    gradientCheckpointing: true,
  },
  float16: { precision: "float16", averageDecay: 0.9 },
};

for (const [name, knobs] of Object.entries(KINDS)) {
  deviceTest(`a replayed step is the step: ${name}`, async (device) => {
    // One that looks at every number has nothing written down.
    using other = checkNumbers(device);
    assert.equal(other.record, undefined);
    const launched = await outcomeOf(other, knobs);
    assert.equal(launched.numbers.length, 20);
    assert.deepEqual(await outcomeOf(device, knobs), launched);
  }, WEBGPU);
}

deviceTest("TrainStep replays from its fourth step on", async (device) => {
  const { model, config, batches } = runOf(device);
  using _model = model;
  using optimizer = trainOptimizer(model, config);
  using work = new TrainStep({ model, config, optimizer });
  const give = async (batch: TokenBatch) => {
    const at = { step: 1, learningRate: 1e-3 };
    return (await (await work.give([batch], at)).report).loss;
  };
  const seen: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    seen.push(work.isRecorded);
    await give(batches.next());
  }
  assert.deepEqual(seen, [false, false, false, true]);
  work.release();
  assert.ok(!work.isRecorded);
  await give(batches.next());
  assert.ok(work.isRecorded, "recorded again");
  // Another shape is another step.
  const ids = new Int32Array(6).fill(3);
  await give({ inputs: ids, targets: ids, B: 1, T: 6 });
  assert.ok(work.isRecorded);
  // Tokens that the model does not have are told of, replay or not.
  const wrong = { inputs: ids, targets: ids.map(() => 16), B: 1, T: 6 };
  await assertFails(() => give(wrong), DataError, /targets 16\.\.16/);
  assert.equal(model.parameters.values().next().value!.grad, undefined);
}, WEBGPU);

deviceTest(
  "TrainStep replays no subclass unless it is told",
  async (device) => {
    class Noisy extends Llama {}
    for (const replays of [undefined, true]) {
      const { config, batches, model: plain } = runOf(device);
      plain.dispose();
      using model = Noisy.create(TINY_MODEL, { seed: 0, device });
      assert.ok(model instanceof Noisy);
      using optimizer = trainOptimizer(model, config);
      using work = new TrainStep({ model, config, optimizer, replays });
      for (let step = 1; step <= 4; step++) {
        const at = { step, learningRate: 1e-3 };
        await (await work.give([batches.next()], at)).report;
      }
      assert.equal(work.isRecorded, replays ?? false);
      assert.ok(work.isWarm);
    }
  },
  WEBGPU,
);

deviceTest("train() a step ahead learns the same", async (device) => {
  const heldOut = TOKENS.subarray(0, 200) as Uint16Array;
  const knobs = { evaluateEvery: 5, averageDecay: 0.9 };
  const waiting = await outcomeOf(device, knobs, { heldOut, ahead: false });
  const ahead = await outcomeOf(device, knobs, { heldOut, ahead: true });
  assert.equal(waiting.numbers.length, 24);
  assert.deepEqual(ahead, waiting);
}, WEBGPU);

deviceTest(
  "train() gives a step before the last one is read",
  async (device) => {
    for (const ahead of [false, true]) {
      const run = runOf(device, { evaluateEvery: 8 });
      using _ = run.model;
      const heldOut = TOKENS.subarray(0, 40) as Uint16Array;
      const taken: number[] = [];
      for await (const record of train({ ...run, heldOut, ahead })) {
        if (record.kind !== "step") continue;
        taken.push(run.batches.position - record.step);
      }
      // Three steps until one is recorded, none before something looks at the
      // weights, and after that a recording has to be made again.
      const wanted = taken.map((_, i) =>
        Number(ahead && i >= 2 && i < 19 && (i + 1) % 8 !== 0)
      );
      assert.deepEqual(taken, wanted);
    }
  },
  WEBGPU,
);

deviceTest(
  "train() a step ahead stops and goes on to the bit",
  async (device) => {
    const knobs = { checkpointEvery: 50 };
    const expected = await outcomeOf(device, knobs);
    await inFolder(async (folder) => {
      const stop = new AbortController();
      const first = runOf(device, knobs);
      using _first = first.model;
      await assertFails(
        async () => {
          const { signal } = stop;
          for await (
            const record of train({ ...first, folder, signal, ahead: true })
          ) {
            if (record.kind === "step" && record.step === 7) stop.abort();
          }
        },
        InterruptedError,
        /Stopped after step 8 of 20/, // the one that was under way
      );
      const second = runOf(device, knobs);
      using _second = second.model;
      const rest = train({ ...second, folder, resume: true, ahead: true });
      const records = await Array.fromAsync(rest);
      assert.equal(stepsOf(records)[0]!.step, 9);
      const log = await readLog(join(folder, "log.jsonl"));
      assert.deepEqual(numbersOf(log), expected.numbers);
    });
  },
  WEBGPU,
);

deviceTest("train() a step ahead may be left at any step", async (device) => {
  const { liveBuffers } = device.memory();
  for (const steps of [1, 3, 4, 6]) {
    const run = runOf(device);
    using _ = run.model;
    for await (const record of train({ ...run, ahead: true })) {
      if (record.kind === "step" && record.step === steps) break;
    }
  }
  assert.equal(device.memory().liveBuffers, liveBuffers);
}, WEBGPU);

deviceTest("a run that diverges changes no weight by NaN", async (device) => {
  for (const ahead of [false, true]) {
    const run = runOf(device);
    using model = run.model;
    const weight = model.parameter("model.norm.weight");
    await assertFails(
      async () => {
        for await (const record of train({ ...run, ahead })) {
          if (record.kind !== "step" || record.step !== 5) continue;
          weight.write(new Float32Array(16).fill(NaN));
        }
      },
      DataError,
      // The sixth step was given before the weight was spoiled.
      ahead ? /loss of step 7 is NaN/ : /loss of step 6 is NaN/,
    );
    for (const [name, x] of model.parameters) {
      if (x === weight) continue;
      assert.ok((await x.data()).every(Number.isFinite), name);
    }
  }
}, WEBGPU);

Deno.test("the CPU records nothing and is never ahead", async () => {
  using device = await openDevice("cpu");
  const run = runOf(device);
  using _ = run.model;
  for await (const record of train({ ...run, ahead: true })) {
    if (record.kind !== "step") continue;
    assert.equal(run.batches.position, record.step);
  }
});
