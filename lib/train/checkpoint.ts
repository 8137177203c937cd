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
  fileBytes,
  type Llama,
  type LlamaConfig,
  loadTensors,
  SafetensorsFile,
  type SafetensorsSource,
  tensorSources,
  toGenerationConfig,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/mod.ts";
import type { Optimizer, WeightAverage } from "../optim/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  DataError,
  DeviceError,
  exists,
  FormatError,
  messageOf,
  readJson,
  writeFolderAtomic,
  writeJson,
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

/** All tensors, by the name of the file that holds them. */
function tensorFiles(
  { model, optimizer, average }: CheckpointParts,
): Map<string, ReadonlyMap<string, Tensor>> {
  const files = new Map([["optimizer.safetensors", optimizer.state]]);
  if (average) files.set("average.safetensors", average.weights);
  return files.set("model.safetensors", model.parameters);
}

/** What is written, wherever the tensors' data come from. */
export interface CheckpointContent {
  readonly config: LlamaConfig;
  /** Tensors by the name of their file. */
  readonly files: ReadonlyMap<string, readonly SafetensorsSource[]>;
  readonly state: TrainState;
}

/** A run as it is now; tensors are read when their turn to be written comes. */
export function checkpointContent(
  training: CheckpointParts,
  state: TrainState,
): CheckpointContent {
  const files = new Map<string, SafetensorsSource[]>();
  for (const [file, tensors] of tensorFiles(training)) {
    files.set(file, tensorSources(tensors));
  }
  return { config: training.model.config, files, state };
}

/** Bytes of the tensors of a checkpoint: on the disk, and of a copy of them. */
export function checkpointBytes({ files }: CheckpointContent): number {
  return [...files.values()].flat()
    .reduce((sum, tensor) => sum + fileBytes(tensor, "F32"), 0);
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

/** Where the run stands, and what makes the folder one of Hugging Face's. */
function textsOf({ config, state }: CheckpointContent): [string, unknown][] {
  return [
    ["state.json", state],
    ["generation_config.json", toGenerationConfig(config)],
    ["config.json", toHuggingFaceConfig(config)],
  ];
}

/** Flushes names and places of the files in a folder to the disk. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // it has no such call
  using folder = await Deno.open(path);
  await folder.sync();
}

/** How many checkpoints of a run stay. */
export interface CheckpointPolicy {
  /** The newest ones that stay, the one that is written among them. */
  readonly keep: number;
  /** Those of every so many steps stay too; 0 for none. */
  readonly keepEvery: number;
}

/**
 * Writes a checkpoint, whole or not at all even when the power fails, and
 * removes all but the newest ones.
 *
 * @param folder of all checkpoints of the run
 * @returns its folder
 * @throws {DataError} when the disk does not take it (full, no permission);
 * nothing of it is left, and the one before stays
 * @throws {DeviceError} when a tensor cannot be read
 */
export async function saveCheckpoint(
  folder: string,
  content: CheckpointContent,
  { keep, keepEvery }: CheckpointPolicy,
): Promise<string> {
  const { step } = content.state;
  const target = join(folder, folderName(step));
  try {
    // One that is there could not be read, or the run would be past it.
    if (await exists(target)) await Deno.remove(target, { recursive: true });
    await writeFolderAtomic(target, async (partial) => {
      const metadata = { format: "pt", step: String(step) };
      for (const [file, tensors] of content.files) {
        await writeSafetensors(join(partial, file), tensors, { metadata });
      }
      for (const [file, value] of textsOf(content)) {
        await writeJson(join(partial, file), value);
      }
      await syncFolder(partial);
    });
    await syncFolder(folder);
    const all = await listCheckpoints(folder);
    for (const old of all.slice(0, -keep)) {
      if (keepEvery > 0 && stepOf(old) % keepEvery === 0) continue;
      await Deno.remove(old, { recursive: true });
    }
  } catch (error) {
    if (error instanceof DeviceError) throw error; // the tensors were lost
    throw new DataError(
      `Cannot write the checkpoint of step ${step} to ${folder}: ` +
        messageOf(error),
      { cause: error },
    );
  }
  return target;
}

async function readState(path: string): Promise<TrainState> {
  const state = await readJson<Partial<TrainState> | null>(
    path,
    "a checkpoint",
  );
  const { step, position, seconds } = state ?? {};
  const numbers = [step, position, seconds];
  if (numbers.every(Number.isFinite)) return state as TrainState;
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
  for (const [name, tensors] of tensorFiles(training)) {
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
