/**
 * The runs below a folder, to pick from: what each was, how far it came and
 * how well it did.
 *
 * @module
 */
import { join, relative } from "node:path";
import { countParameters } from "../model/mod.ts";
import { readLog, type TrainRecord } from "../train/mod.ts";
import { DataError, exists, messageOf } from "../util/mod.ts";
import { readRunSettings } from "./run_facts.ts";
import { type RunState, runStateOf } from "./run_state.ts";
import { RunStatus } from "./run_status.ts";

/** A run in a list. */
export interface ListedRun {
  /** Path from the folder that was listed: "stories/wide". */
  readonly name: string;
  /** Folder of the run. */
  readonly folder: string;
  /** When its log last changed; undefined before it has one. */
  readonly changedAt: Date | undefined;
  readonly parameters: number;
  readonly learningRate: number;
  /** Training tokens so far, and in all. */
  readonly tokens: number;
  readonly totalTokens: number;
  /** Mean of about the last 50 steps, nats per token; undefined: no step yet. */
  readonly loss: number | undefined;
  /** Last loss on held-out text; undefined: no evaluation yet. */
  readonly heldOutLoss: number | undefined;
  /** "damaged" when its files cannot be read; `reason` says why. */
  readonly state: RunState | "damaged";
  readonly reason: string | undefined;
}

/** Folders of runs: those with settings and a log or the record of a start. */
async function* runFolders(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = new Set(entries.map(({ name }) => name));
  const isRun = names.has("config.json") && names.has("log.jsonl");
  if (isRun) return yield folder;
  for (const { name, isDirectory } of entries) {
    if (isDirectory && !name.startsWith(".")) {
      yield* runFolders(join(folder, name));
    }
  }
}

async function changeOf(folder: string): Promise<Date | undefined> {
  const { mtime } = await Deno.stat(join(folder, "log.jsonl"));
  return mtime ?? undefined;
}

/** One run as a row. */
async function listedRun(folder: string, name: string): Promise<ListedRun> {
  const changedAt = await changeOf(folder);
  try {
    const { train, model } = await readRunSettings(folder);
    const status = new RunStatus({ name, steps: train.steps });
    for (const record of await readRunLog(folder)) status.add(record);
    const quiet = changedAt ? (Date.now() - changedAt.getTime()) / 1000 : 0;
    return {
      name,
      folder,
      changedAt,
      parameters: countParameters(model).total,
      learningRate: train.learningRate,
      tokens: status.step?.tokens ?? 0,
      totalTokens: train.steps * train.tokensPerStep,
      loss: status.smoothedLoss,
      heldOutLoss: status.evaluation?.loss,
      state: await runStateOf(folder, status, quiet),
      reason: undefined,
    };
  } catch (error) {
    return {
      ...{ name, folder, changedAt, parameters: NaN, learningRate: NaN },
      ...{ tokens: NaN, totalTokens: NaN, loss: undefined },
      ...{ heldOutLoss: undefined, state: "damaged" },
      reason: messageOf(error),
    };
  }
}

/** The log of a run, by its folder; see `readLog`. */
export function readRunLog(folder: string): Promise<TrainRecord[]> {
  return readLog(join(folder, "log.jsonl"));
}

/**
 * The runs in a folder and the folders below it, the one that changed last
 * first. A run whose files cannot be read is in the list and says so.
 *
 * @throws {DataError} when there is no such folder
 */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  if (!await exists(folder)) {
    throw new DataError(`Cannot list the runs of ${folder}: it is not there`);
  }
  const runs: ListedRun[] = [];
  for await (const path of runFolders(folder)) {
    runs.push(await listedRun(path, relative(folder, path) || "."));
  }
  const time = ({ changedAt }: ListedRun) => changedAt?.getTime() ?? 0;
  return runs.sort((a, b) => time(b) - time(a));
}
