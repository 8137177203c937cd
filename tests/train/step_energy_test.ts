/** Logs made by hand, and one that a training has written. */
import assert from "node:assert/strict";
import { openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import {
  energyOfSteps,
  resolveTrainConfig,
  type StepRecord,
  train,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

/** A step of 10 tokens that took so long. */
function step(
  number: number,
  { seconds, energyJoules }: { seconds: number; energyJoules?: number },
): StepRecord {
  return {
    kind: "step",
    step: number,
    tokens: 10 * number,
    loss: 1,
    learningRate: 1e-3,
    gradientNorm: 1,
    seconds: 0,
    tokensPerSecond: 10 / seconds,
    ...(energyJoules === undefined ? {} : { energyJoules }),
  };
}

const evaluation = (ownJoules?: number): TrainRecord => ({
  kind: "evaluation",
  step: 0,
  tokens: 0,
  loss: 1,
  perplexity: 2,
  evaluatedTokens: 10,
  seconds: 0,
  ...(ownJoules === undefined ? {} : { ownJoules }),
});

const rounding = { rtol: 1e-12 };

Deno.test("energyOfSteps() shares a reading out by the time of the steps", () => {
  const rows = energyOfSteps([
    step(1, { seconds: 9, energyJoules: 50 }), // its own is not known
    step(2, { seconds: 1, energyJoules: 50 }),
    step(3, { seconds: 3, energyJoules: 50 }),
    step(4, { seconds: 1, energyJoules: 150 }),
    step(5, { seconds: 1, energyJoules: 180 }),
    step(6, { seconds: 1, energyJoules: 180 }), // not read yet
  ]);
  assert.deepEqual(rows.map((row) => row.step), [2, 3, 4, 5]);
  assertClose(rows.map(({ joules }) => joules), [20, 60, 20, 30], rounding);
});

Deno.test("energyOfSteps() takes out what evaluations used by themselves", () => {
  const rows = energyOfSteps([
    step(1, { seconds: 1, energyJoules: 0 }),
    step(2, { seconds: 1, energyJoules: 0 }),
    evaluation(40),
    step(3, { seconds: 1, energyJoules: 100 }),
    evaluation(), // does not tell: shared
    step(4, { seconds: 1, energyJoules: 150 }),
  ]);
  assertClose(rows.map(({ joules }) => joules), [30, 30, 50], rounding);
});

Deno.test("energyOfSteps() gives nothing where nothing was metered", () => {
  assert.deepEqual(energyOfSteps([step(1, { seconds: 1 })]), []);
  assert.deepEqual(energyOfSteps([]), []);
});

Deno.test("train() tells what each evaluation and checkpoint used", () =>
  inFolder(async (folder) => {
    using device = await openDevice("cpu");
    const shape = llamaConfig("tiny-64", {
      vocabSize: 16,
      hiddenSize: 16,
      intermediateSize: 32,
      numHiddenLayers: 1,
      maxPositionEmbeddings: 8,
    });
    const config = resolveTrainConfig({
      tokens: 8 * 8 * 4,
      batchSize: 8,
      evaluateEvery: 2,
      checkpointEvery: 2,
      evaluationTokens: 64,
    }, shape);
    const tokens = Uint16Array.from({ length: 500 }, (_, i) => i % 16);
    using model = Llama.create(shape, { seed: 0, device });
    const batches = new TokenBatches(tokens, {
      batchSize: 8,
      contextLength: 8,
      vocabSize: 16,
      seed: 0,
    });
    let joules = 0;
    const records = await Array.fromAsync(train({
      model,
      batches,
      config,
      folder,
      heldOut: tokens,
      energyJoules: () => joules += 1, // each step one
      sampleEnergyJoules: () => Promise.resolve(joules += 10),
    }));
    records.sort((a, b) => a.step - b.step); // checkpoints are told late
    const own = records.flatMap((record) =>
      "ownJoules" in record ? [[record.kind, record.ownJoules]] : []
    );
    assert.deepEqual(own, [
      ["evaluation", 10],
      ["checkpoint", 11], // its state asks once more
      ["evaluation", 10],
      ["checkpoint", 11],
    ]);
    const steps = energyOfSteps(records);
    // Samples before an evaluation and a checkpoint count for the steps.
    assertClose(steps.map((row) => row.joules), [1, 21, 1], rounding);
  }));
