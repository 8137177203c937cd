/**
 * Trains a tokenizer: counts the words of the texts, chooses the alphabet,
 * learns the merges (`bpe_merges.ts`). Rules are those of the SentencePiece
 * trainer that Llama 2 used, as far as they matter for Portuguese: merges stay
 * inside words and scripts, digits stand alone, rare characters become bytes.
 * The byte-level kind takes the words of Llama 3 and merges their bytes.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import {
  type LearnedMerges,
  learnMerges,
  MAX_VOCAB_SIZE,
} from "./bpe_merges.ts";
import {
  BYTE_LETTERS,
  LLAMA3_PATTERN,
  SPLIT_DIGITS_PATTERN,
  toByteLetters,
} from "./byte_level.ts";
import { Tokenizer } from "./tokenizer.ts";
import {
  BASE_SPECIAL_TOKENS,
  LLAMA_RULES,
  reservedPieces,
} from "./tokenizer_model.ts";
import { compileWordPattern, forEachPart } from "./word_pattern.ts";
import {
  detachWord,
  isBytesOnly,
  SPACE_SIGN,
  trainingJoins,
  wordEnd,
} from "./word_cuts.ts";

/**
 * Longer words are counted in parts: each merge looks at every word that holds
 * its pair from end to end, and a text in a script without spaces is one word.
 */
const MAX_WORD_LENGTH = 256;
const WORD_PARTS = new RegExp(`[^]{1,${MAX_WORD_LENGTH}}`, "gu");

/** Settings of {@linkcode trainBpe}. */
export interface TrainBpeOptions {
  /**
   * Pieces in all: 4 special ones, 256 bytes, the alphabet, then merges; the
   * byte-level kind has no alphabet besides the bytes.
   */
  readonly vocabSize: number;
  /** "llama" (default): over characters; "byte-level": over bytes. */
  readonly kind?: "llama" | "byte-level";
  /** Whether each digit is a piece of its own (default true, as in Llama 2). */
  readonly splitDigits?: boolean;
  /**
   * Share of all characters that the alphabet covers, 0 to 1; the rarest rest
   * is spelled in bytes (default 0.99995, as in Llama 2; not for "byte-level").
   */
  readonly characterCoverage?: number;
  /** Called now and then with the number of pieces so far and wanted. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Roles of the special tokens of a new tokenizer. */
const ROLES = {
  specialIds: [0, 1, 2, 3],
  spacedIds: [],
  unkId: 0,
  bosId: 1,
  eosId: 2,
  padId: 3,
};

/**
 * Trains a tokenizer with the special tokens `<unk>` `<s>` `</s>` `<pad>`; more
 * are added later by `withSpecialTokens`.
 *
 * A merged piece of the Llama kind never spans two words and holds letters
 * only, digits only or other signs only, after at most one space. The words of
 * the byte-level kind are those of Llama 3, with digits split those of Qwen 2.
 * The vocabulary stays smaller than asked when no pair is left that occurs
 * twice.
 *
 * @throws {ConfigError} when the alphabet does not fit into `vocabSize`, or a
 * setting is out of range
 */
export function trainBpe(
  texts: Iterable<string>,
  options: TrainBpeOptions,
): Tokenizer {
  const { vocabSize, characterCoverage = 0.99995 } = options;
  if (!Number.isInteger(vocabSize) || vocabSize > MAX_VOCAB_SIZE) {
    throw new ConfigError(
      `Cannot train ${vocabSize} pieces: wanted a whole number of at most ` +
        MAX_VOCAB_SIZE,
    );
  }
  if (!(characterCoverage >= 0 && characterCoverage <= 1)) {
    throw new ConfigError(
      `Cannot cover ${characterCoverage} of all characters: wanted 0 to 1`,
    );
  }
  return options.kind === "byte-level"
    ? trainByteLevel(texts, options)
    : trainLlama(texts, options, characterCoverage);
}

function trainLlama(
  texts: Iterable<string>,
  options: TrainBpeOptions,
  characterCoverage: number,
): Tokenizer {
  const joins = trainingJoins(options.splitDigits ?? true);
  const words = countWords(texts, (raw, visit) => {
    const text = " " + raw;
    for (let start = 0; start < text.length;) {
      const end = wordEnd(text, start, joins, MAX_WORD_LENGTH);
      visit(text.slice(start, end));
      start = end;
    }
  });
  const alphabet = chooseAlphabet(words, characterCoverage);
  const { pieces, merges } = learn(words, alphabet, reservedPieces(), options);
  return new Tokenizer({
    kind: "llama",
    pieces: pieces.map((piece) => piece.replaceAll(" ", SPACE_SIGN)),
    merges,
    rules: LLAMA_RULES,
    ...ROLES,
  });
}

function trainByteLevel(
  texts: Iterable<string>,
  options: TrainBpeOptions,
): Tokenizer {
  const patterns = [
    options.splitDigits ?? true ? SPLIT_DIGITS_PATTERN : LLAMA3_PATTERN,
  ];
  const compiled = patterns.map(compileWordPattern);
  const words = countWords(texts, (text, visit) => {
    forEachPart(text, compiled, (word) => {
      if (word.length <= MAX_WORD_LENGTH) visit(word);
      else for (const part of word.match(WORD_PARTS) ?? []) visit(part);
    });
  });
  const encoder = new TextEncoder();
  const spelled = new Map<string, number>();
  for (const [word, count] of words) {
    spelled.set(toByteLetters(encoder.encode(word)), count);
  }
  const reserved = [...BASE_SPECIAL_TOKENS];
  const { pieces, merges } = learn(spelled, BYTE_LETTERS, reserved, options);
  return new Tokenizer({
    kind: "byte-level",
    pieces,
    merges,
    patterns,
    addsPrefixSpace: false,
    composesLetters: false,
    ignoresMerges: false,
    ...ROLES,
  });
}

/** Learns merges when reserved pieces and alphabet leave room for them. */
function learn(
  words: ReadonlyMap<string, number>,
  alphabet: readonly string[],
  reserved: readonly string[],
  { vocabSize, onProgress }: TrainBpeOptions,
): LearnedMerges {
  const numFixed = reserved.length + alphabet.length;
  if (numFixed > vocabSize) {
    const parts = alphabet === BYTE_LETTERS
      ? "special tokens and bytes"
      : `special tokens, bytes and ${alphabet.length} characters`;
    throw new ConfigError(
      `Cannot train ${vocabSize} pieces: ${parts} alone are ${numFixed}`,
    );
  }
  return learnMerges(words, alphabet, { reserved, vocabSize, onProgress });
}

/**
 * How often each distinct word occurs.
 *
 * @param forEachWord calls `visit` with each word of a text
 */
function countWords(
  texts: Iterable<string>,
  forEachWord: (text: string, visit: (word: string) => void) => void,
): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (word: string) => {
    const count = counts.get(word);
    if (count === undefined) counts.set(detachWord(word), 1);
    else counts.set(word, count + 1);
  };
  for (const text of texts) forEachWord(text.toWellFormed(), visit);
  return counts;
}

/** The space, then the most frequent characters up to the share `coverage`. */
function chooseAlphabet(
  words: ReadonlyMap<string, number>,
  coverage: number,
): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    for (const char of word) counts.set(char, (counts.get(char) ?? 0) + count);
  }
  counts.delete(" ");
  const candidates = [...counts].filter(([char]) =>
    !isBytesOnly(char.codePointAt(0)!)
  ).sort(([a, m], [b, n]) => n - m || a.codePointAt(0)! - b.codePointAt(0)!);
  const total = candidates.reduce((sum, [, count]) => sum + count, 0);
  const alphabet = [" "];
  let covered = 0;
  for (const [char, count] of candidates) {
    if (covered >= coverage * total) break;
    alphabet.push(char);
    covered += count;
  }
  return alphabet;
}
