/**
 * The repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, appendix
 * A1.1, table A1): text that says the same again and again is dropped.
 *
 * A share of lines or paragraphs counts each repetition after the first. The
 * share of an n-gram counts the characters of its words, each once where two
 * occurrences overlap.
 *
 * @module
 */
import {
  type CorpusFilter,
  type FilterVerdict,
  shortNumber,
  wordsIn,
} from "./filter.ts";

/** Largest shares, 0 to 1, that {@linkcode gopherRepetition} lets through. */
export interface GopherRepetitionKnobs {
  /** Lines that stood there before (0.3). */
  readonly duplicateLines: number;
  /** Paragraphs that stood there before (0.3). */
  readonly duplicateParagraphs: number;
  /** Characters in such lines (0.2). */
  readonly duplicateLineCharacters: number;
  /** Characters in such paragraphs (0.2). */
  readonly duplicateParagraphCharacters: number;
  /** Characters in the most frequent n-gram, by n. */
  readonly topNgram: Readonly<Record<number, number>>;
  /** Characters in any n-gram that occurs twice, by n. */
  readonly duplicateNgrams: Readonly<Record<number, number>>;
}

/** The thresholds of the paper. */
export const GOPHER_REPETITION: GopherRepetitionKnobs = {
  duplicateLines: 0.3,
  duplicateParagraphs: 0.3,
  duplicateLineCharacters: 0.2,
  duplicateParagraphCharacters: 0.2,
  topNgram: { 2: 0.2, 3: 0.18, 4: 0.16 },
  duplicateNgrams: { 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1 },
};

/** Shares of units that stood there before, and of their characters. */
function repeatedUnits(
  units: readonly string[],
): { share: number; characters: number } {
  const seen = new Set<string>();
  let repeated = 0, repeatedCharacters = 0, characters = 0;
  for (const unit of units) {
    characters += unit.length;
    if (seen.has(unit)) {
      repeated++;
      repeatedCharacters += unit.length;
    } else seen.add(unit);
  }
  return {
    share: units.length === 0 ? 0 : repeated / units.length,
    characters: characters === 0 ? 0 : repeatedCharacters / characters,
  };
}

/** What the words of a text repeat, by n. */
interface NgramShares {
  readonly top: ReadonlyMap<number, number>;
  readonly duplicate: ReadonlyMap<number, number>;
}

/**
 * Shares of repeated n-grams for n = 2..10. An n-gram can only occur twice
 * where its first n - 1 words do, so from one n to the next only those places
 * are looked at: in ordinary text soon none are left.
 */
function ngramShares(
  words: readonly string[],
  sizes: readonly number[],
): NgramShares {
  const top = new Map<number, number>();
  const duplicate = new Map<number, number>();
  const ends = new Float64Array(words.length + 1); // characters up to a word
  for (const [i, { length }] of words.entries()) {
    ends[i + 1] = ends[i]! + length;
  }
  const total = ends[words.length]!;
  const ids = numberThem(words);
  const numIds = ids.reduce((max, id) => Math.max(max, id + 1), 0);
  const grams = Int32Array.from(ids); // number of the (n-1)-gram at each place
  let places: readonly number[] = ids.map((_, i) => i);
  const largest = Math.max(...sizes);
  for (let n = 2; n <= largest && places.length > 0; n++) {
    const last = words.length - n;
    const numbers = new Map<number, number>();
    const counts: number[] = [];
    for (const place of places) {
      if (place > last) break;
      const key = grams[place]! * numIds + ids[place + n - 1]!;
      let number = numbers.get(key);
      if (number === undefined) {
        numbers.set(key, number = counts.length);
        counts.push(0);
      }
      counts[number]!++;
      grams[place] = number;
    }
    places = places.filter((place) =>
      place <= last && counts[grams[place]!]! > 1
    );
    if (!sizes.includes(n)) continue;
    // Each character once: what lies behind the end of the last occurrence.
    const covered = new Float64Array(counts.length);
    const reached = new Int32Array(counts.length);
    let coveredByAny = 0, reachedByAny = 0;
    for (const place of places) {
      const gram = grams[place]!;
      const end = place + n;
      covered[gram]! += ends[end]! - ends[Math.max(place, reached[gram]!)]!;
      reached[gram] = end;
      coveredByAny += ends[end]! - ends[Math.max(place, reachedByAny)]!;
      reachedByAny = end;
    }
    top.set(n, covered.reduce((a, b) => Math.max(a, b), 0) / total);
    duplicate.set(n, coveredByAny / total);
  }
  return { top, duplicate };
}

/** A small number for each different word. */
function numberThem(words: readonly string[]): number[] {
  const ids = new Map<string, number>();
  return words.map((word) => {
    let id = ids.get(word);
    if (id === undefined) ids.set(word, id = ids.size);
    return id;
  });
}

/** Gopher's rules against repetition as a filter. */
export function gopherRepetition(
  knobs: Partial<GopherRepetitionKnobs> = {},
): CorpusFilter {
  const k = { ...GOPHER_REPETITION, ...knobs };
  const limitsOf = (limits: Readonly<Record<number, number>>) =>
    Object.entries(limits).map(([n, limit]) => [Number(n), limit] as const);
  const topLimits = limitsOf(k.topNgram);
  const duplicateLimits = limitsOf(k.duplicateNgrams);
  const sizes = [...topLimits, ...duplicateLimits].map(([n]) => n);

  function* shares(text: string): Generator<[string, number, number]> {
    const isText = (unit: string) => unit !== "";
    const trimmed = (unit: string) => unit.trim();
    const lines = repeatedUnits(text.split("\n").map(trimmed).filter(isText));
    yield ["repeated lines", lines.share, k.duplicateLines];
    yield [
      "characters in repeated lines",
      lines.characters,
      k.duplicateLineCharacters,
    ];
    const paragraphs = repeatedUnits(
      text.split(/\n{2,}/).map(trimmed).filter(isText),
    );
    yield ["repeated paragraphs", paragraphs.share, k.duplicateParagraphs];
    yield [
      "characters in repeated paragraphs",
      paragraphs.characters,
      k.duplicateParagraphCharacters,
    ];
    const { top, duplicate } = ngramShares(wordsIn(text), sizes);
    for (const [n, limit] of topLimits) {
      yield [`most frequent ${n}-gram`, top.get(n) ?? 0, limit];
    }
    for (const [n, limit] of duplicateLimits) {
      yield [`repeated ${n}-grams`, duplicate.get(n) ?? 0, limit];
    }
  }

  const judge = (text: string): FilterVerdict => {
    for (const [dropped, share, limit] of shares(text)) {
      if (share <= limit) continue;
      return {
        dropped,
        detail: `${shortNumber(share)}, wanted at most ${limit}`,
      };
    }
    return { text };
  };
  return {
    name: "Gopher repetition",
    knobs: { ...k },
    judge: ({ text }) => judge(text),
  };
}
