/**
 * What a filter is: a name, its knobs, and a judgement of one document. Filters
 * keep a document, change its text or drop it with a reason; counting is the
 * business of `cleanCorpus`.
 *
 * @module
 */
import type { CorpusDocument } from "./document.ts";

/** What a filter says of a document. */
export type FilterVerdict =
  | { readonly text: string }
  | {
    /** Rule that the document breaks: "mean word length". */
    readonly dropped: string;
    /** What was measured: "2.1, wanted 3 to 10". */
    readonly detail?: string;
  };

/** A step of cleaning. Those that remember (duplicates) are used once. */
export interface CorpusFilter {
  readonly name: string;
  /** Its thresholds, for the record. */
  readonly knobs: Readonly<Record<string, unknown>>;
  judge(document: CorpusDocument): FilterVerdict;
}

/** Words of a text: what stands between white space. */
export function wordsIn(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

/** 0.12345 → "0.123", for details of verdicts. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
