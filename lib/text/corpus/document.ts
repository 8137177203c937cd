/**
 * What flows through everything in this folder: one text at a time, with where
 * it comes from. A corpus is never held in memory as a whole.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { TextDocument } from "../text_folder.ts";

/** A text with its origin. */
export interface CorpusDocument extends TextDocument {
  /** Corpus or data set that it belongs to. */
  readonly source: string;
  /** Licence of that corpus, where it is known. */
  readonly licence?: string;
  /** What else the file said about it: the other columns of its row. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Column of a row with name, source and licence of a text that was written. */
export const ORIGIN_COLUMN = "caderno";

/** Documents that come one after the other. */
export type DocumentStream =
  | AsyncIterable<CorpusDocument>
  | Iterable<CorpusDocument>;

/** Bytes of a text in UTF-8; a lone surrogate counts three. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Texts that a program made, as documents of a source: `name` is a number. */
export function* documentsOf(
  texts: Iterable<string>,
  source: string,
): Generator<CorpusDocument> {
  let index = 0;
  for (const text of texts) yield { name: `${index++}`, text, source };
}
