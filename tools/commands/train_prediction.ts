/**
 * What a run will take, before it starts, and what it took beside that: time
 * and energy of its steps, and the most memory on the device. Evaluations,
 * samples and checkpoints are apart in both.
 *
 * @module
 */
import { join } from "node:path";
import {
  energyAtPower,
  type EnergyReading,
  exists,
  formatBytes,
  formatDuration,
  formatEnergy,
  type Llama,
  type MachinePower,
  measureStepSeconds,
  meterPower,
  planMemory,
  readJson,
  type StepRecord,
  type TokenBatches,
  type TrackOptions,
  type TrainRecord,
  writeJson,
} from "../../lib/mod.ts";
import {
  comparisonTable,
  powerLines,
  predictedEnergy,
  predictionLines,
} from "./prediction.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrainPlan } from "./train_plan.ts";
import { trainingRate } from "./train_summary.ts";

/** What a run will take; kept in its folder as `prediction.json`. */
export interface RunPrediction {
  /** Of all steps. */
  readonly seconds: number;
  /** Energy and carbon of all steps, with the method of each part. */
  readonly energy: EnergyReading;
  /** Most bytes on the device. */
  readonly peakBytes: number;
}

/**
 * Seconds of steps for which power is metered: RAPL counts each millisecond,
 * NVML each tenth of a second, and load comes in ticks of ten milliseconds.
 */
const METERED_SECONDS = 1;

/** Measures steps that change nothing, and the power meanwhile. */
export async function predictRun(
  { model, batches, plan }: {
    readonly model: Llama;
    readonly batches: TokenBatches;
    readonly plan: TrainPlan;
  },
  options: TrackOptions,
): Promise<RunPrediction> {
  const { train } = plan;
  let power: MachinePower | undefined;
  const perStep = await measureStepSeconds(model, batches, train, {
    seconds: METERED_SECONDS,
    around: async (steps) => {
      ({ power } = await meterPower(steps, options));
    },
  });
  const seconds = perStep * train.steps;
  const { kind } = model.device;
  const { peakBytes } = await planMemory(plan.model, train, kind);
  return { seconds, energy: energyAtPower(power!, seconds), peakBytes };
}

const fileOf = (run: RunFolder) => join(run.path, "prediction.json");

/** Keeps a prediction with its run. */
export function savePrediction(
  run: RunFolder,
  prediction: RunPrediction,
): Promise<void> {
  return writeJson(fileOf(run), prediction);
}

/**
 * What was predicted when a run began; undefined for runs that are older than
 * predictions.
 *
 * @throws {FormatError} when the file is damaged
 */
export async function readPrediction(
  run: RunFolder,
): Promise<RunPrediction | undefined> {
  const path = fileOf(run);
  if (!await exists(path)) return undefined;
  return await readJson(path, "a prediction");
}

/** The prediction, a line for what it takes and one for each source. */
export function describePrediction(
  { seconds, energy, peakBytes }: RunPrediction,
  steps: number,
): string {
  return predictionLines(
    `${formatDuration(seconds)}, ${predictedEnergy(energy)} for ${steps} ` +
      "steps, evaluations and checkpoints apart",
    ...powerLines(energy),
    `${formatBytes(peakBytes)} on the device at the peak`,
  );
}

/** What the steps of a run took. */
export interface RunOutcome {
  readonly seconds: number;
  /** Undefined where nothing was metered. */
  readonly joules: number | undefined;
  /** Undefined in old logs. */
  readonly peakBytes: number | undefined;
}

/**
 * What the steps of a log took. What evaluations, samples and checkpoints used
 * by themselves is taken out where they tell it; steps that were lost and done
 * again count as energy and not as time.
 *
 * @param reading energy of the whole run
 */
export function outcomeOf(
  log: readonly TrainRecord[],
  { energyJoules }: EnergyReading,
): RunOutcome {
  const steps = log.filter((r): r is StepRecord => r.kind === "step");
  let own = 0;
  for (const record of log) {
    if ("ownJoules" in record) own += record.ownJoules ?? 0;
  }
  const peak = Math.max(...steps.map(({ peakBytes }) => peakBytes ?? NaN));
  return {
    seconds: (steps.at(-1)?.tokens ?? 0) / trainingRate(steps),
    joules: energyJoules === undefined
      ? undefined
      : Math.max(0, energyJoules - own),
    peakBytes: Number.isFinite(peak) ? peak : undefined,
  };
}

/** Prediction and outcome beside each other, for the terminal. */
export function compareRun(
  { seconds, energy, peakBytes }: RunPrediction,
  happened: RunOutcome,
): string {
  return comparisonTable("of all steps", [
    ["time", [seconds, happened.seconds], formatDuration],
    ["energy", [energy.energyJoules, happened.joules], formatEnergy],
    ["memory, peak", [peakBytes, happened.peakBytes], formatBytes],
  ]);
}
