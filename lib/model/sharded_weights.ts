/**
 * Weights in several safetensors files with an index, as Hugging Face cuts
 * large models:
 *
 *     model-00001-of-00002.safetensors, …, model.safetensors.index.json
 *
 * @module
 */
import { join } from "node:path";
import { exists, FormatError, readJson, writeJson } from "../util/mod.ts";
import {
  type SafetensorsEntry,
  SafetensorsFile,
  type TensorFile,
} from "./safetensors.ts";
import {
  fileBytes,
  type SafetensorsOptions,
  type WeightSource,
  writeSafetensors,
} from "./safetensors_write.ts";

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Several files that are read as one. */
class ShardedFile implements TensorFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly #files: ReadonlyMap<string, SafetensorsFile>;
  readonly #fileOf: ReadonlyMap<string, string>;

  constructor(
    path: string,
    files: ReadonlyMap<string, SafetensorsFile>,
    fileOf: ReadonlyMap<string, string>,
  ) {
    this.path = path;
    this.#files = files;
    this.#fileOf = fileOf;
    this.entries = new Map(
      [...fileOf.keys()].map((name) => [name, this.entry(name)]),
    );
  }

  entry(name: string): SafetensorsEntry {
    return this.#file(name).entry(name);
  }

  readFloat32(name: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#file(name).readFloat32(name);
  }

  // deno-lint-ignore require-await -- errors must reject, not throw
  async readBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#file(name).readBytes(name);
  }

  #file(name: string): SafetensorsFile {
    const file = this.#files.get(this.#fileOf.get(name) ?? "");
    if (file) return file;
    throw new FormatError(
      `Cannot read ${this.path}: there is no tensor "${name}"`,
    );
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file[Symbol.dispose]();
  }
}

/** File of each tensor, from the index. */
async function readIndex(path: string): Promise<Map<string, string>> {
  const json = await readJson<{ weight_map?: Record<string, string> } | null>(
    path,
    "a model's index of weights",
  );
  const entries = Object.entries(json?.weight_map ?? {});
  // A name with a folder in it could lead anywhere.
  const isName = (file: unknown) =>
    typeof file === "string" && /^[\w.-]+\.safetensors$/.test(file);
  if (entries.length === 0 || !entries.every(([, file]) => isName(file))) {
    throw new FormatError(
      `Cannot read ${path}: its weight_map does not name a .safetensors file ` +
        "for every tensor",
    );
  }
  return new Map(entries);
}

/**
 * Opens the weights of a model folder, in one file or several; no tensor is
 * read yet.
 *
 * @throws {DataError} when a file is missing
 * @throws {FormatError} when a file is damaged or lacks what the index says
 */
export async function openWeights(folder: string): Promise<TensorFile> {
  const index = join(folder, INDEX);
  if (await exists(join(folder, WHOLE)) || !await exists(index)) {
    return await SafetensorsFile.open(join(folder, WHOLE));
  }
  const fileOf = await readIndex(index);
  const files = new Map<string, SafetensorsFile>();
  try {
    for (const name of new Set(fileOf.values())) {
      files.set(name, await SafetensorsFile.open(join(folder, name)));
    }
    return new ShardedFile(index, files, fileOf);
  } catch (error) {
    for (const file of files.values()) file[Symbol.dispose]();
    throw error;
  }
}

/** Tensors in files of at most `maxBytes`, each with one tensor at least. */
function cutShards(
  tensors: readonly WeightSource[],
  maxBytes: number,
  bytesOf: (tensor: WeightSource) => number,
): WeightSource[][] {
  const shards: WeightSource[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor);
    if (shards.length === 0 || bytes > room) {
      shards.push([]);
      room = maxBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  return shards;
}

/**
 * Writes the weights of a model folder: one file when they fit into
 * `maxShardBytes`, else several and their index. What the folder held in the
 * other form is removed.
 */
export async function writeWeights(
  folder: string,
  tensors: readonly WeightSource[],
  options: SafetensorsOptions & { readonly maxShardBytes: number },
): Promise<void> {
  const { maxShardBytes, ...fileOptions } = options;
  const bytesOf = (tensor: WeightSource) =>
    fileBytes(tensor, options.dtype ?? "F32");
  const shards = cutShards(tensors, maxShardBytes, bytesOf);
  const remove = (name: string) =>
    Deno.remove(join(folder, name)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  if (shards.length <= 1) {
    await writeSafetensors(join(folder, WHOLE), tensors, fileOptions);
    await remove(INDEX);
    return;
  }
  const number = (n: number) => String(n).padStart(5, "0");
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const name = `model-${number(i + 1)}-of-${number(shards.length)}` +
      ".safetensors";
    await writeSafetensors(join(folder, name), shard, fileOptions);
    for (const tensor of shard) weightMap[tensor.name] = name;
  }
  const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  await writeJson(join(folder, INDEX), index);
  await remove(WHOLE);
}
