/**
 * Several corpora as one, by weights: plain text and instruction data, as TTL
 * mixed 60 to 40. Weights are shares of the text in bytes.
 *
 * @module
 */
import { ConfigError, Random } from "../../util/mod.ts";
import {
  type CorpusDocument,
  type DocumentStream,
  utf8Length,
} from "./document.ts";

/** A corpus that is mixed in. */
export interface DocumentMixSource {
  /** Its documents; with "repeat" they must be iterable again. */
  readonly documents: DocumentStream;
  /** Share of the bytes, in proportion to the other weights; above 0. */
  readonly weight: number;
}

/** Settings of {@linkcode mixDocuments}. */
export interface MixDocumentsOptions {
  /**
   * When a source is at its end: "stop" ends the mixture there, so that the
   * weights hold (the default), "drain" goes on with the others, "repeat"
   * begins that source again until each has been at its end once.
   */
  readonly whenEmpty?: "stop" | "drain" | "repeat";
}

type Documents = AsyncIterator<CorpusDocument> | Iterator<CorpusDocument>;

function iteratorOf(documents: DocumentStream): Documents {
  return Symbol.asyncIterator in documents
    ? documents[Symbol.asyncIterator]()
    : documents[Symbol.iterator]();
}

/**
 * Documents of all sources. Next comes always the source that is furthest
 * behind its share of the bytes, so every stretch of the result has about the
 * right mixture, and the same sources give the same result.
 *
 * @throws {ConfigError} when a weight is not a number above 0, or a source that
 * is to be repeated is empty
 */
export async function* mixDocuments(
  sources: readonly DocumentMixSource[],
  { whenEmpty = "stop" }: MixDocumentsOptions = {},
): AsyncGenerator<CorpusDocument> {
  for (const [i, { weight }] of sources.entries()) {
    if (weight > 0 && weight < Infinity) continue;
    throw new ConfigError(
      `Cannot mix source ${i + 1} with weight ${weight}: wanted a number ` +
        "above 0",
    );
  }
  const open = sources.map(({ documents, weight }) => ({
    documents,
    iterator: iteratorOf(documents),
    weight,
    bytes: 0,
    passes: 0,
    isFresh: true,
  }));
  try {
    while (open.length > 0) {
      const next = open.reduce((a, b) =>
        b.bytes / b.weight < a.bytes / a.weight ? b : a
      );
      const { done, value } = await next.iterator.next();
      if (!done) {
        next.bytes += utf8Length(value.text);
        next.isFresh = false;
        yield value;
        continue;
      }
      if (whenEmpty === "stop") return;
      if (whenEmpty === "drain") {
        open.splice(open.indexOf(next), 1);
        continue;
      }
      next.passes++;
      if (open.every(({ passes }) => passes > 0)) return;
      if (next.isFresh) {
        throw new ConfigError(
          "Cannot repeat a source of the mixture: it is empty, or its " +
            "documents can be iterated only once",
        );
      }
      next.iterator = iteratorOf(next.documents);
      next.isFresh = true;
    }
  } finally {
    for (const { iterator } of open) await iterator.return?.();
  }
}

/**
 * Documents in a seeded order with a bounded memory: each comes out at a random
 * moment while it waits among `capacity` others. Documents further apart than
 * the buffer mostly keep their order, so files that are sorted by subject want
 * a large one.
 *
 * @param options.capacity documents that wait at a time
 * @throws {ConfigError} when the capacity is not a whole number of at least 1
 */
export async function* shuffleDocuments(
  documents: DocumentStream,
  { seed, capacity = 10_000 }: { seed: number; capacity?: number },
): AsyncGenerator<CorpusDocument> {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new ConfigError(
      `Cannot shuffle with room for ${capacity} documents: wanted a whole ` +
        "number from 1",
    );
  }
  const random = new Random(seed, "document order");
  const waiting: CorpusDocument[] = [];
  for await (const document of documents) {
    if (waiting.length < capacity) {
      waiting.push(document);
      continue;
    }
    const i = random.int(capacity);
    const drawn = waiting[i]!;
    waiting[i] = document;
    yield drawn;
  }
  yield* random.shuffle(waiting);
}
