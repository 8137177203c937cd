/**
 * What a run can be told beside sizes: its optimizer, its loss, an average of
 * the weights, and when it has diverged.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { heldOutLoss } from "../../lib/eval/mod.ts";
import { countParameters, trainingFlopsPerToken } from "../../lib/model/mod.ts";
import { noGrad, scoped, tensor } from "../../lib/tensor/mod.ts";
import {
  describeTraining,
  listCheckpoints,
  measureStepSeconds,
  resolveTrainConfig,
  train,
  type TrainKnobs,
  type TrainOptions,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { inFolder } from "../support/in_folder.ts";
import { countingTokens, TINY_MODEL, tinyRun } from "./tiny_run.ts";

const TOKENS = countingTokens(4000, 1);
const HELD_OUT = TOKENS.slice(3400);

/** A fresh run of 30 steps; the model is disposed by the caller. */
const runOf = (device: Device, knobs: Partial<TrainKnobs>): TrainOptions => ({
  ...tinyRun(device, { tokens: 960, ...knobs }, TOKENS.subarray(0, 3400)),
  heldOut: HELD_OUT,
});

const lossesOf = (records: readonly TrainRecord[]) =>
  records.flatMap((r) =>
    r.kind === "step" || r.kind === "evaluation" ? [r.loss] : []
  );
const evaluationsOf = (records: readonly TrainRecord[]) =>
  records.filter((record) => record.kind === "evaluation");

deviceTest("train() records what it computes and holds", async (device) => {
  const options = runOf(device, { tokens: 32 });
  using model = options.model;
  const [step] = await Array.fromAsync(
    train({ ...options, peakFlopsPerSecond: 1e12 }),
  );
  assert.ok(step?.kind === "step");
  assertClose(step.utilization!, step.flopsPerSecond! / 1e12, { rtol: 1e-12 });
  const flops = trainingFlopsPerToken(TINY_MODEL, 8);
  assertClose(step.flopsPerSecond!, step.tokensPerSecond * flops, {
    rtol: 1e-12,
  });
  // Weights, gradients and two moments at the least.
  const weights = countParameters(model.config).total * 4;
  assert.ok(step.peakBytes! > 4 * weights, `${step.peakBytes}`);
});

deviceTest("train() learns with Muon", async (device) => {
  const options = runOf(device, { optimizer: "muon", tokens: 1920 });
  using model = options.model;
  const records = await Array.fromAsync(train(options));
  // Chance is ln 16 = 2.77; knowing the next number about 0.35.
  assert.ok(evaluationsOf(records).at(-1)!.loss < 1);
  assert.equal(model.parameter("lm_head.weight").grad, undefined);
});

Deno.test("a killed run of Muon with an average goes on to the bit", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const knobs = {
      optimizer: "muon",
      averageDecay: 0.9,
      evaluateEvery: 5,
      checkpointEvery: 6,
    } as const;
    const whole = runOf(device, knobs);
    using first = whole.model;
    const expected = await Array.fromAsync(train(whole));

    const killed = runOf(device, knobs);
    using _killed = killed.model;
    const run = train({ ...killed, folder });
    for (let i = 0; i < 18; i++) await run.next();
    await run.return();

    const resumed = runOf(device, { ...knobs });
    using second = resumed.model;
    const rest = await Array.fromAsync(
      train({ ...resumed, folder, resume: true }),
    );
    const [resumption] = rest;
    assert.ok(resumption?.kind === "resume" && resumption.step === 12);
    const wanted = expected.filter(({ step }) => step > 12);
    assert.deepEqual(lossesOf(rest), lossesOf(wanted));
    for (const [name, parameter] of first.parameters) {
      const again = await second.parameter(name).data();
      assert.deepEqual(again, await parameter.data(), name);
    }
  });
});

deviceTest(
  "train() evaluates and leaves the average of the weights",
  async (device) => {
    await inFolder(async (folder) => {
      const plain = runOf(device, {});
      const options = runOf(device, { averageDecay: 0.9 });
      using _plain = plain.model;
      using model = options.model;
      const without = await Array.fromAsync(train(plain));
      const records = await Array.fromAsync(train({ ...options, folder }));
      const steps = (all: TrainRecord[]) =>
        lossesOf(all.filter(({ kind }) => kind === "step"));
      // Averaging changes nothing about the training itself.
      assert.deepEqual(steps(records), steps(without));
      const last = evaluationsOf(records).at(-1)!.loss;
      assert.notEqual(last, evaluationsOf(without).at(-1)!.loss);
      const { loss } = await heldOutLoss(model, HELD_OUT, {
        batchSize: 4,
        contextLength: 8,
      });
      assertClose(loss, last, { rtol: 1e-6 });
      // Checkpoints hold both.
      const all = await listCheckpoints(join(folder, "checkpoints"));
      const again = runOf(device, { averageDecay: 0.9 });
      using resumed = again.model;
      await Array.fromAsync(train({ ...again, folder, resume: true }));
      const name = "lm_head.weight";
      assert.deepEqual(
        await resumed.parameter(name).data(),
        await model.parameter(name).data(),
      );
      for (const path of all) {
        await Deno.remove(join(path, "average.safetensors"));
      }
      const third = runOf(device, { averageDecay: 0.9 });
      using _third = third.model;
      await assertFails(
        () => Array.fromAsync(train({ ...third, folder, resume: true })),
        DataError,
        /no file .*average\.safetensors/,
      );
    });
  },
  ["cpu"], // WeightAverage has its tests on both
);

deviceTest(
  "train() takes smoothing and z-loss into its loss alone",
  async (device) => {
    const numbers = { labelSmoothing: 0.1, zLoss: 0.01 };
    const { model, batches, config, heldOut } = runOf(device, numbers);
    using _ = model;
    const { inputs, targets, B, T } = batches.at(0);
    const lossOf = (numbers: object) =>
      scoped(() =>
        noGrad(() => {
          const of = (ids: Int32Array<ArrayBuffer>) =>
            tensor(ids, { shape: [B, T], device });
          return model.loss(of(inputs), of(targets), numbers).item();
        })
      );
    const [plain, wanted] = [await lossOf({}), await lossOf(numbers)];
    assert.ok(wanted > plain + 0.05);
    const run = train({ model, batches, config, heldOut: heldOut! });
    const first = await run.next();
    await run.return();
    assert.ok(first.value?.kind === "step");
    assertClose(first.value.loss, wanted, { rtol: 1e-6 });
  },
);

Deno.test("train() ends a run that diverges and keeps its batches", async () => {
  using device = await openDevice("cpu");
  await inFolder(async (folder) => {
    const options = runOf(device, {
      learningRate: 50,
      clip: Infinity,
      warmupSteps: 2,
      accumulation: 2,
    });
    using _ = options.model;
    const steps: TrainRecord[] = [];
    await assertFails(
      async () => {
        for await (const r of train({ ...options, folder })) steps.push(r);
      },
      DataError,
      /the loss of step \d+ is .*learning rate of 50; .*diverged\.json.*lower rate/,
    );
    const text = await Deno.readTextFile(join(folder, "diverged.json"));
    const { step, loss, batches } = JSON.parse(text);
    assert.equal(step, steps.filter(({ kind }) => kind === "step").length + 1);
    assert.ok(loss > Math.log(16) + 2, `${loss}`);
    assert.equal(batches.length, 2);
    const { inputs, targets } = options.batches.at(2 * (step - 1) + 1);
    assert.deepEqual(batches[1].inputs, [...inputs]);
    assert.deepEqual(batches[1].targets, [...targets]);
    // The same run goes on where nobody watches.
    const free = runOf(device, {
      learningRate: 50,
      clip: Infinity,
      warmupSteps: 2,
      divergenceMargin: Infinity,
      tokens: 320,
    });
    using _free = free.model;
    const records = await Array.fromAsync(train(free));
    assert.ok(Math.max(...lossesOf(records)) > Math.log(16) + 2);
  });
});

deviceTest("measureStepSeconds() of Muon changes nothing", async (device) => {
  const { model, batches, config } = runOf(device, { optimizer: "muon" });
  using _ = model;
  const name = "model.layers.0.mlp.up_proj.weight";
  const before = await model.parameter(name).data();
  assert.ok(await measureStepSeconds(model, batches, config) > 0);
  assert.deepEqual(await model.parameter(name).data(), before);
});

Deno.test("resolveTrainConfig() names a wrong option of a run", async () => {
  const fails = (knobs: object, text: RegExp) =>
    assertFails(
      () => resolveTrainConfig({ tokens: 100, ...knobs }, TINY_MODEL),
      ConfigError,
      text,
    );
  await fails({ optimizer: "sgd" }, /optimizer sgd: wanted adamw, muon/);
  await fails({ momentum: 1 }, /momentum 1: wanted 0 up to 1/);
  await fails({ averageDecay: -1 }, /averageDecay -1/);
  await fails({ labelSmoothing: 1 }, /labelSmoothing 1/);
  await fails({ zLoss: -1 }, /zLoss -1: wanted at least 0/);
  await fails({ divergenceMargin: 0 }, /divergenceMargin 0: wanted a positive/);
  const knobs = { tokens: 100, optimizer: "muon", averageDecay: 0.99 } as const;
  const config = resolveTrainConfig(knobs, TINY_MODEL);
  const lines = (await describeTraining(config, TINY_MODEL)).join("\n");
  assert.match(
    lines,
    /^optimizer: Muon .*, decay 0\.1; .*average, decay 0\.99/m,
  );
});

Deno.test("train() ends a run whose gradients are no numbers", async () => {
  using device = await openDevice("cpu");
  const options = runOf(device, {});
  using model = options.model;
  // The logits lie within reach of single precision, their squares do not.
  model.parameter("model.norm.weight").write(new Float32Array(16).fill(1e30));
  await assertFails(
    () =>
      Array.fromAsync(
        train({
          ...options,
          config: { ...options.config, divergenceMargin: Infinity },
        }),
      ),
    DataError,
    /the norm of the gradients of step 1 is (NaN|Infinity), .*checkNumbers/,
  );
});
