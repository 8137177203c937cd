/**
 * The folder of a sweep, shared by whoever works on it. A worker writes the row
 * of its run as a file of its own, whole or not at all, so that no two of them
 * ever write to one file; `observations.jsonl` is made of these.
 *
 *     sweep.json          what was asked for
 *     data/               tokens that all runs read
 *     runs/ID/            log and checkpoints of a run
 *     rows/ID.json        its observation, once it is finished
 *     observations.jsonl  all rows of the plan
 *
 * @module
 */
import { join } from "node:path";
import type { Observation } from "../scaling/mod.ts";
import {
  DataError,
  exists,
  readJson,
  writeFileAtomic,
  writeJson,
} from "../util/mod.ts";
import { planSweep, type SweepRun } from "./sweep_plan.ts";
import type { Sweep } from "./sweep_spec.ts";

/** One finished run: an observation with what it came from. */
export interface SweepRow extends Observation {
  readonly id: string;
  readonly depth: number;
  readonly width: number;
  /** Parameters without embedding and head. */
  readonly nonEmbedding: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Time of training over all attempts, without the start of the process. */
  readonly seconds: number;
  /**
   * Its energy in joules where it is known: on this machine its share of what
   * the machine used, on a cluster what its own job counted.
   */
  readonly joules?: number;
  /** How they came about: "gpu measured, cpu modelled, ram modelled". */
  readonly energyLabels?: string;
  /** What it ran on. */
  readonly device: string;
  readonly finishedAt: string;
}

/** Paths in the folder of a sweep. */
export class SweepFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get spec(): string {
    return join(this.path, "sweep.json");
  }
  get data(): string {
    return join(this.path, "data");
  }
  get observations(): string {
    return join(this.path, "observations.jsonl");
  }
  get prediction(): string {
    return join(this.path, "prediction.json");
  }
  get fit(): string {
    return join(this.path, "fit.json");
  }
  /** Workers that are at work while their power is metered. */
  get busy(): string {
    return join(this.path, "busy");
  }
  get slurm(): string {
    return join(this.path, "slurm");
  }
  run(id: string): string {
    return join(this.path, "runs", id);
  }
  row(id: string): string {
    return join(this.path, "rows", `${id}.json`);
  }
  /** What a run died of by its own error. */
  failure(id: string): string {
    return join(this.run(id), "failure.json");
  }
}

/** The sweep of a folder. */
export async function readSweep(path: string): Promise<Sweep> {
  return await readJson(new SweepFolder(path).spec, "a sweep");
}

/**
 * One run of the sweep of a folder.
 *
 * @throws {DataError} when it has no run of that name
 */
export async function readSweepRun(
  path: string,
  id: string,
): Promise<{ readonly sweep: Sweep; readonly run: SweepRun }> {
  const sweep = await readSweep(path);
  const run = planSweep(sweep).find((one) => one.id === id);
  if (run) return { sweep, run };
  throw new DataError(`Cannot train ${id}: ${path} has no such run`);
}

/**
 * Makes the folder, or goes on with the one that is there. The grid may have
 * changed since: its rows stay, and count again when they are asked for.
 *
 * @throws {DataError} when its runs share other settings: their losses would
 * not compare
 */
export async function openSweepFolder(
  path: string,
  sweep: Sweep,
): Promise<SweepFolder> {
  const folder = new SweepFolder(path);
  if (await exists(folder.spec)) {
    const { common } = await readSweep(path);
    for (const [name, value] of Object.entries(sweep.common)) {
      const before = common[name as keyof typeof common];
      if (before === value) continue;
      throw new DataError(
        `Cannot go on with the sweep in ${path}: its runs have ${name} ` +
          `${JSON.stringify(before)}, not ${JSON.stringify(value)}; choose ` +
          "another folder",
      );
    }
  }
  await writeJson(folder.spec, sweep);
  return folder;
}

/** The finished rows of the plan, in its order. */
export async function readSweepRows(path: string): Promise<SweepRow[]> {
  const folder = new SweepFolder(path);
  const rows: SweepRow[] = [];
  for (const { id } of planSweep(await readSweep(path))) {
    if (!await exists(folder.row(id))) continue;
    rows.push(await readJson(folder.row(id), "a row"));
  }
  return rows;
}

/** Writes all finished rows to `observations.jsonl` and returns them. */
export async function gatherSweepRows(path: string): Promise<SweepRow[]> {
  const rows = await readSweepRows(path);
  const text = rows.map((row) => JSON.stringify(row) + "\n").join("");
  await writeFileAtomic(new SweepFolder(path).observations, text);
  return rows;
}

/** The runs of the plan that have no row yet. */
export async function unfinishedRuns(
  folder: SweepFolder,
  runs: readonly SweepRun[],
): Promise<SweepRun[]> {
  const isDone = await Promise.all(
    runs.map(({ id }) => exists(folder.row(id))),
  );
  return runs.filter((_, i) => !isDone[i]);
}

/** What a run died of, when it was an error of its own. */
export async function failureOf(
  folder: SweepFolder,
  { id }: SweepRun,
): Promise<string | undefined> {
  const path = folder.failure(id);
  if (!await exists(path)) return undefined;
  return (await readJson<{ message: string }>(path, "a failure")).message;
}

/** Forgets what a run died of, before it is tried again. */
export async function forgetFailure(
  folder: SweepFolder,
  { id }: SweepRun,
): Promise<void> {
  const path = folder.failure(id);
  if (await exists(path)) await Deno.remove(path);
}
