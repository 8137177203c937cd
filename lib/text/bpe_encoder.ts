/**
 * Byte-pair encoding in the style of SentencePiece and Llama 2: text to ids.
 *
 * A word starts as its characters, or their UTF-8 bytes where the alphabet
 * lacks them; the merges (`merge_table.ts`) join them. Where no piece can
 * continue the text is cut into words, whose ids are remembered.
 *
 * @module
 */
import type { IntList } from "./int_list.ts";
import { MergeTable } from "./merge_table.ts";
import { ByteSpeller, fuseUnknowns, textIds } from "./sentence_pieces.ts";
import type { BpeModel } from "./tokenizer_model.ts";
import { WordCache } from "./word_cache.ts";
import {
  allowJoin,
  type Joins,
  noJoins,
  SPACE_SIGN,
  wordEnd,
} from "./word_cuts.ts";

/** Turns text into ids by the merges of one model. */
export class BpeEncoder {
  readonly #unkId: number;
  readonly #joins: Joins = noJoins();
  /** Id of each character of the alphabet, by code point. */
  readonly #charIds = new Map<number, number>();
  readonly #bytes: ByteSpeller;
  readonly #merges: MergeTable;
  readonly #words = new WordCache((word, ids) => {
    this.#spell(word, ids);
    this.#merges.apply(ids);
  });

  constructor(model: BpeModel) {
    const { merges } = model;
    this.#unkId = model.unkId;
    this.#bytes = new ByteSpeller(model);
    const texts = model.pieces.map((piece) =>
      piece.replaceAll(SPACE_SIGN, " ")
    );
    const ids = textIds(model);
    for (const [text, id] of ids) {
      const code = text.codePointAt(0)!;
      if (text.length === (code > 0xffff ? 2 : 1)) this.#charIds.set(code, id);
    }
    const merged = new Int32Array(merges.length / 2);
    for (let index = 0; index < merged.length; index++) {
      const before = texts[merges[2 * index]!]!;
      const after = texts[merges[2 * index + 1]!]!;
      allowJoin(this.#joins, before, after);
      merged[index] = ids.get(before + after)!;
    }
    this.#merges = new MergeTable(merges, merged, model.mergeRanks);
  }

  /**
   * Appends the ids of a text.
   *
   * @param text well-formed UTF-16, its prefix space included
   */
  encodeInto(text: string, out: IntList): void {
    const first = out.length;
    for (let start = 0; start < text.length;) {
      const end = wordEnd(text, start, this.#joins);
      this.#words.append(text.slice(start, end), out);
      start = end;
    }
    fuseUnknowns(out, first, this.#unkId);
  }

  /** Fills `ids` with the characters of a word. */
  #spell(word: string, ids: IntList): void {
    for (let i = 0; i < word.length;) {
      const code = word.codePointAt(i)!;
      i += code > 0xffff ? 2 : 1;
      const id = this.#charIds.get(code);
      if (id !== undefined) ids.push(id);
      else this.#bytes.spell(code, ids);
    }
  }
}
