/**
 * The vocabulary in a `tokenizer.json`: pieces by id, merges by rank, and which
 * special token plays which part, each checked.
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";
import { PairTable } from "./pair_table.ts";
import { isJson, type Json } from "./tokenizer_layout.ts";
import type { TokenizerKind, TokenizerParts } from "./tokenizer_model.ts";

/** Pieces by id and which of them are special. */
export type Vocabulary = Pick<
  TokenizerParts,
  "pieces" | "specialIds" | "spacedIds"
>;

/** Names that a role has where no file says it, the likeliest first. */
const USUAL_NAMES: Readonly<Record<string, readonly string[]>> = {
  unk_token: ["<unk>"],
  bos_token: ["<s>", "<|begin_of_text|>"],
  eos_token: ["</s>", "<|end_of_text|>", "<|endoftext|>"],
  pad_token: ["<pad>"],
};

/**
 * Ids of the special tokens that play a part.
 *
 * @param roles see {@linkcode parseTokenizer}
 * @throws {FormatError} when one that must be there is not
 */
export function readRoles(
  { pieces, specialIds }: Vocabulary,
  kind: TokenizerKind,
  roles: Json,
): Pick<TokenizerParts, "unkId" | "bosId" | "eosId" | "padId"> {
  const ids = new Map(specialIds.map((id) => [pieces[id]!, id]));
  const find = (role: string, isOptional: boolean): number | undefined => {
    const given = roles[role];
    const name = isJson(given) ? given.content : given;
    const names = name === undefined || name === null
      ? USUAL_NAMES[role]!
      : [String(name)];
    const id = names.map((name) => ids.get(name)).find((id) =>
      id !== undefined
    );
    // A name that was given must be there.
    if (id !== undefined || (isOptional && names === USUAL_NAMES[role])) {
      return id;
    }
    throw new FormatError(`its ${role} "${names[0]}" is not an added token`);
  };
  const isByteLevel = kind === "byte-level";
  const eosId = find("eos_token", false)!;
  return {
    unkId: find("unk_token", isByteLevel) ?? -1,
    bosId: find("bos_token", isByteLevel) ?? eosId,
    eosId,
    padId: find("pad_token", true) ?? eosId,
  };
}

/**
 * Pieces by id from the vocabulary and the added tokens.
 *
 * @throws {FormatError} when ids have gaps or come twice, or an added token
 * has no name or takes white space with it
 */
export function readPieces(vocab: unknown, added: unknown): Vocabulary {
  if (!isJson(vocab)) throw new FormatError("its model has no vocab");
  const ids = new Map<string, unknown>(Object.entries(vocab));
  const special = new Set<unknown>(), spaced = new Set<unknown>();
  const tokens: unknown = added ?? [];
  if (!Array.isArray(tokens)) throw new FormatError("added_tokens is no list");
  for (const token of tokens) {
    const name = isJson(token) ? token.content : undefined;
    if (!isJson(token) || typeof name !== "string") {
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

/**
 * Merges by rank as ids (M, 2).
 *
 * @param isApart whether a piece takes part in no merge
 * @throws {FormatError} when a merge is no pair of pieces that give a piece, or
 * comes twice
 */
export function readMerges(
  merges: unknown,
  pieces: readonly string[],
  isApart: (id: number) => boolean,
): Int32Array {
  if (!Array.isArray(merges)) throw new FormatError("its model has no merges");
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
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
      if (isApart(id!)) fail(`joins "${side}": a special or byte piece`);
      return id!;
    });
    const piece = pieces[left!]! + pieces[right!]!;
    const id = ids.get(piece);
    if (id === undefined || isApart(id)) {
      fail(`gives "${piece}": no such piece`);
    }
    if (seen.add(left!, right!) !== rank) fail("comes twice");
    result[2 * rank] = left!;
    result[2 * rank + 1] = right!;
  }
  return result;
}
