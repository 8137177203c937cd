/**
 * Everything before the first run of a sweep: its folder, its data, what is
 * left to do, and what that will take.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import {
  energyAtPower,
  type EnergyReading,
  type TrackOptions,
} from "../emissions/mod.ts";
import { ConfigError, DeviceError, readJson } from "../util/mod.ts";
import {
  longestFirst,
  predictSweep,
  type SweepMeasurement,
  sweepMemory,
  type SweepPrediction,
} from "./predict_sweep.ts";
import { prepareSweepData } from "./sweep_data.ts";
import {
  openSweepFolder,
  type SweepFolder,
  unfinishedRuns,
} from "./sweep_folder.ts";
import { planSweep, type SweepRun } from "./sweep_plan.ts";
import { assumedRunPower, busyPower } from "./sweep_power.ts";
import { resolveSweep, type SweepSpec } from "./sweep_spec.ts";
import { startWorker } from "./worker_process.ts";

/** Share of the free memory that workers may take together. */
const MEMORY_SHARE = 0.8;

/** Of a sweep with nothing left to do. */
const NOTHING = {
  pending: [],
  jobs: 1,
  threads: 1,
  peakBytes: 0,
  prediction: {
    seconds: 0,
    workSeconds: 0,
    trainingSeconds: 0,
    runs: new Map(),
  },
  energy: undefined,
  device: undefined,
};

/** Knobs of {@linkcode prepareSweep}; every field has a default. */
export interface PrepareSweepOptions {
  /** Most runs side by side; one a core here, all on a cluster. */
  readonly jobs?: number;
  /** Where the runs will be: "local" on this machine (default). */
  readonly engine?: "local" | "slurm";
  /** Threads of each run on a cluster; 1. Here the cores are shared out. */
  readonly slurmThreads?: number;
  /**
   * Predicts energy as well, by a tracker with these settings; it takes a few
   * seconds in which all workers are at work. Without it none is predicted.
   */
  readonly energy?: Omit<TrackOptions, "project">;
}

/** A sweep that is ready to run. */
export interface PreparedSweep {
  readonly folder: SweepFolder;
  /** All runs of the plan. */
  readonly runs: readonly SweepRun[];
  /** Those without a row, in the order in which they start. */
  readonly pending: readonly SweepRun[];
  /** Runs side by side: here one on a GPU, at most one a core. */
  readonly jobs: number;
  /** Threads of each worker. */
  readonly threads: number;
  /** Most device memory of one worker, bytes; 0 when nothing is left to do. */
  readonly peakBytes: number;
  /** What the runs that are left will take, on machines like this one. */
  readonly prediction: SweepPrediction;
  /**
   * Energy that they will take: here of the whole machine, on a cluster of the
   * shares of its nodes. Undefined where it was not asked for.
   */
  readonly energy: EnergyReading | undefined;
  /** What the workers compute on; undefined when nothing is left to do. */
  readonly device: string | undefined;
}

/** Measures in a process as the workers will be. */
async function measure(folder: SweepFolder, threads: number) {
  const { isSuccess, reason } = await startWorker(
    folder,
    ["--measure"],
    threads,
  ).end;
  if (!isSuccess) {
    throw new DeviceError(`Cannot measure a step of the sweep: ${reason}`);
  }
  return await readJson<SweepMeasurement>(
    folder.prediction,
    "the measurement of a sweep",
  );
}

/** A whole number from 1, or its default. */
function countOf(name: string, value: number | undefined, usual: number) {
  const count = value ?? usual;
  if (Number.isInteger(count) && count >= 1) return count;
  throw new ConfigError(
    `Cannot sweep with ${count} ${name}: wanted a whole number from 1`,
  );
}

/** Workers side by side on this machine. */
function localJobs(
  wanted: number,
  { kind }: SweepMeasurement,
  peakBytes: number,
): number {
  if (kind === "webgpu") return 1;
  const room = MEMORY_SHARE * Deno.systemMemoryInfo().available;
  return Math.max(1, Math.min(wanted, Math.floor(room / peakBytes)));
}

/**
 * Makes or opens the folder of a sweep.
 *
 * @throws {ConfigError} when the sweep or a knob is out of range
 * @throws {DataError} when the folder holds runs that do not compare, or the
 * data do not suffice
 * @throws {DeviceError} when a worker cannot compute
 */
export async function prepareSweep(
  path: string,
  spec: SweepSpec,
  options: PrepareSweepOptions = {},
): Promise<PreparedSweep> {
  const { engine = "local" } = options;
  const isLocal = engine === "local";
  const cores = availableParallelism();
  const most = options.jobs === undefined && !isLocal
    ? Infinity
    : countOf("jobs", options.jobs, cores);
  const slurmThreads = countOf("threads", options.slurmThreads, 1);
  const sweep = resolveSweep(spec);
  const runs = planSweep(sweep);
  const folder = await openSweepFolder(path, sweep);
  const left = await unfinishedRuns(folder, runs);
  if (left.length === 0) return { folder, runs, ...NOTHING };
  await prepareSweepData(folder, sweep.common, runs);
  const wanted = Math.min(most, left.length);
  const threads = isLocal
    ? Math.max(1, Math.floor(cores / wanted))
    : slurmThreads;
  const measured = await measure(folder, threads);
  const peakBytes = await sweepMemory(left, measured.kind);
  const jobs = isLocal ? localJobs(wanted, measured, peakBytes) : wanted;
  const pending = longestFirst(left, measured);
  const prediction = predictSweep(pending, measured, jobs);
  // Power of this machine counts once, that of a cluster for each run.
  const tracking = options.energy && { project: "sweep", ...options.energy };
  const power = tracking &&
    (isLocal
      ? await busyPower(folder, pending.slice(0, jobs), threads, tracking)
      : await assumedRunPower(
        sweep.slurmWattsPerRun,
        { threads, residentBytes: measured.residentBytes },
        tracking,
      ));
  const { seconds, workSeconds } = prediction;
  return {
    folder,
    runs,
    pending,
    jobs,
    threads,
    peakBytes,
    prediction,
    energy: power && energyAtPower(power, isLocal ? seconds : workSeconds),
    device: measured.device,
  };
}
