/**
 * Byte-pair encoding as one would write it on a blackboard: everything counted
 * anew for every merge, the whole text as one list, no cuts, no cache, no
 * queue. Slow, and the judge of the fast one.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BASE_SPECIAL_TOKENS,
  bytePiece,
  type TokenizerModel,
} from "../../lib/text/tokenizer_model.ts";

/** Pieces and merges as strings, a space written as " ". */
export interface NaiveBpe {
  readonly pieces: string[];
  readonly merges: (readonly [string, string])[];
}

const RESERVED = [
  ...BASE_SPECIAL_TOKENS,
  ...Array.from({ length: 256 }, (_, byte) => bytePiece(byte)),
];

/** Words by a regular expression; letters beyond U+FFFF are not looked after. */
function wordsOf(text: string, splitDigits: boolean): string[] {
  const digits = splitDigits ? /\p{N}/u : / ?\p{N}+/u;
  const pattern = new RegExp(
    ` ?[\\p{L}\\p{M}]+|${digits.source}|` +
      " ?[^\\p{L}\\p{M}\\p{N}\\p{Cc} \u2581]+| |[\\p{Cc}\u2581]",
    "gu",
  );
  return ` ${text}`.match(pattern) ?? [];
}

/** Trains by recounting all pairs before every merge. */
export function naiveTrain(
  texts: readonly string[],
  { vocabSize, splitDigits = true }: {
    vocabSize: number;
    splitDigits?: boolean;
  },
): NaiveBpe {
  const words = texts.flatMap((text) => wordsOf(text, splitDigits))
    .map((word) => [...word]);
  const charCounts = new Map<string, number>();
  for (const char of words.flat()) {
    charCounts.set(char, (charCounts.get(char) ?? 0) + 1);
  }
  const alphabet = [...charCounts.keys()]
    .filter((char) => !/[\p{Cc}\u2581 ]/u.test(char))
    .sort((a, b) =>
      charCounts.get(b)! - charCounts.get(a)! ||
      a.codePointAt(0)! - b.codePointAt(0)!
    );
  const pieces = [...RESERVED, " ", ...alphabet];
  const merges: [string, string][] = [];
  while (pieces.length < vocabSize) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const isKnown = pieces.includes(word[i - 1]!) &&
          pieces.includes(word[i]!);
        const key = `${word[i - 1]}\n${word[i]}`;
        if (isKnown) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    let best: [string, string] | undefined, most = 1;
    for (const [key, count] of counts) {
      const [left, right] = key.split("\n") as [string, string];
      if (count < most) continue;
      const isBefore = best === undefined || count > most ||
        pieces.indexOf(left) < pieces.indexOf(best[0]) ||
        (left === best[0] && pieces.indexOf(right) < pieces.indexOf(best[1]));
      if (count === 1 || !isBefore) continue;
      best = [left, right];
      most = count;
    }
    if (best === undefined) break;
    const [left, right] = best;
    merges.push(best);
    if (!pieces.includes(left + right)) pieces.push(left + right);
    for (const word of words) joinPair(word, left, right);
  }
  return { pieces, merges };
}

/** Joins each occurrence in place, from the left. */
function joinPair(word: string[], left: string, right: string): void {
  for (let i = 0; i + 1 < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) {
      word.splice(i, 2, left + right);
    }
  }
}

/**
 * Joins the symbols of a word: the merge of lowest rank first, the leftmost of
 * those, each found by looking at all neighbours.
 */
export function mergeByRank(
  merges: readonly (readonly [string, string])[],
): (symbols: string[]) => string[] {
  const ranks = new Map(
    merges.map(([left, right], rank) => [`${left}\n${right}`, rank]),
  );
  return (symbols) => {
    for (;;) {
      let best = -1, lowest = Infinity;
      for (let i = 1; i < symbols.length; i++) {
        const rank = ranks.get(`${symbols[i - 1]}\n${symbols[i]}`) ?? Infinity;
        if (rank < lowest) [best, lowest] = [i, rank];
      }
      if (best < 0) return symbols;
      symbols.splice(best - 1, 2, symbols[best - 1]! + symbols[best]!);
    }
  };
}

/** An encoder that merges the whole text at once. */
export function naiveEncoder(
  { pieces, merges }: NaiveBpe,
): (text: string) => number[] {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const merge = mergeByRank(merges);
  return (text) => {
    if (text === "") return [];
    const symbols: string[] = [];
    for (const char of ` ${text.toWellFormed()}`) {
      if (ids.has(char)) symbols.push(char);
      else {
        for (const byte of new TextEncoder().encode(char)) {
          symbols.push(bytePiece(byte));
        }
      }
    }
    return merge(symbols).map((symbol) => ids.get(symbol)!);
  };
}

/** The data of a fast tokenizer in the form of the naive one. */
export function asNaive(model: TokenizerModel): NaiveBpe {
  assert(model.kind === "llama");
  const { merges } = model;
  const pieces = model.pieces.map((piece) => piece.replaceAll("\u2581", " "));
  return {
    pieces,
    merges: Array.from({ length: merges.length / 2 }, (_, rank) => [
      pieces[merges[2 * rank]!]!,
      pieces[merges[2 * rank + 1]!]!,
    ]),
  };
}
