/**
 * Texts as weighted bags of words:
 *
 *     weight(w, d) = count(w, d) · (ln((1 + n) / (1 + n_w)) + 1),  |row| = 1
 *
 * with n texts of which n_w have the word (Spärck Jones, 1972; smoothed as in
 * scikit-learn). The product of two rows is the cosine of their angle: what is
 * nearest to a text, as in TeenyTinyLlama's chat demo, and what a simple
 * classifier reads.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";

/** A row of mostly zeros: weights at ascending columns. */
export interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** What counts as a word. */
export interface TfIdfOptions {
  /** Longest run of words that is a word of its own; 1. */
  readonly maxWords?: number;
  /** Words in fewer texts are left out; 1. */
  readonly minTexts?: number;
}

/** Words in lower case, and runs of them. */
function* termsOf(text: string, maxWords: number): Generator<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  for (let n = 1; n <= maxWords; n++) {
    for (let i = 0; i + n <= words.length; i++) {
      yield words.slice(i, i + n).join(" ");
    }
  }
}

/** Product of two sparse rows. */
export function sparseDot(a: SparseRow, b: SparseRow): number {
  let sum = 0;
  for (let i = 0, j = 0; i < a.columns.length && j < b.columns.length;) {
    const order = a.columns[i]! - b.columns[j]!;
    if (order === 0) sum += a.values[i++]! * b.values[j++]!;
    else if (order < 0) i++;
    else j++;
  }
  return sum;
}

/** The vocabulary of some texts, with the weight of each word. */
export class TfIdf {
  /** Rows of the texts that it was made of. */
  readonly rows: readonly SparseRow[];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #idf: Float64Array;
  readonly #maxWords: number;

  /**
   * @throws {DataError} when no word is left
   * @throws {ConfigError} when an option is no whole number from 1
   */
  constructor(
    texts: readonly string[],
    { maxWords = 1, minTexts = 1 }: TfIdfOptions = {},
  ) {
    for (const [name, n] of Object.entries({ maxWords, minTexts })) {
      if (Number.isSafeInteger(n) && n >= 1) continue;
      throw new ConfigError(
        `Cannot weigh words with ${name} ${n}: wanted a whole number from 1`,
      );
    }
    this.#maxWords = maxWords;
    const textsWith = new Map<string, number>();
    for (const text of texts) {
      for (const term of new Set(termsOf(text, maxWords))) {
        textsWith.set(term, (textsWith.get(term) ?? 0) + 1);
      }
    }
    const kept = [...textsWith].filter(([, count]) => count >= minTexts);
    if (kept.length === 0) {
      throw new DataError(
        `Cannot weigh the words of ${texts.length} texts: ` +
          `no word is in ${minTexts} of them`,
      );
    }
    this.#columns = new Map(kept.map(([term], column) => [term, column]));
    this.#idf = Float64Array.from(
      kept,
      ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1,
    );
    this.rows = texts.map((text) => this.rowOf(text));
  }

  /** Number of words. */
  get size(): number {
    return this.#columns.size;
  }

  /** Row of any text; words that are not in the vocabulary do not count. */
  rowOf(text: string): SparseRow {
    const counts = new Map<number, number>();
    for (const term of termsOf(text, this.#maxWords)) {
      const column = this.#columns.get(term);
      if (column !== undefined) {
        counts.set(column, (counts.get(column) ?? 0) + 1);
      }
    }
    const entries = [...counts].sort(([a], [b]) => a - b);
    const values = Float64Array.from(
      entries,
      ([column, count]) => count * this.#idf[column]!,
    );
    const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0)) || 1;
    return {
      columns: Int32Array.from(entries, ([column]) => column),
      values: values.map((value) => value / norm),
    };
  }

  /**
   * The texts that are nearest to one, best first, with the cosine; those
   * without a word in common are left out.
   */
  nearest(
    text: string,
    count: number,
  ): { readonly index: number; readonly similarity: number }[] {
    const row = this.rowOf(text);
    return this.rows
      .map((other, index) => ({ index, similarity: sparseDot(row, other) }))
      .filter(({ similarity }) => similarity > 0)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, count);
  }
}
