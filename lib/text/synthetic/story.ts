/**
 * Synthetic documents by number. A document depends on the seed, the split,
 * what was asked for and its index alone: it is made from a stretch of the
 * seed's random stream that belongs to that index, so any of them can be made
 * at any time, in any order.
 *
 * @module
 */
import { ConfigError, invariant, Random } from "../../util/mod.ts";
import {
  makeDocument,
  type SyntheticDocument,
  type SyntheticGenre,
} from "./document.ts";
import { SHAPES, SYNTHETIC_GENRES } from "./genres.ts";
import type { SyntheticDifficulty } from "./template.ts";

export type {
  SyntheticDocument,
  SyntheticGenre,
  SyntheticInstruction,
  SyntheticQuestion,
} from "./document.ts";
export { SYNTHETIC_GENRES } from "./genres.ts";
export type { SyntheticDifficulty } from "./template.ts";

/** Training text and held-out text come from streams that never meet. */
export type SyntheticSplit = "train" | "heldOut";

/** A document by its first name: at first there were only stories. */
export type SyntheticStory = SyntheticDocument;

/** Random words set aside for a document; the most seen in 35,000 was 213. */
const WORDS_PER_DOCUMENT = 1024;
/** The last index whose stretch of the stream is counted exactly. */
const MAX_INDEX = Math.floor(Number.MAX_SAFE_INTEGER / WORDS_PER_DOCUMENT) - 1;

/** The stretch of a stream that belongs to an index. */
function stretch(
  seed: number,
  stream: string,
  index: number,
  noun: string,
): Random {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) {
    throw new ConfigError(
      `Cannot make ${noun} ${index}: wanted a whole number in 0..${MAX_INDEX}`,
    );
  }
  const random = new Random(seed, stream);
  random.position = index * WORDS_PER_DOCUMENT;
  return random;
}

function checkStretch(random: Random, { name, index }: SyntheticDocument) {
  invariant(
    random.position <= (index + 1) * WORDS_PER_DOCUMENT,
    () => `${name} drew more than ${WORDS_PER_DOCUMENT} words`,
  );
}

/**
 * Story number `index` of a seed.
 *
 * @param seed whole number, 0 to 2^32 - 1
 * @param index whole number, 0 to 2^43 - 2
 * @throws {ConfigError} when seed or index is not such a number
 */
export function syntheticStory(
  seed: number,
  index: number,
  { split = "train" }: { split?: SyntheticSplit } = {},
): SyntheticStory {
  const random = stretch(seed, `synthetic/${split}`, index, "story");
  const story = makeDocument({
    name: `${split} ${index}`,
    index,
    genre: "story",
    shape: random.pick(SHAPES.story),
    random,
  });
  checkStretch(random, story);
  return story;
}

/** What {@linkcode syntheticDocument} draws from. */
export interface SyntheticDocumentOptions {
  /** Which of two streams that never meet (default "train"). */
  readonly split?: SyntheticSplit;
  /** Genres, all equally likely (default all of them). */
  readonly genres?: readonly SyntheticGenre[];
  /**
   * 1 short and plain, 2 usual, 3 long, with wrong answers that the text itself
   * tells (default 2). Stories are told alike; their items follow it.
   */
  readonly difficulty?: SyntheticDifficulty;
}

/**
 * Document number `index` of a seed, of one of the genres, with items of every
 * family beside it. The stories among them are others than those of
 * {@linkcode syntheticStory}.
 *
 * @param seed whole number, 0 to 2^32 - 1
 * @param index whole number, 0 to 2^43 - 2
 * @throws {ConfigError} when seed or index is not such a number, a genre is
 * unknown, named twice or missing, or the difficulty is not 1, 2 or 3
 */
export function syntheticDocument(
  seed: number,
  index: number,
  { split = "train", genres = SYNTHETIC_GENRES, difficulty = 2 }:
    SyntheticDocumentOptions = {},
): SyntheticDocument {
  const isKnown = genres.every((genre) => SYNTHETIC_GENRES.includes(genre));
  if (
    !isKnown || genres.length === 0 || new Set(genres).size < genres.length
  ) {
    throw new ConfigError(
      `Cannot make a document of the genres "${genres.join(", ")}": wanted ` +
        `one or more of ${SYNTHETIC_GENRES.join(", ")}, each once`,
    );
  }
  if (![1, 2, 3].includes(difficulty)) {
    throw new ConfigError(
      `Cannot make a document of difficulty ${difficulty}: wanted 1, 2 or 3`,
    );
  }
  const stream = `synthetic/${split}/genres`;
  const random = stretch(seed, stream, index, "document");
  const genre = random.pick(genres);
  const document = makeDocument({
    name: `${split} ${genre} ${index}`,
    index,
    genre,
    shape: random.pick(SHAPES[genre]),
    random,
    difficulty,
  });
  checkStretch(random, document);
  return document;
}
