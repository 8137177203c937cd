/**
 * A Llama as a Hugging Face folder: `config.json`, `generation_config.json`
 * and the weights (`model.safetensors`, or several files and their index), with
 * Hugging Face's names and rotary layout.
 *
 * @module
 */
import { join } from "node:path";
import { currentDevice, type Device } from "../device/mod.ts";
import { type HalfDType, isQuantized, keep, Tensor } from "../tensor/mod.ts";
import {
  FormatError,
  formatShape,
  readJson,
  sameShape,
  writeJson,
} from "../util/mod.ts";
import {
  fromHuggingFaceConfig,
  type LlamaConfig,
  toGenerationConfig,
  toHuggingFaceConfig,
} from "./config.ts";
import { Llama, parameterShapes } from "./llama.ts";
import {
  isQuantizedConfig,
  loadQuantized,
  quantizationConfig,
  storedNames,
  storedSources,
  storedTypes,
} from "./quantized_files.ts";
import type { TensorFile } from "./safetensors.ts";
import type {
  SafetensorsOptions,
  SafetensorsSource,
} from "./safetensors_write.ts";
import { openWeights, writeWeights } from "./sharded_weights.ts";

/** Tensors as something to write. */
export function tensorSources(
  tensors: Iterable<readonly [name: string, tensor: Tensor]>,
): SafetensorsSource[] {
  return Array.from(tensors, ([name, tensor]) => ({
    name,
    shape: tensor.shape,
    data: async () => await tensor.data() as Float32Array<ArrayBuffer>,
  }));
}

/** How a model is written. */
export interface SaveLlamaOptions extends SafetensorsOptions {
  /** Largest file of weights; 5 GB, as Hugging Face cuts them. */
  readonly maxShardBytes?: number;
}

/** `torch_dtype` of what is written. */
const TORCH_DTYPES = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * Writes the model to a folder, each file whole or not at all. A quantized one
 * is written as it is stored (quantized_files.ts), whatever `dtype` says.
 */
export async function saveLlama(
  folder: string,
  model: Llama,
  { metadata, dtype = "F32", maxShardBytes = 5e9 }: SaveLlamaOptions = {},
): Promise<void> {
  const { config, parameters } = model;
  const quantization = quantizationConfig(parameters);
  const sources = quantization
    ? storedSources(parameters)
    : tensorSources(parameters);
  await writeWeights(folder, sources, {
    metadata: { format: "pt", ...metadata },
    dtype,
    maxShardBytes,
  });
  await writeJson(
    join(folder, "generation_config.json"),
    toGenerationConfig(config),
  );
  // Last: a folder with a configuration is complete.
  await writeJson(join(folder, "config.json"), {
    ...toHuggingFaceConfig(config),
    torch_dtype: TORCH_DTYPES[quantization ? "F32" : dtype],
    ...quantization && { quantization_config: quantization },
  });
}

/** The configuration as it stands in the folder, and where. */
async function readConfigJson(
  folder: string,
): Promise<{ path: string; json: Record<string, unknown> }> {
  const path = join(folder, "config.json");
  return { path, json: await readJson(path, "a model's configuration") };
}

/**
 * Reads the configuration of a model folder.
 *
 * @throws {DataError} when the file is missing
 * @throws {FormatError} when it is not JSON or not for a Llama
 */
export async function readLlamaConfig(folder: string): Promise<LlamaConfig> {
  const { path, json } = await readConfigJson(folder);
  return fromHuggingFaceConfig(json, path);
}

/** Refuses a file whose tensors are not those of the configuration. */
function checkNames(
  file: TensorFile,
  wanted: ReadonlySet<string>,
): void {
  const missing = [...wanted].filter((name) => !file.entries.has(name));
  const extra = [...file.entries.keys()].filter((name) =>
    !wanted.has(name) && !name.endsWith("rotary_emb.inv_freq")
  );
  const list = (names: string[]) =>
    `${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`;
  if (missing.length > 0) {
    throw new FormatError(
      `Cannot load ${file.path}: ${missing.length} tensors are missing: ` +
        list(missing),
    );
  }
  if (extra.length > 0) {
    throw new FormatError(
      `Cannot load ${file.path}: ${extra.length} tensors are not of this ` +
        `configuration: ${list(extra)}`,
    );
  }
}

/**
 * Fills tensors from a file, by name; those that are quantized from codes and
 * scales.
 *
 * @throws {FormatError} when names or shapes differ; names both shapes
 */
export async function loadTensors(
  file: TensorFile,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  const types = new Map([...tensors].map(([name, x]) => [name, x.dtype]));
  checkNames(file, new Set(storedNames(types)));
  for (const [name, tensor] of tensors) {
    if (isQuantized(tensor.dtype)) {
      await loadQuantized(file, name, tensor);
      continue;
    }
    const { shape } = file.entry(name);
    if (!sameShape(shape, tensor.shape)) {
      throw new FormatError(
        `Cannot load "${name}" from ${file.path}: the file has ` +
          `${formatShape(shape)}, the model ${formatShape(tensor.shape)}`,
      );
    }
    tensor.write(await file.readFloat32(name));
  }
}

/** Where a model goes, and how it is stored there. */
export interface LoadLlamaOptions {
  /** The current device without it. */
  readonly device?: Device;
  /**
   * How matrices are stored: float32 (default), or 16 bits, in half of the
   * memory, for a model that is not trained. A file of the same type keeps its
   * bits; one tensor at a time is float32 on the way. A quantized folder keeps
   * what it has.
   */
  readonly dtype?: "float32" | HalfDType;
}

/**
 * Reads a model from a Hugging Face folder that lies on this machine.
 *
 * @throws {DataError} when a file is missing
 * @throws {FormatError} when a file is damaged, for another architecture, its
 * tensors do not fit the configuration, or they are quantized by another method
 * (AWQ, GPTQ, …)
 */
export async function loadLlama(
  folder: string,
  { device = currentDevice(), dtype = "float32" }: LoadLlamaOptions = {},
): Promise<Llama> {
  const { path, json } = await readConfigJson(folder);
  const config = fromHuggingFaceConfig(json, path);
  const isStored = isQuantizedConfig(json, path);
  using file = await openWeights(folder);
  // The header is checked before memory is taken for gigabytes of weights.
  const shapes = parameterShapes(config);
  if (config.tieWordEmbeddings && file.entries.has("lm_head.weight")) {
    throw new FormatError(
      `Cannot load ${file.path}: it has lm_head.weight, and the configuration ` +
        "ties the head to the embedding (tie_word_embeddings)",
    );
  }
  const types = isStored ? storedTypes(file, shapes) : undefined;
  checkNames(file, new Set(types ? storedNames(types) : shapes.keys()));
  const parameters = new Map<string, Tensor>();
  try {
    for (const [name, shape] of shapes) {
      const tensor = keep(Tensor.empty(device, shape, {
        label: name,
        dtype: types?.get(name) ?? (shape.length === 2 ? dtype : "float32"),
      }));
      tensor.requiresGrad = !isStored && dtype === "float32";
      parameters.set(name, tensor);
    }
    await loadTensors(file, parameters);
  } catch (error) {
    for (const tensor of parameters.values()) tensor.dispose();
    throw error;
  }
  return new Llama(config, parameters, device);
}
