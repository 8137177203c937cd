/**
 * The quality rules of Gopher (Rae et al. 2021, arXiv 2112.11446, appendix
 * A1.1), with Portuguese function words in place of the English ones. TTL used
 * "some of" these rules without saying which; each can be switched off here.
 *
 * @module
 */
import {
  type CorpusFilter,
  type FilterVerdict,
  shortNumber,
  wordsIn,
} from "./filter.ts";

/**
 * Portuguese words in place of Gopher's "the, be, to, of, and, that, have,
 * with": its counterparts and the contractions that Portuguese makes of them.
 */
export const PORTUGUESE_STOP_WORDS: readonly string[] = [
  ...["a", "o", "e", "de", "do", "da", "em", "no", "na", "para", "por"],
  ...["que", "com", "não", "ser", "é", "ter", "um", "uma", "os", "as"],
];

/** Thresholds of {@linkcode gopherQuality}; `Infinity` or 0 switches one off. */
export interface GopherQualityKnobs {
  /** Fewest words (50). */
  readonly minWords: number;
  /** Most words (100,000). */
  readonly maxWords: number;
  /** Shortest mean word, in characters (3). */
  readonly minMeanWordLength: number;
  /** Longest mean word, in characters (10). */
  readonly maxMeanWordLength: number;
  /** Most "#" per word, and most ellipses per word (0.1). */
  readonly maxSymbolRatio: number;
  /** Largest share of lines that begin with a bullet (0.9). */
  readonly maxBulletLines: number;
  /** Largest share of lines that end with an ellipsis (0.3). */
  readonly maxEllipsisLines: number;
  /** Smallest share of words with a letter (0.8). */
  readonly minAlphabeticWords: number;
  /** Fewest different stop words (2). */
  readonly minStopWords: number;
  /** Words that count as stop words, lower case. */
  readonly stopWords: readonly string[];
}

/** The thresholds of the paper. */
export const GOPHER_QUALITY: GopherQualityKnobs = {
  minWords: 50,
  maxWords: 100_000,
  minMeanWordLength: 3,
  maxMeanWordLength: 10,
  maxSymbolRatio: 0.1,
  maxBulletLines: 0.9,
  maxEllipsisLines: 0.3,
  minAlphabeticWords: 0.8,
  minStopWords: 2,
  stopWords: PORTUGUESE_STOP_WORDS,
};

/** What the rules measure of a text. */
interface QualityMeasures {
  readonly words: number;
  readonly meanWordLength: number;
  readonly hashes: number;
  readonly ellipses: number;
  readonly bulletLines: number;
  readonly ellipsisLines: number;
  readonly alphabeticWords: number;
  readonly stopWords: number;
}

const ELLIPSIS = /\.\.\.|…/g;
const BULLET = /^\s*[•‣⁃◦▪●*-]\s/;
const ELLIPSIS_END = /(\.\.\.|…)\s*$/;
/** Punctuation around a word; "(casa)," is "casa". */
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

function measure(
  text: string,
  stopWords: ReadonlySet<string>,
): QualityMeasures {
  const words = wordsIn(text);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const share = (pattern: RegExp) =>
    lines.filter((line) => pattern.test(line)).length / lines.length;
  let letters = 0;
  let alphabetic = 0;
  const found = new Set<string>();
  for (const word of words) {
    letters += word.length;
    if (/\p{L}/u.test(word)) alphabetic++;
    const plain = word.replace(EDGES, "").toLowerCase();
    if (stopWords.has(plain)) found.add(plain);
  }
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return {
    words: words.length,
    meanWordLength: letters / words.length,
    hashes: count(/#/g) / words.length,
    ellipses: count(ELLIPSIS) / words.length,
    bulletLines: share(BULLET),
    ellipsisLines: share(ELLIPSIS_END),
    alphabeticWords: alphabetic / words.length,
    stopWords: found.size,
  };
}

/** Gopher's rules of quality as a filter. */
export function gopherQuality(
  knobs: Partial<GopherQualityKnobs> = {},
): CorpusFilter {
  const k = { ...GOPHER_QUALITY, ...knobs };
  const stopWords = new Set(k.stopWords);
  const judge = (text: string): FilterVerdict => {
    const m = measure(text, stopWords);
    const rules: [rule: string, value: number, min: number, max: number][] = [
      ["number of words", m.words, k.minWords, k.maxWords],
      [
        "mean word length",
        m.meanWordLength,
        k.minMeanWordLength,
        k.maxMeanWordLength,
      ],
      ["hash signs per word", m.hashes, 0, k.maxSymbolRatio],
      ["ellipses per word", m.ellipses, 0, k.maxSymbolRatio],
      ["lines that begin with a bullet", m.bulletLines, 0, k.maxBulletLines],
      ["lines that end in an ellipsis", m.ellipsisLines, 0, k.maxEllipsisLines],
      [
        "words with a letter",
        m.alphabeticWords,
        k.minAlphabeticWords,
        Infinity,
      ],
      ["stop words", m.stopWords, k.minStopWords, Infinity],
    ];
    for (const [rule, value, min, max] of rules) {
      if (value >= min && value <= max) continue;
      const wanted = max === Infinity ? `at least ${min}` : `${min} to ${max}`;
      return {
        dropped: rule,
        detail: `${shortNumber(value)}, wanted ${wanted}`,
      };
    }
    return { text };
  };
  return {
    name: "Gopher quality",
    knobs: { ...k },
    judge: ({ text }) => judge(text),
  };
}
