/**
 * Everything before the first run of a sweep: its folder, its data, what is
 * left to do, and what that will take.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { ConfigError, DeviceError } from "../util/mod.ts";
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
  readSweepJson,
  type SweepFolder,
  unfinishedRuns,
} from "./sweep_folder.ts";
import { planSweep, type SweepRun } from "./sweep_plan.ts";
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
  prediction: { seconds: 0, workSeconds: 0, runs: new Map() },
  device: undefined,
};

/** A sweep that is ready to run. */
export interface PreparedSweep {
  readonly folder: SweepFolder;
  /** All runs of the plan. */
  readonly runs: readonly SweepRun[];
  /** Those without a row, in the order in which they start. */
  readonly pending: readonly SweepRun[];
  /** Workers side by side: one on a GPU, at most one a core. */
  readonly jobs: number;
  /** Threads of each worker. */
  readonly threads: number;
  /** Most device memory of one worker, bytes; 0 when nothing is left to do. */
  readonly peakBytes: number;
  /** What the runs that are left will take on this machine. */
  readonly prediction: SweepPrediction;
  /** What the workers compute on; undefined when nothing is left to do. */
  readonly device: string | undefined;
}

/** Measures in a process as the workers will be. */
async function measure(folder: SweepFolder, threads: number) {
  const { isSuccess, reason } = await startWorker(folder, "--measure", threads)
    .end;
  if (!isSuccess) {
    throw new DeviceError(`Cannot measure a step of the sweep: ${reason}`);
  }
  return await readSweepJson<SweepMeasurement>(
    folder.prediction,
    "the measurement of a sweep",
  );
}

/**
 * Makes or opens the folder of a sweep.
 *
 * @param options.jobs most workers side by side (default: one a core)
 * @throws {ConfigError} when the sweep or `jobs` is out of range
 * @throws {DataError} when the folder holds runs that do not compare, or the
 * data do not suffice
 * @throws {DeviceError} when a worker cannot compute
 */
export async function prepareSweep(
  path: string,
  spec: SweepSpec,
  options: { readonly jobs?: number } = {},
): Promise<PreparedSweep> {
  const cores = availableParallelism();
  const { jobs: most = cores } = options;
  if (!Number.isInteger(most) || most < 1) {
    throw new ConfigError(
      `Cannot sweep with ${most} jobs: wanted a whole number from 1`,
    );
  }
  const sweep = resolveSweep(spec);
  const runs = planSweep(sweep);
  const folder = await openSweepFolder(path, sweep);
  const left = await unfinishedRuns(folder, runs);
  if (left.length === 0) return { folder, runs, ...NOTHING };
  await prepareSweepData(folder, sweep.common, runs);
  const wanted = Math.min(most, left.length);
  const threads = Math.max(1, Math.floor(cores / wanted));
  const measured = await measure(folder, threads);
  const peakBytes = await sweepMemory(left, measured.kind);
  const room = MEMORY_SHARE * Deno.systemMemoryInfo().available;
  const jobs = measured.kind === "webgpu"
    ? 1
    : Math.max(1, Math.min(wanted, Math.floor(room / peakBytes)));
  const pending = longestFirst(left, measured);
  const prediction = predictSweep(pending, measured, jobs);
  const { device } = measured;
  return {
    folder,
    runs,
    pending,
    jobs,
    threads,
    peakBytes,
    prediction,
    device,
  };
}
