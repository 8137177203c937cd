/**
 * What is in a corpus, counted in one pass and little memory.
 *
 * @module
 */
import { type CorpusDocument, utf8Length } from "./document.ts";
import { wordsIn } from "./filter.ts";
import { fingerprintOf, FingerprintTable } from "./fingerprint.ts";
import type { GuessLanguage } from "./language_filter.ts";
import { type CorpusSource, SourceTally } from "./source_tally.ts";

/** Different words that are counted; natural text has fewer by far. */
const MAX_WORDS = 2 ** 24;
/** Steps in which lengths are counted: ten to a factor of two. */
const STEPS = 10;

/** Counts of documents that are added one by one. */
export class CorpusStats {
  documents = 0;
  /** UTF-8 bytes. */
  bytes = 0;
  /** What stands between white space. */
  words = 0;
  readonly #words = new FingerprintTable();
  readonly #sources = new SourceTally();
  readonly #lengths: number[] = [];
  readonly #languages = new Map<string, number>();
  readonly #guess: GuessLanguage | undefined;

  /** @param guess counts languages too */
  constructor(guess?: GuessLanguage) {
    this.#guess = guess;
  }

  /** Counts a document. */
  add(document: CorpusDocument): void {
    const bytes = utf8Length(document.text);
    this.documents++;
    this.bytes += bytes;
    this.#sources.count(document);
    const step = Math.floor(STEPS * Math.log2(Math.max(1, bytes)));
    this.#lengths[step] = (this.#lengths[step] ?? 0) + 1;
    for (const word of wordsIn(document.text)) {
      this.words++;
      if (!this.isVocabularyFull) this.#words.getOrSet(fingerprintOf(word), 0);
    }
    if (!this.#guess) return;
    const language = this.#guess(document.text);
    this.#languages.set(
      language,
      (this.#languages.get(language) ?? 0) + bytes,
    );
  }

  /** Number of different words, capitals and punctuation told apart. */
  get differentWords(): number {
    return this.#words.size;
  }

  /** Whether there are more different words than are counted (16.8 million). */
  get isVocabularyFull(): boolean {
    return this.#words.size >= MAX_WORDS;
  }

  /**
   * A length in bytes that so large a share of the documents keeps to, 0 to 1;
   * at most 7 % above the exact one.
   */
  bytesQuantile(share: number): number {
    let left = share * this.documents;
    for (const [step, count = 0] of this.#lengths.entries()) {
      left -= count;
      if (left <= 0) return Math.ceil(2 ** ((step + 1) / STEPS));
    }
    return 0;
  }

  /** Totals by source. */
  sources(): CorpusSource[] {
    return this.#sources.rows();
  }

  /** Shares of the bytes by guessed language, largest first. */
  languages(): { language: string; share: number }[] {
    return [...this.#languages]
      .map(([language, bytes]) => ({ language, share: bytes / this.bytes }))
      .sort((a, b) => b.share - a.share);
  }
}
