/**
 * How long a sweep will take and how much memory, before it starts: a few
 * steps of every size, measured in a worker as the runs will have it.
 *
 * @module
 */
import { type DeviceKind, openDevice } from "../device/mod.ts";
import { Llama } from "../model/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import { measureStepSeconds, planMemory } from "../train/mod.ts";
import { writeJson } from "../util/mod.ts";
import { openSweepData } from "./sweep_data.ts";
import { readSweep, SweepFolder } from "./sweep_folder.ts";
import { planSweep, type SweepRun } from "./sweep_plan.ts";

/** What was measured, on one worker that had the device to itself. */
export interface SweepMeasurement {
  readonly device: string;
  readonly kind: DeviceKind;
  /** Seconds of a worker before its first step. */
  readonly startSeconds: number;
  /** Seconds of one step by size, "d2-w64". */
  readonly stepSeconds: Readonly<Record<string, number>>;
  /** Tokens of the evaluation at the end of each run. */
  readonly heldOutTokens: number;
  /** Memory of the worker in the end, bytes. */
  readonly residentBytes: number;
}

/** What a sweep will take. */
export interface SweepPrediction {
  /** Until all runs are finished, by the clock. */
  readonly seconds: number;
  /** Of all runs, one after the other. */
  readonly workSeconds: number;
  /** Of their training alone, without the start of a worker and evaluation. */
  readonly trainingSeconds: number;
  /** Of each run. */
  readonly runs: ReadonlyMap<string, number>;
}

/** Evaluation goes forward only: a third of a training step's work. */
const FORWARD_SHARE = 1 / 3;

const sizeOf = ({ depth, width }: SweepRun) => `d${depth}-w${width}`;

/** Measurements of a step: a few milliseconds are easily disturbed. */
const MEASUREMENTS = 5;

/** The middle one of a few measurements. */
async function medianSeconds(measure: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  while (all.length < MEASUREMENTS) all.push(await measure());
  return all.sort((a, b) => a - b)[MEASUREMENTS >> 1]!;
}

/** Measures all sizes of a sweep and writes `prediction.json`; for a worker. */
export async function measureSweep(path: string): Promise<void> {
  const folder = new SweepFolder(path);
  const sweep = await readSweep(path);
  using device = await openDevice();
  const startSeconds = performance.now() / 1000; // since the process began
  const stepSeconds: Record<string, number> = {};
  for (const run of planSweep(sweep)) {
    if (sizeOf(run) in stepSeconds) continue;
    const { tokens } = await openSweepData(folder, sweep.common, run);
    using model = Llama.create(run.model, { seed: 0, device });
    const batches = new TokenBatches(tokens, {
      ...sweep.common,
      seed: 0,
    });
    stepSeconds[sizeOf(run)] = await medianSeconds(() =>
      measureStepSeconds(model, batches, run.train)
    );
  }
  const { description, kind } = device;
  const { heldOutTokens } = sweep.common;
  const measured: SweepMeasurement = {
    device: description,
    kind,
    startSeconds,
    stepSeconds,
    heldOutTokens,
    residentBytes: Deno.memoryUsage().rss,
  };
  await writeJson(folder.prediction, measured);
}

/** Seconds of one run, and those of its training. */
function runSeconds(run: SweepRun, measured: SweepMeasurement) {
  const { steps, tokensPerStep } = run.train;
  const evaluation = FORWARD_SHARE * measured.heldOutTokens / tokensPerStep;
  const perStep = measured.stepSeconds[sizeOf(run)] ?? NaN;
  return {
    all: measured.startSeconds + perStep * (steps + evaluation),
    training: perStep * steps,
  };
}

/** The order in which runs start: the longest first, so that all end together. */
export function longestFirst(
  runs: readonly SweepRun[],
  measured: SweepMeasurement,
): SweepRun[] {
  const time = (run: SweepRun) => runSeconds(run, measured).all;
  return runs.toSorted((a, b) => time(b) - time(a));
}

/**
 * What the runs will take, started in their order, each as soon as one of
 * `jobs` workers is free. Workers are taken to not slow each other down.
 */
export function predictSweep(
  runs: readonly SweepRun[],
  measured: SweepMeasurement,
  jobs: number,
): SweepPrediction {
  const free = new Array<number>(Math.max(1, Math.min(jobs, runs.length)))
    .fill(0);
  const each = new Map<string, number>();
  let workSeconds = 0, trainingSeconds = 0;
  for (const run of runs) {
    const { all, training } = runSeconds(run, measured);
    each.set(run.id, all);
    workSeconds += all;
    trainingSeconds += training;
    free[free.indexOf(Math.min(...free))]! += all;
  }
  const seconds = Math.max(...free);
  return { seconds, workSeconds, trainingSeconds, runs: each };
}

/** Most bytes of device memory that one of the runs takes. */
export async function sweepMemory(
  runs: readonly SweepRun[],
  kind: DeviceKind,
): Promise<number> {
  const sizes = new Map(runs.map((run) => [sizeOf(run), run]));
  let most = 0;
  for (const { model, train } of sizes.values()) {
    most = Math.max(most, (await planMemory(model, train, kind)).peakBytes);
  }
  return most;
}
