/**
 * Checkpoints: everything a run needs to go on as if it had never stopped.
 * A checkpoint is a Hugging Face model folder with `optimizer.safetensors` and
 * `state.json` beside the weights. It is written under another name and then
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
import type { AdamW } from "../optim/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { exists, readText, writeFileAtomic } from "../util/mod.ts";

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

/** Moments by the name that they have in the file. */
function momentTensors(optimizer: AdamW): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { m, v }] of optimizer.moments) {
    tensors.set(`m.${name}`, m);
    tensors.set(`v.${name}`, v);
  }
  return tensors;
}

const folderName = (step: number) => `step_${String(step).padStart(8, "0")}`;

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
 * @returns its folder
 */
export async function saveCheckpoint(
  folder: string,
  { model, optimizer, state, keep }: {
    readonly model: Llama;
    readonly optimizer: AdamW;
    readonly state: TrainState;
    readonly keep: number;
  },
): Promise<string> {
  const target = join(folder, folderName(state.step));
  const partial = `${target}.tmp`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  try {
    await saveLlama(partial, model, { step: String(state.step) });
    await writeSafetensors(
      join(partial, "optimizer.safetensors"),
      tensorSources(momentTensors(optimizer)),
    );
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
    await Deno.remove(old, { recursive: true });
  }
  return target;
}

/**
 * Puts a model and an optimizer back to where a checkpoint left them.
 *
 * @throws {DataError} when a file is missing
 * @throws {FormatError} when a file is damaged or of another model
 */
export async function loadCheckpoint(
  folder: string,
  model: Llama,
  optimizer: AdamW,
): Promise<TrainState> {
  const path = join(folder, "state.json");
  const state = JSON.parse(await readText(path, "a checkpoint")) as TrainState;
  const files: [string, ReadonlyMap<string, Tensor>][] = [
    ["model.safetensors", model.parameters],
    ["optimizer.safetensors", momentTensors(optimizer)],
  ];
  for (const [name, tensors] of files) {
    using file = await SafetensorsFile.open(join(folder, name));
    await loadTensors(file, tensors);
  }
  optimizer.step = state.step;
  return state;
}
