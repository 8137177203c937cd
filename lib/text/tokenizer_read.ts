/**
 * Reads a Hugging Face tokenizer in the layout of Llama 2 and checks it: a file
 * that means other ids than this library would give is refused, with the first
 * thing that is wrong, and never approximated.
 *
 * @module
 */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { exists, FormatError, messageOf, readText } from "../util/mod.ts";
import {
  BASE_SPECIAL_TOKENS,
  type BpeModel,
  bytesOfPieces,
} from "./bpe_model.ts";
import { PairTable } from "./pair_table.ts";
import { Tokenizer } from "./tokenizer.ts";
import { LLAMA_DECODER, LLAMA_NORMALIZER } from "./tokenizer_write.ts";

type Json = Record<string, unknown>;

/**
 * Loads `tokenizer.json` of a folder, and from `tokenizer_config.json` or
 * `special_tokens_map.json`, if there, which special tokens play which part.
 *
 * @throws {DataError} when there is no `tokenizer.json`
 * @throws {FormatError} see {@linkcode parseTokenizer}
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, "tokenizer.json");
  const text = await readText(path, "a tokenizer");
  for (const name of ["tokenizer_config.json", "special_tokens_map.json"]) {
    const file = join(folder, name);
    if (!await exists(file)) continue;
    const roles = parseRecord(await readText(file, "a tokenizer"), file);
    return parseTokenizer(text, { name: path, roles });
  }
  return parseTokenizer(text, { name: path });
}

/**
 * A tokenizer from the text of a `tokenizer.json`. Merges may be written
 * "a b" or ["a", "b"]; every added token counts as special, one marked
 * "normalized" is found behind a space only. The post-processor is not read:
 * whoever calls `encode` says whether `<s>` goes in front.
 *
 * @param options.name what to call the file in an error
 * @param options.roles record with `bos_token`, `eos_token`, `unk_token` and
 * `pad_token`, each a name or `{ content: name }`; without it they are `<s>`,
 * `</s>`, `<unk>` and `<pad>`. Without a padding token `</s>` pads.
 * @throws {FormatError} when the text is not JSON, holds no BPE model of
 * Llama 2's layout, has ids with gaps, or merges of unknown pieces
 */
export function parseTokenizer(
  text: string,
  { name = "tokenizer.json", roles = {} }: { name?: string; roles?: Json } = {},
): Tokenizer {
  const json = parseRecord(text, name);
  try {
    return new Tokenizer(readModel(json, roles));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`Cannot read ${name}: ${error.message}`);
  }
}

function parseRecord(text: string, name: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `Cannot read ${name}: it is not JSON: ${messageOf(error)}`,
    );
  }
  if (isRecord(json)) return json;
  throw new FormatError(`Cannot read ${name}: it holds no JSON object`);
}

function readModel(json: Json, roles: Json): BpeModel {
  const model = json.model;
  if (!isRecord(model) || model.type !== "BPE") {
    const type = isRecord(model) ? `"${model.type}"` : "nothing";
    throw new FormatError(`its model is ${type}, wanted "BPE"`);
  }
  checkLayout(json, model);
  const { pieces, specialIds, spacedIds } = readPieces(
    model.vocab,
    json.added_tokens,
  );
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const merges = readMerges(model.merges, { pieces, ids, specialIds });
  const bytes = bytesOfPieces(pieces).filter((byte) => byte >= 0);
  if (bytes.length < 256 && model.fuse_unk !== true) {
    throw new FormatError(
      `it has ${bytes.length} of 256 byte pieces and fuse_unk is not true`,
    );
  }
  const [unk, bos, eos, pad] = BASE_SPECIAL_TOKENS;
  const idOf = (
    role: string,
    usual: string,
    given: unknown = roles[role],
  ): number | undefined => {
    const name = (isRecord(given) ? given.content : given) ?? usual;
    const id = ids.get(String(name));
    if (id !== undefined && specialIds.includes(id)) return id;
    if (role === "pad_token" && (given ?? null) === null) return undefined;
    throw new FormatError(`its ${role} "${name}" is not an added token`);
  };
  const eosId = idOf("eos_token", eos)!;
  return {
    pieces,
    merges,
    specialIds,
    spacedIds,
    // What the model itself writes for the unknown comes first.
    unkId: idOf("unk_token", unk, model.unk_token ?? roles.unk_token)!,
    bosId: idOf("bos_token", bos)!,
    eosId,
    padId: idOf("pad_token", pad) ?? eosId,
  };
}

/** Refuses settings under which the same vocabulary would give other ids. */
function checkLayout(json: Json, model: Json): void {
  const parts: [string, unknown, unknown][] = [
    ["normalizer", json.normalizer, LLAMA_NORMALIZER],
    ["pre_tokenizer", json.pre_tokenizer ?? null, null],
    ["decoder", json.decoder, LLAMA_DECODER],
    ["byte_fallback", model.byte_fallback, true],
    ["dropout", model.dropout || null, null],
    ["ignore_merges", model.ignore_merges || null, null],
    [
      "continuing_subword_prefix",
      model.continuing_subword_prefix || null,
      null,
    ],
    ["end_of_word_suffix", model.end_of_word_suffix || null, null],
  ];
  for (const [part, came, wanted] of parts) {
    if (isDeepStrictEqual(came, wanted)) continue;
    throw new FormatError(
      `its ${part} is ${JSON.stringify(came)}, ` +
        `wanted ${JSON.stringify(wanted)} as in Llama 2`,
    );
  }
}

/** Pieces by id from the vocabulary and the added tokens, without gaps. */
function readPieces(
  vocab: unknown,
  added: unknown,
): Pick<BpeModel, "pieces" | "specialIds" | "spacedIds"> {
  if (!isRecord(vocab)) throw new FormatError("its model has no vocab");
  const ids = new Map<string, unknown>(Object.entries(vocab));
  const special = new Set<unknown>(), spaced = new Set<unknown>();
  for (const token of Array.isArray(added) ? added : []) {
    const name = isRecord(token) ? token.content : undefined;
    if (!isRecord(token) || typeof name !== "string") {
      throw new FormatError(`added token ${JSON.stringify(token)} has no name`);
    }
    if ((ids.get(name) ?? token.id) !== token.id) {
      throw new FormatError(
        `"${name}" has id ${ids.get(name)} in vocab and ${token.id} as added`,
      );
    }
    if (token.lstrip || token.rstrip || token.single_word) {
      throw new FormatError(
        `added token "${name}" has lstrip, rstrip or single_word, ` +
          "which are not supported",
      );
    }
    ids.set(name, token.id);
    special.add(token.id);
    if (token.normalized) spaced.add(token.id);
  }
  const pieces: string[] = [];
  for (const [piece, id] of ids) {
    if (piece === "") throw new FormatError(`the piece of id ${id} is empty`);
    if (piece.includes(" ") && !special.has(id)) {
      throw new FormatError(`the piece "${piece}" has a space, wanted "▁"`);
    }
    const isId = typeof id === "number" && Number.isInteger(id) && id >= 0 &&
      id < ids.size;
    if (!isId) {
      throw new FormatError(
        `"${piece}" has id ${id}, wanted 0 to ${ids.size - 1} without a gap`,
      );
    }
    if (pieces[id] !== undefined) {
      throw new FormatError(`"${pieces[id]}" and "${piece}" share id ${id}`);
    }
    pieces[id] = piece;
  }
  const all = Array.from(pieces.keys());
  return {
    pieces,
    specialIds: all.filter((id) => special.has(id)),
    spacedIds: all.filter((id) => spaced.has(id)),
  };
}

/** Merges by rank as ids (M, 2). */
function readMerges(
  merges: unknown,
  { pieces, ids, specialIds }: {
    pieces: readonly string[];
    ids: ReadonlyMap<string, number>;
    specialIds: readonly number[];
  },
): Int32Array {
  if (!Array.isArray(merges)) throw new FormatError("its model has no merges");
  const bytes = bytesOfPieces(pieces);
  const special = new Set(specialIds);
  const seen = new PairTable();
  const result = new Int32Array(2 * merges.length);
  for (const [rank, merge] of merges.entries()) {
    const sides: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    const fail = (reason: string) => {
      throw new FormatError(
        `merge ${rank + 1} of ${merges.length}, ${JSON.stringify(merge)}, ` +
          reason,
      );
    };
    if (!Array.isArray(sides) || sides.length !== 2) fail("is not a pair");
    const [left, right] = (sides as unknown[]).map((side) => {
      const id = typeof side === "string" ? ids.get(side) : undefined;
      if (id === undefined) {
        fail(`joins ${JSON.stringify(side)}: no such piece`);
      }
      if (special.has(id!) || bytes[id!]! >= 0) {
        fail(`joins "${side}": a special or byte piece`);
      }
      return id!;
    });
    const piece = pieces[left!]! + pieces[right!]!;
    const id = ids.get(piece);
    if (id === undefined || special.has(id) || bytes[id]! >= 0) {
      fail(`gives "${piece}": no such piece`);
    }
    if (seen.add(left!, right!) !== rank) fail("comes twice");
    result[2 * rank] = left!;
    result[2 * rank + 1] = right!;
  }
  return result;
}

function isRecord(x: unknown): x is Json {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}
