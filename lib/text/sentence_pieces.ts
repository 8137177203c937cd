/**
 * What the two kinds of SentencePiece share: which texts their pieces stand
 * for, the spelling in bytes, and one unknown for a run of them.
 *
 * @module
 */
import type { IntList } from "./int_list.ts";
import {
  byteOfPiece,
  type SpaceRules,
  type TokenizerParts,
} from "./tokenizer_model.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

const UTF8 = new TextEncoder();

/** Spells characters in byte pieces; shared by the kinds that have them. */
export class ByteSpeller {
  readonly #unkId: number;
  /** Id of each byte, or -1. */
  readonly #byteIds = new Int32Array(256).fill(-1);

  constructor({ pieces, specialIds, unkId }: TokenizerParts) {
    this.#unkId = unkId;
    const special = new Set(specialIds);
    for (const [id, piece] of pieces.entries()) {
      const byte = byteOfPiece(piece);
      if (byte >= 0 && !special.has(id)) this.#byteIds[byte] = id;
    }
  }

  /** Appends the bytes of a character, or one unknown when a byte is missing. */
  spell(code: number, ids: IntList): void {
    const start = ids.length;
    for (const byte of UTF8.encode(String.fromCodePoint(code))) {
      ids.push(this.#byteIds[byte]!);
    }
    if (ids.data.subarray(start, ids.length).includes(-1)) {
      ids.length = start;
      ids.push(this.#unkId);
    }
  }
}

/**
 * Id of each text that a piece stands for, "▁" turned into a space: special,
 * byte and fixed pieces, which are never found by their text, left out.
 */
export function textIds(
  { pieces, specialIds, rules }: TokenizerParts & {
    readonly rules: SpaceRules;
  },
): Map<string, number> {
  const skipped = new Set([...specialIds, ...rules.fixedIds]);
  const ids = new Map<string, number>();
  for (const [id, piece] of pieces.entries()) {
    if (skipped.has(id) || byteOfPiece(piece) >= 0) continue;
    ids.set(piece.replaceAll(SPACE_SIGN, " "), id);
  }
  return ids;
}

/** Makes each run of unknowns from place `first` on one (`fuse_unk`). */
export function fuseUnknowns(
  ids: IntList,
  first: number,
  unkId: number,
): void {
  const { data } = ids;
  let to = first;
  for (let i = first; i < ids.length; i++) {
    const id = data[i]!;
    if (id !== unkId || to === first || data[to - 1] !== id) data[to++] = id;
  }
  ids.length = to;
}
