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
  /** Tells a source on disk what will be asked for next, so that it is near. */
  readAhead?(ranges: Iterable<readonly [start: number, end: number]>): void;
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

/**
 * Numbers the documents of one sequence, from 0: each beginning in it raises
 * the number of what follows.
 *
 * @param tokens know where documents begin
 * @param start first token of the sequence
 * @param numbers (T), zeros; written to
 */
export function numberDocuments(
  tokens: TokenSource,
  start: number,
  numbers: Int32Array,
): void {
  const T = numbers.length;
  const starts = tokens.documentStarts!(start + 1, start + T);
  for (let i = 0; i < starts.length; i++) {
    numbers.fill(i + 1, starts[i]! - start);
  }
}

/**
 * Tokens that know where documents begin: where they do not say it, at each
 * `bosId`.
 */
export function withDocumentStarts(
  tokens: TokenSource,
  { bosId, vocabSize }: { readonly bosId: number; readonly vocabSize: number },
): TokenSource {
  if (tokens.documentStarts) return tokens;
  const stream = tokens.subarray(0, tokens.length);
  const starts: number[] = [];
  for (let at = stream.indexOf(bosId); at >= 0;) {
    starts.push(at);
    at = stream.indexOf(bosId, at + 1);
  }
  return new PackedTokens(stream, Int32Array.from(starts), vocabSize);
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
