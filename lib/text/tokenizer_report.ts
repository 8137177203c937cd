/**
 * How well a tokenizer fits a text. TTL compares tokenizers by the tokens that
 * the same 7,400 words take (arXiv 2401.16640, table 1): 9,937 with its own,
 * 14,813 with that of Llama 2, which is 1.34 and 2.00 tokens a word.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** What {@linkcode tokenizerReport} counts. */
export interface TokenizerReport {
  /** Pieces of the tokenizer. */
  readonly vocabSize: number;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
  /** Words: what stands between white space, punctuation included. */
  readonly words: number;
  /** Tokens of the text, without beginning or end token. */
  readonly tokens: number;
  /** Tokens per word, the fertility. */
  readonly tokensPerWord: number;
  /** UTF-8 bytes per token. */
  readonly bytesPerToken: number;
  /** Share of words of letters, 0 to 1, that are one token after a space. */
  readonly wholeWordShare: number;
}

/**
 * Counts words and tokens of a text.
 *
 * @throws {DataError} when the text has no word
 */
export function tokenizerReport(
  tokenizer: Tokenizer,
  text: string,
): TokenizerReport {
  const words = text.match(/\S+/g)?.length ?? 0;
  if (words === 0) {
    throw new DataError("Cannot report on a text without a word");
  }
  const tokens = tokenizer.encode(text).length;
  const bytes = new TextEncoder().encode(text).length;
  let whole = 0, letterWords = 0;
  for (const [word, count] of countLetterWords(text)) {
    letterWords += count;
    if (tokensOfWord(tokenizer, word) === 1) whole += count;
  }
  return {
    vocabSize: tokenizer.vocabSize,
    bytes,
    words,
    tokens,
    tokensPerWord: tokens / words,
    bytesPerToken: bytes / tokens,
    wholeWordShare: letterWords === 0 ? 0 : whole / letterWords,
  };
}

/** The report of one of several tokenizers. */
export interface NamedTokenizerReport extends TokenizerReport {
  readonly name: string;
}

/**
 * Reports of any number of tokenizers on the same text, fewest tokens first.
 *
 * @throws {DataError} when the text has no word
 */
export function compareTokenizers(
  tokenizers: Readonly<Record<string, Tokenizer>>,
  text: string,
): NamedTokenizerReport[] {
  return Object.entries(tokenizers)
    .map(([name, tokenizer]) => ({ name, ...tokenizerReport(tokenizer, text) }))
    .sort((a, b) => a.tokens - b.tokens);
}

/** Words of letters and how often each one occurs. */
export function countLetterWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/\p{L}[\p{L}\p{M}]*/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Tokens of a word as it stands inside of a text, after a space. */
export function tokensOfWord(tokenizer: Tokenizer, word: string): number {
  const lead = tokenizer.addsPrefixSpace ? "" : " ";
  return tokenizer.encode(lead + word).length;
}
