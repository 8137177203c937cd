/**
 * Filters that drop what came before: the same text, nearly the same text, and
 * lines that stand on many pages. Each remembers, so make a new one for each
 * corpus.
 *
 * @module
 */
import type { CorpusFilter } from "./filter.ts";
import { fingerprintOf, FingerprintTable } from "./fingerprint.ts";
import {
  NearDuplicateIndex,
  type NearDuplicateKnobs,
} from "./near_duplicates.ts";

/** Drops documents whose text came before; white space does not count. */
export function exactDuplicates(): CorpusFilter {
  const seen = new FingerprintTable();
  const names: string[] = [];
  return {
    name: "exact duplicates",
    knobs: {},
    judge: ({ name, text }) => {
      const key = fingerprintOf(text.replace(/\s+/g, " ").trim());
      const first = seen.getOrSet(key, names.length);
      if (first === undefined) {
        names.push(name);
        return { text };
      }
      return { dropped: "same text", detail: `as ${names[first]}` };
    },
  };
}

/** Drops documents that are nearly a document that was kept. */
export function nearDuplicates(
  knobs: Partial<NearDuplicateKnobs> = {},
): CorpusFilter {
  const index = new NearDuplicateIndex(knobs);
  const names: string[] = [];
  return {
    name: "near duplicates",
    knobs: { ...index.knobs },
    judge: ({ name, text }) => {
      const similar = index.addIfNew(text);
      if (similar === undefined) {
        names.push(name);
        return { text };
      }
      return {
        dropped: "nearly the same text",
        detail: `as ${names[similar]}`,
      };
    },
  };
}

/** Thresholds of {@linkcode repeatedLines}. */
export interface RepeatedLinesKnobs {
  /** Shortest line that is kept, in characters (0). */
  readonly minCharacters: number;
  /** How often the same line is kept in the corpus (1). */
  readonly maxOccurrences: number;
}

/**
 * Takes out lines that are too short or stood in the corpus too often: menus,
 * captions, notices. A document of which nothing is left is dropped.
 */
export function repeatedLines(
  { minCharacters = 0, maxOccurrences = 1 }: Partial<RepeatedLinesKnobs> = {},
): CorpusFilter {
  const numbers = new FingerprintTable();
  const occurrences: number[] = [];
  const isKept = (line: string) => {
    const plain = line.trim();
    if (plain === "") return true; // keeps paragraphs apart
    if (plain.length < minCharacters) return false;
    const key = fingerprintOf(plain);
    const number = numbers.getOrSet(key, occurrences.length) ??
      occurrences.push(0) - 1;
    return ++occurrences[number]! <= maxOccurrences;
  };
  return {
    name: "repeated lines",
    knobs: { minCharacters, maxOccurrences },
    judge: (document) => {
      const text = document.text.split("\n").filter(isKept).join("\n")
        .replace(/\n{3,}/g, "\n\n").trim();
      return text === "" ? { dropped: "no line is left" } : { text };
    },
  };
}
