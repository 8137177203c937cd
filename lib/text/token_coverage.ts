/**
 * How a vocabulary is used: how much of a text its most frequent pieces make
 * up, and whether frequent words are kept whole and only rare ones are cut, as
 * byte-pair encoding promises.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { countLetterWords, tokensOfWord } from "./tokenizer_report.ts";

/** What {@linkcode pieceCoverage} finds. */
export interface PieceCoverage {
  /** Pieces that occur in the text. */
  readonly usedPieces: number;
  /** Share of the vocabulary that occurs, 0 to 1. */
  readonly usedShare: number;
  /**
   * Element n - 1 is the share of the text's tokens, 0 to 1, that are among its
   * n most frequent pieces; as long as there are used pieces.
   */
  readonly shares: Float64Array;
}

/**
 * How much of a text the most frequent pieces cover.
 *
 * @throws {DataError} when the text has no token
 */
export function pieceCoverage(
  tokenizer: Tokenizer,
  text: string,
): PieceCoverage {
  const ids = tokenizer.encode(text);
  if (ids.length === 0) {
    throw new DataError("Cannot find the coverage of an empty text");
  }
  const counts = new Float64Array(tokenizer.vocabSize);
  for (const id of ids) counts[id]!++;
  const shares = counts.filter((count) => count > 0).sort().reverse();
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    sum += shares[i]!;
    shares[i] = sum / ids.length;
  }
  return {
    usedPieces: shares.length,
    usedShare: shares.length / tokenizer.vocabSize,
    shares,
  };
}

/** Words of a text whose frequency ranks lie in one range. */
export interface WordBand {
  /** Rank of the first and last word, 1 for the most frequent. */
  readonly from: number;
  readonly to: number;
  /** Share of the text's words, 0 to 1, that these are. */
  readonly textShare: number;
  /** Share of these words, each counted once, that are one token. */
  readonly wholeShare: number;
  /** Tokens that one of these words takes on average, each counted once. */
  readonly tokensPerWord: number;
}

/**
 * Words of letters in bands by frequency: ranks 1 to 10, 11 to 100, and so on;
 * words of equal count in the order of their first occurrence.
 *
 * @throws {DataError} when the text has no such word
 */
export function wordBands(tokenizer: Tokenizer, text: string): WordBand[] {
  const words = [...countLetterWords(text)].sort(([, a], [, b]) => b - a);
  if (words.length === 0) {
    throw new DataError("Cannot sort words by frequency: the text has none");
  }
  const total = words.reduce((sum, [, count]) => sum + count, 0);
  const bands: WordBand[] = [];
  for (let start = 0, end = 10; start < words.length; start = end, end *= 10) {
    const band = words.slice(start, end);
    const lengths = band.map(([word]) => tokensOfWord(tokenizer, word));
    bands.push({
      from: start + 1,
      to: start + band.length,
      textShare: band.reduce((sum, [, count]) => sum + count, 0) / total,
      wholeShare: lengths.filter((n) => n === 1).length / band.length,
      tokensPerWord: lengths.reduce((sum, n) => sum + n, 0) / band.length,
    });
  }
  return bands;
}
