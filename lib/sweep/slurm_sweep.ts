/**
 * The runs of a sweep on a cluster: the same events as on this machine, told
 * from the rows that appear in the shared folder. Elements without a row when
 * their array is over (killed, timed out, on a node that failed) are submitted
 * again and go on from their checkpoints.
 *
 * Who watches may go: the array runs on, and the next call watches it again
 * instead of submitting another.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { exists, InterruptedError, readJson, writeJson } from "../util/mod.ts";
import type { PreparedSweep } from "./prepare_sweep.ts";
import type { SweepEvent } from "./run_sweep.ts";
import {
  isInSlurmQueue,
  type SlurmResources,
  submitSlurmArray,
} from "./slurm_jobs.ts";
import {
  failureOf,
  forgetFailure,
  gatherSweepRows,
  type SweepFolder,
  type SweepRow,
  unfinishedRuns,
} from "./sweep_folder.ts";
import type { SweepRun } from "./sweep_plan.ts";

/** Knobs of {@linkcode runSlurmSweep}; every field has a default. */
export interface SlurmSweepOptions extends SlurmResources {
  /** Times that runs without a row are submitted again; 2. */
  readonly retries?: number;
  /** Ends the watching; the jobs go on. */
  readonly signal?: AbortSignal;
  /** Seconds between two looks at the queue and the folder; 5. */
  readonly pollSeconds?: number;
}

/** An array that was submitted. */
interface SubmittedArray {
  readonly job: string;
  readonly ids: readonly string[];
}

const arrayFile = (folder: SweepFolder) => join(folder.slurm, "array.json");

/** The array that an earlier call has left in the queue. */
async function arrayInQueue(
  folder: SweepFolder,
): Promise<SubmittedArray | undefined> {
  const path = arrayFile(folder);
  if (!await exists(path)) return undefined;
  const array = await readJson<SubmittedArray>(path, "a Slurm array");
  return await isInSlurmQueue(array.job) ? array : undefined;
}

/** Yields the rows that appear until the array has left the queue. */
async function* watch(
  folder: SweepFolder,
  job: string,
  runs: readonly SweepRun[],
  { signal, pollSeconds = 5 }: SlurmSweepOptions,
): AsyncGenerator<SweepEvent, SweepRun[]> {
  let left = [...runs];
  for (let isQueued = true; isQueued;) {
    if (signal?.aborted) {
      throw new InterruptedError(
        `Stopped watching; Slurm's job ${job} goes on (scancel ${job} ends ` +
          "it); run the sweep again to watch it",
      );
    }
    // Asked before the folder is looked at: what ends in between is seen.
    isQueued = await isInSlurmQueue(job);
    const still = await unfinishedRuns(folder, left);
    const finished = left.filter((run) => !still.includes(run));
    if (finished.length > 0) await gatherSweepRows(folder.path);
    for (const run of finished) {
      const path = folder.row(run.id);
      const row = await readJson<SweepRow>(path, "a row");
      yield { kind: "finished", run, row };
    }
    left = still;
    if (isQueued && left.length > 0) await wait(1000 * pollSeconds);
    else if (left.length === 0) break;
  }
  return left;
}

/**
 * Runs what is left of a sweep as a job array and yields what happens.
 *
 * @throws {ConfigError} when there is no Slurm
 * @throws {DeviceError} with Slurm's own words when it refuses
 * @throws {InterruptedError} when `signal` ends the watching
 */
export async function* runSlurmSweep(
  { folder, pending }: PreparedSweep,
  options: SlurmSweepOptions = {},
): AsyncGenerator<SweepEvent, void> {
  const { retries = 2 } = options;
  let left = [...pending];
  let array = await arrayInQueue(folder);
  for (let attempt = 1; left.length > 0; attempt++) {
    if (!array) {
      for (const run of left) await forgetFailure(folder, run);
      const ids = left.map(({ id }) => id);
      array = { job: await submitSlurmArray(folder, ids, options), ids };
      await writeJson(arrayFile(folder), array);
      for (const run of left) yield { kind: "started", run, attempt };
    }
    const { job, ids } = array;
    const watched = left.filter(({ id }) => ids.includes(id));
    const others = left.filter(({ id }) => !ids.includes(id));
    const without = yield* watch(folder, job, watched, options);
    array = undefined;
    left = others;
    for (const run of without) {
      const failure = await failureOf(folder, run);
      const isLost = failure === undefined && attempt <= retries;
      if (isLost) left.push(run);
      yield {
        kind: isLost ? "lost" : "failed",
        run,
        reason: failure ?? `no row after Slurm's job ${job}`,
      };
    }
  }
}
