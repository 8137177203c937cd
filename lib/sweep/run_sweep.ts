/**
 * The runs of a sweep on this machine, side by side in processes, as an
 * asynchronous generator: it yields what happens, and who iterates shows it.
 *
 *     const sweep = await prepareSweep("runs/sweep", { depths: [1, 2, 3] });
 *     for await (const event of runSweep(sweep)) …
 *
 * A worker that is killed is started again and goes on from its checkpoint; one
 * that fails by an error of its own is not, since it would fail again.
 *
 * @module
 */
import { InterruptedError, readJson, writeJson } from "../util/mod.ts";
import type { PreparedSweep } from "./prepare_sweep.ts";
import {
  failureOf,
  forgetFailure,
  gatherSweepRows,
  type SweepFolder,
  type SweepRow,
} from "./sweep_folder.ts";
import type { SweepRun } from "./sweep_plan.ts";
import {
  startWorker,
  type SweepWorker,
  type WorkerEnd,
} from "./worker_process.ts";

/** What happens in a sweep. */
export type SweepEvent =
  | {
    readonly kind: "started";
    readonly run: SweepRun;
    /** 1 for the first. */
    readonly attempt: number;
    /** Process of the worker, where it is on this machine. */
    readonly pid?: number;
  }
  | {
    readonly kind: "finished";
    readonly run: SweepRun;
    readonly row: SweepRow;
  }
  | {
    /** "lost": the worker was killed and starts again. */
    readonly kind: "lost" | "failed";
    readonly run: SweepRun;
    readonly reason: string;
  };

/** Knobs of {@linkcode runSweep}; every field has a default. */
export interface RunSweepOptions {
  /** Times that a run starts again after its worker was killed; 2. */
  readonly retries?: number;
  /** Kills the workers; their runs go on from checkpoints the next time. */
  readonly signal?: AbortSignal;
  /**
   * Joules of the whole machine since the sweep began, undefined while there is
   * no reading. What comes in while several workers run is shared out evenly
   * among them.
   */
  readonly energyJoules?: () => Promise<number | undefined>;
  /** How these joules come about, for the rows. */
  readonly energyLabels?: () => string;
}

/** Energy by run, from a meter of the whole machine. */
class EnergyShares {
  readonly #read: () => Promise<number | undefined>;
  readonly #joules = new Map<string, number>();
  #last = 0;

  constructor(read: RunSweepOptions["energyJoules"]) {
    this.#read = read ?? (() => Promise.resolve(undefined));
  }

  /** Shares out what came in since the last call among who ran meanwhile. */
  async mark(running: Iterable<string>): Promise<void> {
    const now = await this.#read();
    if (now === undefined) return;
    const ids = [...running];
    for (const id of ids) {
      const share = (now - this.#last) / ids.length;
      this.#joules.set(id, (this.#joules.get(id) ?? 0) + share);
    }
    this.#last = now;
  }

  of(id: string): number | undefined {
    return this.#joules.get(id);
  }
}

interface Job {
  readonly run: SweepRun;
  readonly attempt: number;
  readonly worker: SweepWorker;
}

/** Adds the energy to the row that the worker has written. */
async function finishRow(
  folder: SweepFolder,
  id: string,
  energy: Pick<SweepRow, "joules" | "energyLabels">,
): Promise<SweepRow> {
  const row = await readJson<SweepRow>(folder.row(id), "a row");
  if (energy.joules === undefined) return row;
  const metered = { ...row, ...energy };
  await writeJson(folder.row(id), metered);
  return metered;
}

/** Waits for the worker that ends first, or for the signal. */
async function firstEnd(
  jobs: Iterable<Job>,
  signal: AbortSignal | undefined,
): Promise<{ job: Job; end: WorkerEnd }> {
  const ends = [...jobs].map(async (job) => ({
    job,
    end: await job.worker.end,
  }));
  if (!signal) return await Promise.race(ends);
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () =>
    reject(new InterruptedError("Stopped the sweep; run it again to go on"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, ...ends]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Runs what is left of a sweep and yields what happens. A run that fails leaves
 * the others going; `observations.jsonl` grows with every row.
 *
 * @throws {InterruptedError} when `signal` stops it
 */
export async function* runSweep(
  { folder, pending, jobs: most, threads }: PreparedSweep,
  options: RunSweepOptions = {},
): AsyncGenerator<SweepEvent, void> {
  const { retries = 2, signal, energyJoules, energyLabels } = options;
  const waiting = pending.map((run) => ({ run, attempt: 1 }));
  const jobs = new Map<string, Job>();
  const energy = new EnergyShares(energyJoules);
  try {
    while (waiting.length > 0 || jobs.size > 0) {
      await energy.mark(jobs.keys());
      while (waiting.length > 0 && jobs.size < most) {
        const next = waiting.shift()!;
        await forgetFailure(folder, next.run);
        const worker = startWorker(folder, [next.run.id], threads);
        jobs.set(next.run.id, { ...next, worker });
        yield { kind: "started", ...next, pid: worker.pid };
      }
      const { job: { run, attempt }, end } = await firstEnd(
        jobs.values(),
        signal,
      );
      await energy.mark(jobs.keys());
      jobs.delete(run.id);
      if (end.isSuccess) {
        const joules = energy.of(run.id);
        const row = await finishRow(folder, run.id, {
          ...(joules === undefined ? {} : { joules }),
          ...(energyLabels ? { energyLabels: energyLabels() } : {}),
        });
        await gatherSweepRows(folder.path);
        yield { kind: "finished", run, row };
        continue;
      }
      const failure = await failureOf(folder, run);
      const isLost = failure === undefined && attempt <= retries;
      if (isLost) waiting.unshift({ run, attempt: attempt + 1 });
      yield {
        kind: isLost ? "lost" : "failed",
        run,
        reason: failure ?? end.reason,
      };
    }
  } finally {
    for (const { worker } of jobs.values()) worker.kill();
    await Promise.all([...jobs.values()].map(({ worker }) => worker.end));
  }
}
