/**
 * The model that a run begins with: new weights, or those of a model that is
 * there (`--from`), such as one of a related language whose text is plenty.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import {
  ConfigError,
  type Device,
  Llama,
  type LlamaConfig,
  loadLlama,
  readLlamaConfig,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { modelFolderOf } from "./run_folder.ts";
import type { TrainPlan } from "./train_plan.ts";

/** Configuration of the model of `--from`, undefined without it. */
export async function baseConfig(
  line: CommandLine,
): Promise<LlamaConfig | undefined> {
  const path = line.text("from");
  if (path === undefined) return undefined;
  return await readLlamaConfig(await modelFolderOf(path));
}

/** What a run is said to begin with: a folder, or undefined for new weights. */
export function baseName(line: CommandLine): string | undefined {
  const path = line.text("from");
  return path === undefined ? undefined : basename(resolve(path));
}

/**
 * The model of a plan.
 *
 * @throws {ConfigError} when the one to begin with is quantized
 */
export async function beginModel(
  line: CommandLine,
  { model: config, train }: TrainPlan,
  device: Device,
): Promise<Llama> {
  const path = line.text("from");
  if (path === undefined) {
    return Llama.create(config, { seed: train.seed, device });
  }
  const model = await loadLlama(await modelFolderOf(path), { device });
  if (model.parameters.values().every(({ requiresGrad }) => requiresGrad)) {
    return model;
  }
  model.dispose();
  throw new ConfigError(
    `Cannot train on from ${path}: its weights are quantized; wanted the ` +
      "model that they were made of",
  );
}
