/**
 * Trains a tokenizer: counts the words of the texts, chooses the alphabet,
 * learns the merges (`bpe_merges.ts`). Rules are those of the SentencePiece
 * trainer that Llama 2 used, as far as they matter for Portuguese: merges stay
 * inside words and scripts, digits stand alone, rare characters become bytes.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { reservedPieces } from "./bpe_model.ts";
import { learnMerges, MAX_VOCAB_SIZE } from "./bpe_merges.ts";
import { Tokenizer } from "./tokenizer.ts";
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

/** Settings of {@linkcode trainBpe}. */
export interface TrainBpeOptions {
  /** Pieces in all: 4 special, 256 bytes, the alphabet, then merges. */
  readonly vocabSize: number;
  /** Whether each digit is a piece of its own (default true, as in Llama 2). */
  readonly splitDigits?: boolean;
  /**
   * Share of all characters that the alphabet covers, 0 to 1; the rarest rest
   * is spelled in bytes (default 0.99995, as in Llama 2).
   */
  readonly characterCoverage?: number;
  /** Called now and then with the number of pieces so far and wanted. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Trains a tokenizer with the special tokens `<unk>` `<s>` `</s>` `<pad>`.
 *
 * A merged piece never spans two words and holds letters only, digits only or
 * other signs only, after at most one space. The vocabulary stays smaller than
 * asked when no pair is left that occurs twice.
 *
 * @throws {ConfigError} when the alphabet does not fit into `vocabSize`, or a
 * setting is out of range
 */
export function trainBpe(
  texts: Iterable<string>,
  options: TrainBpeOptions,
): Tokenizer {
  const { vocabSize, splitDigits = true, characterCoverage = 0.99995 } =
    options;
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
  const words = countWords(texts, splitDigits);
  const alphabet = chooseAlphabet(words, characterCoverage);
  const reserved = reservedPieces();
  const numFixed = reserved.length + alphabet.length;
  if (numFixed > vocabSize) {
    throw new ConfigError(
      `Cannot train ${vocabSize} pieces: special tokens, bytes and ` +
        `${alphabet.length} characters alone are ${numFixed}`,
    );
  }
  const { pieces, merges } = learnMerges(words, alphabet, {
    reserved,
    vocabSize,
    onProgress: options.onProgress,
  });
  return new Tokenizer({
    pieces: pieces.map((piece) => piece.replaceAll(" ", SPACE_SIGN)),
    merges,
    specialIds: [0, 1, 2, 3],
    spacedIds: [],
    unkId: 0,
    bosId: 1,
    eosId: 2,
    padId: 3,
  });
}

/** How often each distinct word occurs; spaces are spaces here. */
function countWords(
  texts: Iterable<string>,
  splitDigits: boolean,
): Map<string, number> {
  const joins = trainingJoins(splitDigits);
  const counts = new Map<string, number>();
  for (const raw of texts) {
    const text = " " + raw.toWellFormed();
    for (let start = 0; start < text.length;) {
      const end = wordEnd(text, start, joins, MAX_WORD_LENGTH);
      const word = text.slice(start, end);
      const count = counts.get(word);
      if (count === undefined) counts.set(detachWord(word), 1);
      else counts.set(word, count + 1);
      start = end;
    }
  }
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
