/**
 * Loads a tokenizer from where it lies: a folder of Hugging Face, its
 * `tokenizer.json`, or a `.model` file of SentencePiece.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { DataError, exists, readText } from "../util/mod.ts";
import { parseSentencePiece } from "./sentencepiece_read.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { Json } from "./tokenizer_layout.ts";
import { parseJson, parseTokenizer } from "./tokenizer_read.ts";

/** What a folder may call its SentencePiece file. */
const MODEL_NAMES = [
  "tokenizer.model",
  "spiece.model",
  "sentencepiece.bpe.model",
];

/**
 * Loads a tokenizer.
 *
 * From a folder, or a `.json` file, `tokenizer.json`, and from
 * `tokenizer_config.json` and `special_tokens_map.json` beside it, if there,
 * which special tokens play which part. From a folder without it, or any other
 * file, a SentencePiece model.
 *
 * @throws {DataError} when there is no such file
 * @throws {FormatError} see {@linkcode parseTokenizer} and
 * {@linkcode parseSentencePiece}
 */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isFile) {
    return path.endsWith(".json") ? loadJson(path) : loadModel(path);
  }
  const file = join(path, "tokenizer.json");
  if (await exists(file)) return loadJson(file);
  for (const name of MODEL_NAMES) {
    const model = join(path, name);
    if (await exists(model)) return loadModel(model);
  }
  throw new DataError(`Cannot read a tokenizer: there is no file ${file}`);
}

async function loadModel(path: string): Promise<Tokenizer> {
  return parseSentencePiece(await Deno.readFile(path), path);
}

async function loadJson(path: string): Promise<Tokenizer> {
  let roles: Json = {};
  // What the second file says comes before what the first one says.
  for (const name of ["special_tokens_map.json", "tokenizer_config.json"]) {
    const file = join(dirname(path), name);
    if (!await exists(file)) continue;
    roles = {
      ...roles,
      ...parseJson(await readText(file, "a tokenizer"), file),
    };
  }
  const text = await readText(path, "a tokenizer");
  return parseTokenizer(text, { name: path, roles });
}
