/**
 * The synthetic corpus: documents without end, one after the other, each made
 * when it is asked for.
 *
 * @module
 */
import { ConfigError } from "../../util/mod.ts";
import {
  type SyntheticDocument,
  syntheticDocument,
  type SyntheticDocumentOptions,
  syntheticStory,
} from "./story.ts";

/** How much of the corpus to make, and of what. */
export interface SyntheticCorpusOptions extends SyntheticDocumentOptions {
  /** Seed, a whole number in 0..2^32 - 1. */
  readonly seed: number;
  /** Number of documents; one of `documents` and `bytes` must be given. */
  readonly documents?: number;
  /** UTF-8 bytes of text; the document that reaches them is the last. */
  readonly bytes?: number;
  /** Index of the first document (default 0). */
  readonly start?: number;
}

/**
 * Documents one after the other, each made when it is asked for. With neither
 * `genres` nor `difficulty` they are {@linkcode syntheticStory}'s stories;
 * with one of them, {@linkcode syntheticDocument}'s documents.
 *
 * @throws {ConfigError} when neither or both of `documents` and `bytes` are
 * given, or one is not a number of at least 0, or for what a document refuses
 */
export function* syntheticCorpus(
  { seed, documents, bytes, start = 0, ...options }: SyntheticCorpusOptions,
): Generator<SyntheticDocument> {
  const limit = documents ?? bytes;
  if (
    limit === undefined || !(limit >= 0) ||
    (documents !== undefined && bytes !== undefined)
  ) {
    throw new ConfigError(
      `Cannot make a corpus of ${documents} documents and ${bytes} bytes: ` +
        "wanted one of the two, from 0",
    );
  }
  const isPlain = options.genres === undefined &&
    options.difficulty === undefined;
  const make = isPlain ? syntheticStory : syntheticDocument;
  const encoder = new TextEncoder();
  let amount = 0;
  for (let index = start; amount < limit; index++) {
    const document = make(seed, index, options);
    amount += documents === undefined
      ? encoder.encode(document.text).length
      : 1;
    yield document;
  }
}
