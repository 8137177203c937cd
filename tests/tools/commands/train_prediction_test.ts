/** A prediction by a meter that is known, and beside it what happened. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  constantMeter,
  makeReading,
  statedIntensity,
  track,
} from "../../../lib/emissions/mod.ts";
import { openDevice } from "../../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../../lib/model/mod.ts";
import { TokenBatches } from "../../../lib/text/mod.ts";
import {
  resolveTrainConfig,
  type StepRecord,
  train,
  type TrainRecord,
} from "../../../lib/train/mod.ts";
import {
  compareRun,
  describePrediction,
  outcomeOf,
  predictRun,
  readPrediction,
  savePrediction,
} from "../../../tools/commands/train_prediction.ts";
import { RunFolder } from "../../../tools/commands/run_folder.ts";
import { assertClose } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";

const MODEL = llamaConfig("tiny-64", {
  numHiddenLayers: 1,
  vocabSize: 300,
  maxPositionEmbeddings: 32,
});
const TRAIN = resolveTrainConfig(
  { tokens: 40 * 64, batchSize: 2, contextLength: 32 },
  MODEL,
);

/** 100 W, as a sensor would tell. */
const meters = () => [
  constantMeter({ part: "machine", label: "measured", method: "100 W" }, 100),
];

Deno.test("predictRun() knows time, energy and memory of a run before it", () =>
  inFolder(async (folder) => {
    using device = await openDevice("cpu");
    using model = Llama.create(MODEL, { seed: 0, device });
    const tokens = Uint16Array.from({ length: 4000 }, (_, i) => i * 7 % 300);
    const { batchSize, contextLength } = TRAIN;
    const sizes = { batchSize, contextLength, vocabSize: 300 };
    const batches = new TokenBatches(tokens, { ...sizes, seed: 0 });
    const options = { project: "run", gramsPerKwh: 360, pue: 1.5 };
    const plan = { model: MODEL, train: TRAIN };
    const prediction = await predictRun({ model, batches, plan }, {
      ...options,
      meters: meters(),
    });
    const { seconds, energy, peakBytes } = prediction;
    assertClose(energy.energyJoules!, 150 * seconds, { rtol: 1e-9 });
    assertClose(energy.carbon!.grams, 150 * seconds / 1e4, { rtol: 1e-9 });

    await using tracker = await track({ ...options, meters: meters() });
    const log: TrainRecord[] = [];
    for await (const r of train({ model, batches, config: TRAIN })) {
      log.push(r);
    }
    const happened = outcomeOf(log, await tracker.stop());
    assert.ok(happened.joules! >= 150 * happened.seconds);
    // Counting and training allocate alike; buffers that were freed and not
    // yet given back may add to what happened.
    assertClose(happened.peakBytes!, peakBytes, { rtol: 0.1 });

    const said = describePrediction(prediction, TRAIN.steps);
    assert.match(said, /^prediction: .* Wh, .* CO2eq for 40 steps, /);
    assert.match(said, /\n +machine 100 W, measured: 100 W\n/);
    const table = compareRun(prediction, happened).split("\n");
    const names = table.map((line) => line.split(/ {2,}/)[0]);
    assert.deepEqual(names.toSpliced(1, 1), [
      "of all steps",
      "time",
      "energy",
      "memory, peak",
    ]);

    const run = new RunFolder(folder);
    assert.equal(await readPrediction(run), undefined);
    await savePrediction(run, prediction);
    const kept = (await readPrediction(run))!;
    assert.equal(compareRun(kept, happened), table.join("\n"));
    await Deno.writeTextFile(join(folder, "prediction.json"), "{");
    await assert.rejects(readPrediction(run), { name: "FormatError" });
  }));

Deno.test("outcomeOf() takes out what evaluations and checkpoints used", () => {
  const step = (
    step: number,
    tokensPerSecond: number,
    peakBytes: number,
  ): StepRecord => ({
    kind: "step",
    step,
    tokens: 100 * step,
    loss: 2,
    learningRate: 1e-3,
    gradientNorm: 1,
    seconds: 9,
    tokensPerSecond,
    peakBytes,
  });
  const reading = makeReading({
    project: "run",
    seconds: 20,
    parts: [{
      part: "cpu",
      label: "measured",
      method: "counter",
      joules: 500,
      seconds: 20,
      missed: 0,
    }],
    pue: 1,
    intensity: statedIntensity(100),
    notes: [],
  });
  const checkpoint = { kind: "checkpoint", step: 2, path: "" } as const;
  const log = [
    step(1, 50, 700),
    step(2, 25, 900),
    { ...checkpoint, ownJoules: 120 },
  ];
  // 100 tokens at 50 and 100 at 25 a second.
  assert.deepEqual(outcomeOf(log, reading), {
    seconds: 6,
    joules: 380,
    peakBytes: 900,
  });
  const unmetered = makeReading({ ...reading, parts: [] });
  const old = outcomeOf([step(1, 50, NaN), checkpoint], unmetered);
  assert.deepEqual(old, {
    seconds: 2,
    joules: undefined,
    peakBytes: undefined,
  });
});
