/**
 * Checkpoints: everything a run needs to go on as if it had never stopped.
 * A checkpoint is a Hugging Face model folder with `optimizer.safetensors` and
 * `state.json` beside the weights, and `average.safetensors` where an average
 * of the weights is kept. It is written under another name and then
 * renamed, so a folder `step_<n>` is whole.
 *
 * @module
 */
import { join } from "node:path";
import {
  type Llama,
  loadTensors,
  SafetensorsFile,
  saveLlama,
  tensorSources,
  writeSafetensors,
} from "../model/mod.ts";
import type { Optimizer, WeightAverage } from "../optim/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  DataError,
  exists,
  FormatError,
  messageOf,
  readText,
  writeFileAtomic,
} from "../util/mod.ts";

/** Where a run stands, besides its tensors. */
export interface TrainState {
  /** Updates so far. */
  readonly step: number;
  /** Position in the batches. */
  readonly position: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Energy so far, when it is metered. */
  readonly energyJoules?: number;
}

/** What is trained, and what goes with it. */
export interface CheckpointParts {
  readonly model: Llama;
  readonly optimizer: Optimizer;
  /** Average of the weights, where one is kept. */
  readonly average?: WeightAverage | undefined;
}

/** Files beside the weights, and the tensors in them. */
function companions(
  { optimizer, average }: CheckpointParts,
): Map<string, ReadonlyMap<string, Tensor>> {
  const files = new Map([["optimizer.safetensors", optimizer.state]]);
  if (average) files.set("average.safetensors", average.weights);
  return files;
}

const folderName = (step: number) => `step_${String(step).padStart(8, "0")}`;

/** Step of a checkpoint, from the name of its folder. */
function stepOf(path: string): number {
  return Number(/step_(\d+)$/.exec(path)?.[1]);
}

/** Whole checkpoints of a run in order of steps: their folders. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  if (!await exists(folder)) return [];
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && /^step_\d+$/.test(name)) names.push(name);
  }
  return names.sort().map((name) => join(folder, name));
}

/**
 * Writes a checkpoint and removes all but the newest ones.
 *
 * @param folder of all checkpoints of the run
 * @param keep how many stay, this one among them
 * @param keepEvery those of every so many steps stay too; 0 for none
 * @returns its folder
 */
export async function saveCheckpoint(
  folder: string,
  { state, keep, keepEvery = 0, ...training }: CheckpointParts & {
    readonly state: TrainState;
    readonly keep: number;
    readonly keepEvery?: number;
  },
): Promise<string> {
  const target = join(folder, folderName(state.step));
  const partial = `${target}.tmp`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  try {
    await saveLlama(partial, training.model, {
      metadata: { step: String(state.step) },
      maxShardBytes: Infinity,
    });
    for (const [file, tensors] of companions(training)) {
      await writeSafetensors(join(partial, file), tensorSources(tensors));
    }
    await writeFileAtomic(
      join(partial, "state.json"),
      JSON.stringify(state, null, 2) + "\n",
    );
    await Deno.remove(target, { recursive: true }).catch(() => {});
    await Deno.rename(partial, target);
  } catch (error) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw error;
  }
  const all = await listCheckpoints(folder);
  for (const old of all.slice(0, -keep)) {
    if (keepEvery > 0 && stepOf(old) % keepEvery === 0) continue;
    await Deno.remove(old, { recursive: true });
  }
  return target;
}

async function readState(path: string): Promise<TrainState> {
  const text = await readText(path, "a checkpoint");
  try {
    const state = JSON.parse(text) as Partial<TrainState> | null;
    const { step, position, seconds } = state ?? {};
    const numbers = [step, position, seconds];
    if (numbers.every(Number.isFinite)) return state as TrainState;
  } catch (error) {
    throw new FormatError(`Cannot read ${path}: ${messageOf(error)}`);
  }
  throw new FormatError(
    `Cannot read ${path}: wanted step, position and seconds`,
  );
}

/**
 * Puts model, optimizer and average back to where a checkpoint left them.
 *
 * @throws {DataError} when a file is missing
 * @throws {FormatError} when a file is damaged or of another model
 */
export async function loadCheckpoint(
  folder: string,
  training: CheckpointParts,
): Promise<TrainState> {
  const path = join(folder, "state.json");
  const state = await readState(path);
  const files = companions(training)
    .set("model.safetensors", training.model.parameters);
  for (const [name, tensors] of files) {
    using file = await SafetensorsFile.open(join(folder, name));
    await loadTensors(file, tensors);
  }
  training.optimizer.step = state.step;
  return state;
}

/** A checkpoint that a run goes on from. */
export interface FoundCheckpoint {
  readonly path: string;
  readonly state: TrainState;
  /** Newer ones that could not be read, and why. */
  readonly skipped: readonly {
    readonly path: string;
    readonly reason: string;
  }[];
}

/**
 * Goes back to the newest checkpoint that can be read: a disk that failed in
 * the middle of the last one costs the steps since the one before.
 *
 * @returns undefined when there is none
 * @throws {FormatError} when there are some and none can be read: that of the
 * newest
 */
export async function loadNewestCheckpoint(
  folder: string,
  training: CheckpointParts,
): Promise<FoundCheckpoint | undefined> {
  const skipped: { path: string; reason: string }[] = [];
  let first: unknown;
  for (const path of (await listCheckpoints(folder)).reverse()) {
    try {
      const state = await loadCheckpoint(path, training);
      return { path, state, skipped };
    } catch (error) {
      const isDamage = error instanceof FormatError ||
        error instanceof DataError;
      if (!isDamage) throw error;
      first ??= error;
      skipped.push({ path, reason: messageOf(error) });
    }
  }
  if (first) throw first;
  return undefined;
}
