/**
 * Runs: they learn, tell what they do, stop, and go on as if nothing had
 * happened.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDevice } from "../../lib/device/mod.ts";
import { bitsPerByte, heldOutLoss } from "../../lib/eval/mod.ts";
import { Llama, loadLlama } from "../../lib/model/mod.ts";
import type { TokenBatches } from "../../lib/text/mod.ts";
import {
  describeTraining,
  listCheckpoints,
  measureStepSeconds,
  readLog,
  resolveTrainConfig,
  train,
  type TrainKnobs,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import {
  ConfigError,
  DataError,
  FormatError,
  InterruptedError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";
import { countingTokens, stepsOf, TINY_MODEL, tinyRun } from "./tiny_run.ts";

const TOKENS = countingTokens(4000, 1);
const HELD_OUT = countingTokens(600, 2);
const losses = (records: TrainRecord[]) => stepsOf(records).map((r) => r.loss);

deviceTest("train() learns, and its records tell how", async (device) => {
  const options = tinyRun(device, { tokens: 3200 });
  using model = options.model;
  let joules = 0;
  const records = await Array.fromAsync(
    train({
      ...options,
      heldOut: HELD_OUT,
      heldOutBytesPerToken: 2,
      energyJoules: () => joules += 2,
    }),
  );
  const all = stepsOf(records);
  assert.equal(all.length, 100);
  assert.deepEqual(all.map((r) => r.step), all.map((_, i) => i + 1));
  assert.equal(all.at(-1)!.tokens, 3200);
  assert.ok(all.every((r) => r.tokensPerSecond > 0 && r.gradientNorm > 0));
  assert.ok(all.at(-1)!.energyJoules! > 0);
  // Random logits cost ln 16 = 2.77; knowing the next number about 0.35.
  assertClose(all[0]!.loss, Math.log(16), { atol: 0.1 });
  const evaluations = records.filter((r) => r.kind === "evaluation");
  assert.equal(evaluations.length, 10);
  const { loss, bitsPerByte } = evaluations.at(-1)!;
  assert.ok(loss < 1, `${loss}`);
  assertClose(bitsPerByte!, loss / 2 / Math.LN2, { rtol: 1e-12 });
  assert.equal(model.parameters.get("model.norm.weight")!.grad, undefined);
});

deviceTest("accumulation adds up to the larger batch", async (device) => {
  const results: number[][] = [];
  for (const knobs of [{ batchSize: 4 }, { batchSize: 2, accumulation: 2 }]) {
    const { model, config } = tinyRun(device, { ...knobs, tokens: 160 });
    using _model = model;
    // The same sequences in the same order for both.
    let position = 0;
    const batches = {
      next() {
        const B = config.batchSize;
        const T = config.contextLength;
        const at = position;
        position += B * T;
        return {
          inputs: Int32Array.from(TOKENS.subarray(at, at + B * T)),
          targets: Int32Array.from(TOKENS.subarray(at + 1, at + 1 + B * T)),
          B,
          T,
        };
      },
    } as unknown as TokenBatches;
    const records = await Array.fromAsync(train({ model, batches, config }));
    results.push(losses(records));
  }
  assertClose(results[1]!, results[0]!, { rtol: 1e-4, name: "loss" });
});

Deno.test("a run that was stopped goes on to the bit", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const whole = tinyRun(device);
    using _whole = whole.model;
    const expected = losses(await Array.fromAsync(train(whole)));

    const stop = new AbortController();
    const first = tinyRun(device);
    using _first = first.model;
    const seen: TrainRecord[] = [];
    await assertFails(
      async () => {
        for await (
          const record of train({ ...first, folder, signal: stop.signal })
        ) {
          seen.push(record);
          if (record.kind === "step" && record.step === 17) stop.abort();
        }
      },
      InterruptedError,
      /Stopped after step 17 of 50/,
    );
    assert.equal(seen.at(-1)!.kind, "checkpoint");

    const second = tinyRun(device, { seed: 0 });
    using _second = second.model;
    const rest = await Array.fromAsync(
      train({ ...second, folder, resume: true }),
    );
    assert.equal(stepsOf(rest)[0]!.step, 18);
    assert.deepEqual([...losses(seen), ...losses(rest)], expected);
    const log = await readLog(join(folder, "log.jsonl"));
    assert.deepEqual(losses(log), expected);
    const times = stepsOf(log).map((r) => r.seconds);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    // Two checkpoints are kept, and the last is a model others can load.
    const kept = await listCheckpoints(join(folder, "checkpoints"));
    assert.deepEqual(kept.map((path) => path.slice(-8)), [
      "00000040",
      "00000050",
    ]);
    using loaded = await loadLlama(kept[1]!, { device });
    const name = "lm_head.weight";
    assert.deepEqual(
      await loaded.parameter(name).data(),
      await second.model.parameter(name).data(),
    );
  });
});

Deno.test("a killed run goes on from its last checkpoint", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const first = tinyRun(device);
    using _first = first.model;
    const run = train({ ...first, folder });
    const seen: TrainRecord[] = [];
    for (let i = 0; i < 25; i++) seen.push((await run.next()).value!);
    await run.return(); // no checkpoint: as if the process had been killed
    // Rests of a checkpoint that was being written must not be in the way.
    await Deno.mkdir(join(folder, "checkpoints", "step_00000030.tmp"));
    const second = tinyRun(device);
    using _second = second.model;
    const rest = await Array.fromAsync(
      train({ ...second, folder, resume: true }),
    );
    assert.equal(stepsOf(rest)[0]!.step, 21);
    const log = await readLog(join(folder, "log.jsonl"));
    assert.deepEqual(
      stepsOf(log).map((r) => r.step),
      [
        ...Array(50).keys(),
      ].map((i) => i + 1),
    );
    const again = losses(seen).slice(20);
    assert.deepEqual(losses(rest).slice(0, again.length), again);
  });
});

Deno.test("train() refuses another run's folder and damaged checkpoints", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const first = tinyRun(device, { tokens: 160 });
    using _first = first.model;
    await Array.fromAsync(train({ ...first, folder }));
    const second = tinyRun(device, { tokens: 320 });
    using _second = second.model;
    const start = (resume: boolean) => () =>
      Array.fromAsync(train({ ...second, folder, resume }));
    await assertFails(start(false), DataError, /holds a run up to .*resume it/);
    const all = await listCheckpoints(join(folder, "checkpoints"));
    const files = all.map((path) => join(path, "optimizer.safetensors"));
    for (const path of files) {
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, bytes.length - 7));
    }
    await assertFails(start(true), FormatError, /it was cut short/);
    for (const path of files) await Deno.remove(path);
    await assertFails(start(true), DataError, /no file .*step_00000005.*optim/);
    await Deno.writeTextFile(join(all[1]!, "state.json"), '{"step": 5}');
    await assertFails(start(true), FormatError, /wanted step, position and/);
  });
});

Deno.test("train() goes back past a damaged checkpoint and says so", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const knobs = { tokens: 320, checkpointEvery: 2, keepCheckpoints: 2 };
    const whole = tinyRun(device, knobs);
    using _whole = whole.model;
    const expected = losses(await Array.fromAsync(train({ ...whole, folder })));
    const [before, newest] = await listCheckpoints(join(folder, "checkpoints"));
    const weights = join(newest!, "model.safetensors");
    await Deno.truncate(weights, 1000);
    const second = tinyRun(device, knobs);
    using _second = second.model;
    const rest = await Array.fromAsync(
      train({ ...second, folder, resume: true }),
    );
    const [resumed] = rest;
    assert.ok(resumed?.kind === "resume");
    assert.deepEqual([resumed.step, resumed.path], [8, before]);
    assert.equal(resumed.skipped.length, 1);
    assert.equal(resumed.skipped[0]!.path, newest);
    assert.match(resumed.skipped[0]!.reason, /cut short/);
    assert.deepEqual(losses(rest), expected.slice(8));
    const log = await readLog(join(folder, "log.jsonl"));
    assert.deepEqual(losses(log), expected);
  });
});

Deno.test("train() keeps checkpoints of every so many steps beside the newest", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const knobs = { checkpointEvery: 2, keepCheckpoints: 1, keepEvery: 20 };
    const options = tinyRun(device, knobs);
    using _ = options.model;
    await Array.fromAsync(train({ ...options, folder }));
    const kept = await listCheckpoints(join(folder, "checkpoints"));
    assert.deepEqual(kept.map((path) => Number(path.slice(-8))), [20, 40, 50]);
  });
});

Deno.test("train() shows samples on the way", async () => {
  using device = await openDevice("cpu");
  const options = tinyRun(device, { sampleEvery: 20 });
  using _ = options.model;
  const sampler = (step: number) => Promise.resolve([`text of ${step}`]);
  const records = await Array.fromAsync(train({ ...options, sampler }));
  const samples = records.filter((record) => record.kind === "sample");
  assert.deepEqual(
    samples.map(({ step, texts }) => [step, ...texts]),
    [20, 40, 50].map((step) => [step, `text of ${step}`]),
  );
});

deviceTest("measureStepSeconds() changes nothing", async (device) => {
  const options = tinyRun(device, { accumulation: 3 });
  using model = options.model;
  const { batches, config } = options;
  batches.position = 2;
  const name = "model.layers.0.mlp.up_proj.weight";
  const before = await model.parameter(name).data();
  const { liveBytes } = device.memory();
  const seconds = await measureStepSeconds(model, batches, config);
  assert.ok(seconds > 0 && seconds < 60);
  assert.equal(batches.position, 2);
  assert.deepEqual(await model.parameter(name).data(), before);
  assert.equal(device.memory().liveBytes, liveBytes);
});

Deno.test("train() stops when the loss is not a number", async () => {
  using device = await openDevice("cpu");
  const options = tinyRun(device, { clip: 1e30 });
  using model = options.model;
  model.parameter("model.norm.weight").write(new Float32Array(16).fill(NaN));
  await assertFails(
    () => Array.fromAsync(train(options)),
    DataError,
    /the loss of step 1 is NaN, with a learning rate of 0\.01/,
  );
});

Deno.test("train() writes settings that JSON has no number for", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const options = tinyRun(device, { tokens: 32, clip: Infinity });
    using _model = options.model;
    await Array.fromAsync(train({ ...options, folder }));
    const text = await Deno.readTextFile(join(folder, "config.json"));
    assert.equal(JSON.parse(text).train.clip, "Infinity");
  });
});

Deno.test("train() leaves no memory behind", async () => {
  using device = await openDevice("cpu");
  const options = tinyRun(device);
  const run = train({ ...options, heldOut: HELD_OUT });
  for (let i = 0; i < 3; i++) await run.next();
  const { liveBytes } = device.memory();
  for (let i = 0; i < 30; i++) await run.next();
  assert.equal(device.memory().liveBytes, liveBytes);
  await Array.fromAsync(run);
  options.model.dispose();
  assert.equal(device.memory().liveBuffers, 0);
});

Deno.test("resolveTrainConfig() derives the rest and says so", async () => {
  const config = resolveTrainConfig({ tokens: 100_000 }, TINY_MODEL);
  assert.equal(config.tokensPerStep, 64);
  assert.equal(config.steps, 1563);
  assert.equal(config.warmupSteps, 32);
  assert.equal(config.evaluateEvery, 156);
  const lines = (await describeTraining(config, TINY_MODEL)).join("\n");
  assert.match(lines, /100k tokens in 1563 steps of 1 x 8 x 8/);
  // 0.1 x 0.003 is 0.00030000000000000003 in binary.
  assert.match(lines, /0\.003 after 32 steps, cosine down to 0\.0003$/m);
  const fails = (knobs: Partial<TrainKnobs>, text: RegExp) =>
    assertFails(
      () => resolveTrainConfig({ tokens: 100, ...knobs }, TINY_MODEL),
      ConfigError,
      text,
    );
  await fails({ tokens: 0 }, /tokens 0: wanted a whole number/);
  await fails({ batchSize: 1.5 }, /batchSize 1\.5/);
  await fails({ learningRate: 0 }, /learningRate 0: wanted a positive/);
  await fails({ warmupSteps: 99 }, /warmupSteps 99: wanted 0\.\.2 steps/);
  await fails(
    { contextLength: 9 },
    /contextLength 9: the model's context holds 8/,
  );
});

deviceTest("heldOutLoss() weighs every token the same", async (device) => {
  using model = Llama.create(TINY_MODEL, { seed: 3, device });
  const options = { contextLength: 8 };
  const all = await heldOutLoss(model, HELD_OUT, { ...options, batchSize: 7 });
  assert.equal(all.tokens, 592); // 74 whole sequences of 599 tokens
  const one = await heldOutLoss(model, HELD_OUT, { ...options, batchSize: 1 });
  assertClose(all.loss, one.loss, { rtol: 1e-5 });
  assertClose(all.perplexity, Math.exp(all.loss), { rtol: 1e-12 });
  const few = await heldOutLoss(model, HELD_OUT, {
    ...options,
    batchSize: 4,
    maxTokens: 50,
  });
  assert.equal(few.tokens, 48);
  await assertFails(
    () =>
      heldOutLoss(model, HELD_OUT.slice(0, 8), { ...options, batchSize: 1 }),
    DataError,
    /8 tokens: one sequence takes 9/,
  );
  assertClose(bitsPerByte(Math.log(2), 4), 0.25, { atol: 1e-12 });
});
