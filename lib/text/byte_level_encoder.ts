/**
 * Byte-level BPE: text to ids.
 *
 * Regular expressions cut the text into words, each word starts as its UTF-8
 * bytes, the merges (`merge_table.ts`) join them. Nothing is ever unknown.
 *
 * @module
 */
import { BYTE_LETTERS, toByteLetters } from "./byte_level.ts";
import type { IntList } from "./int_list.ts";
import { MergeTable } from "./merge_table.ts";
import type { ByteLevelModel } from "./tokenizer_model.ts";
import { WordCache } from "./word_cache.ts";
import { compileWordPattern, forEachPart } from "./word_pattern.ts";

const UTF8 = new TextEncoder();

/** Turns text into ids by the merges of one model. */
export class ByteLevelEncoder {
  readonly #patterns: readonly RegExp[];
  readonly #byteIds: Int32Array;
  readonly #merges: MergeTable;
  readonly #words: WordCache;

  /** @throws {FormatError} when a pattern of the model cannot be used */
  constructor(model: ByteLevelModel) {
    const { pieces, merges } = model;
    const special = new Set(model.specialIds);
    const ids = new Map<string, number>();
    for (const [id, piece] of pieces.entries()) {
      if (!special.has(id)) ids.set(piece, id);
    }
    this.#patterns = model.patterns.map(compileWordPattern);
    this.#byteIds = Int32Array.from(BYTE_LETTERS, (letter) => ids.get(letter)!);
    const merged = Int32Array.from(
      { length: merges.length / 2 },
      (_, i) => ids.get(pieces[merges[2 * i]!]! + pieces[merges[2 * i + 1]!]!)!,
    );
    this.#merges = new MergeTable(merges, merged);
    const wholeWords = model.ignoresMerges ? ids : undefined;
    this.#words = new WordCache((word, out) => {
      const bytes = UTF8.encode(word);
      const whole = wholeWords?.get(toByteLetters(bytes));
      if (whole !== undefined) return out.push(whole);
      for (const byte of bytes) out.push(this.#byteIds[byte]!);
      this.#merges.apply(out);
    });
  }

  /**
   * Appends the ids of a text.
   *
   * @param text well-formed UTF-16
   */
  encodeInto(text: string, out: IntList): void {
    forEachPart(text, this.#patterns, (word) => this.#words.append(word, out));
  }
}
