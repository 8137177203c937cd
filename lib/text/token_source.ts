/**
 * Where batches come from: tokens in memory, or in shards on disk.
 *
 * @module
 */

/** Tokens of a corpus: two bytes each where the vocabulary allows it. */
export type TokenArray = Uint16Array | Int32Array;

/** A long stream of tokens that can be read at any place. */
export interface TokenSource {
  /** Number of tokens. */
  readonly length: number;
  /** Tokens `start` up to `end`; they must not be changed. */
  subarray(start: number, end: number): TokenArray;
  /** Ids are below this; without it they are looked through. */
  readonly vocabSize?: number;
  /** Places in `start` up to `end` at which a document begins, ascending. */
  documentStarts?(start: number, end: number): ArrayLike<number>;
}

/** The first index at which an ascending list has a value of at least `x`. */
export function lowerBound(values: ArrayLike<number>, x: number): number {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Tokens in memory with the places at which documents begin. */
export class PackedTokens implements TokenSource {
  readonly tokens: TokenArray;
  /** Ascending. */
  readonly starts: Int32Array;
  readonly vocabSize: number;

  constructor(tokens: TokenArray, starts: Int32Array, vocabSize: number) {
    this.tokens = tokens;
    this.starts = starts;
    this.vocabSize = vocabSize;
  }

  get length(): number {
    return this.tokens.length;
  }

  subarray(start: number, end: number): TokenArray {
    return this.tokens.subarray(start, end);
  }

  documentStarts(start: number, end: number): Int32Array {
    const { starts } = this;
    return starts.subarray(lowerBound(starts, start), lowerBound(starts, end));
  }
}
