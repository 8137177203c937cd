/**
 * The synthetic corpus: stories without end, one after the other, each made
 * when it is asked for.
 *
 * @module
 */
import { ConfigError } from "../../util/mod.ts";
import {
  type SyntheticSplit,
  type SyntheticStory,
  syntheticStory,
} from "./story.ts";

/** How much of the corpus to make. */
export interface SyntheticCorpusOptions {
  /** Seed, a whole number in 0..2^32 - 1. */
  readonly seed: number;
  /** Number of documents; one of `documents` and `bytes` must be given. */
  readonly documents?: number;
  /** UTF-8 bytes of text; the document that reaches them is the last. */
  readonly bytes?: number;
  /** Which of two streams that never meet (default "train"). */
  readonly split?: SyntheticSplit;
  /** Index of the first document (default 0). */
  readonly start?: number;
}

/**
 * Stories one after the other, each made when it is asked for.
 *
 * @throws {ConfigError} when neither or both of `documents` and `bytes` are
 * given, or one is not a number of at least 0
 */
export function* syntheticCorpus(
  { seed, documents, bytes, split = "train", start = 0 }:
    SyntheticCorpusOptions,
): Generator<SyntheticStory> {
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
  const encoder = new TextEncoder();
  let amount = 0;
  for (let index = start; amount < limit; index++) {
    const story = syntheticStory(seed, index, { split });
    amount += documents === undefined ? encoder.encode(story.text).length : 1;
    yield story;
  }
}
