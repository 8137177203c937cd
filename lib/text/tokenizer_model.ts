/**
 * The data of a tokenizer, of one of three kinds: BPE over characters as in
 * Llama 2, BPE over bytes as in GPT-2 and Llama 3, and the unigram model of
 * SentencePiece. What a kind needs to turn text into ids is all in here.
 *
 * Source: Sennrich, Haddow and Birch 2016 (arXiv 1508.07909) for BPE; Radford
 * et al. 2019 (GPT-2) for bytes; Kudo 2018 (arXiv 1804.10959) for unigrams;
 * Kudo and Richardson 2018 (arXiv 1808.06226) for the space sign.
 *
 * @module
 */

/** What tokenizers of every kind have. */
export interface TokenizerParts {
  /**
   * Piece of each id. A space is written as "▁", or in the byte-level kind
   * every byte as a letter of its alphabet ("Ġ" for a space).
   */
  readonly pieces: readonly string[];
  /** Ids that stand for no text: skipped by default when decoding. */
  readonly specialIds: readonly number[];
  /**
   * Those special ids whose names are found in a text only after a space, which
   * goes with them ("normalized" in Hugging Face's files; TTL's chat tokens).
   */
  readonly spacedIds: readonly number[];
  /** Id of what cannot be spelled; -1 where every byte is a piece anyway. */
  readonly unkId: number;
  /** Id that begins a text. */
  readonly bosId: number;
  /** Id that ends a text. */
  readonly eosId: number;
  /** Id that fills a batch. */
  readonly padId: number;
}

/** What happens to a text before SentencePiece looks for pieces. */
export interface SpaceRules {
  /** Whether a space is put in front of the text, and taken off again. */
  readonly addsPrefixSpace: boolean;
  /** Whether outer spaces go away and runs of them become one. */
  readonly collapsesSpaces: boolean;
  /** Compiled replacements of characters (`precompiled_charsmap`), or none. */
  readonly charsmap: Uint8Array;
  /**
   * Ids of user-defined pieces, whose characters are not replaced: BPE finds
   * them in any text and joins them to nothing, for unigrams they are likely.
   */
  readonly fixedIds: readonly number[];
}

/** The rules of Llama 2: a space in front, nothing else is changed. */
export const LLAMA_RULES: SpaceRules = {
  addsPrefixSpace: true,
  collapsesSpaces: false,
  charsmap: new Uint8Array(),
  fixedIds: [],
};

/** BPE over characters; what the alphabet lacks is spelled in UTF-8 bytes. */
export interface BpeModel extends TokenizerParts {
  readonly kind: "llama";
  /** Ids of the two sides of each merge in order of rank, (merges, 2). */
  readonly merges: Int32Array;
  /**
   * Rank of each merge where several share one and the leftmost goes first, as
   * in SentencePiece's files; without it the place in the list is the rank.
   */
  readonly mergeRanks?: Int32Array;
  readonly rules: SpaceRules;
}

/** BPE over the bytes of words that regular expressions cut. */
export interface ByteLevelModel extends TokenizerParts {
  readonly kind: "byte-level";
  /** Ids of the two sides of each merge in order of rank, (merges, 2). */
  readonly merges: Int32Array;
  /**
   * Regular expressions as in Hugging Face's files: each one cuts the parts
   * that the one before left, and what it does not match stays a part.
   */
  readonly patterns: readonly string[];
  /** Whether a space is put before a text that does not begin with one. */
  readonly addsPrefixSpace: boolean;
  /** Whether letters and accents are composed first (NFC, as in Qwen 2). */
  readonly composesLetters: boolean;
  /** Whether a word that is a piece is taken as it is (Llama 3). */
  readonly ignoresMerges: boolean;
}

/** Pieces with log probabilities; the most probable spelling is taken. */
export interface UnigramModel extends TokenizerParts {
  readonly kind: "unigram";
  /** Natural logarithm of each piece's probability; 0 for special pieces. */
  readonly scores: Float32Array;
  readonly rules: SpaceRules;
}

/** A tokenizer as plain data. */
export type TokenizerModel = BpeModel | ByteLevelModel | UnigramModel;

/** Name of a kind of tokenizer. */
export type TokenizerKind = TokenizerModel["kind"];

/** Special tokens of a new tokenizer; their ids are 0 to 3, as in TTL. */
export const BASE_SPECIAL_TOKENS = ["<unk>", "<s>", "</s>", "<pad>"] as const;

/** Piece of a byte: 10 → "<0x0A>". */
export function bytePiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** Byte of a byte piece ("<0x0A>" → 10), -1 for any other. */
export function byteOfPiece(piece: string): number {
  const match = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return match ? parseInt(match[1]!, 16) : -1;
}

/**
 * The special and byte pieces that every new vocabulary of the Llama kind
 * begins with. Each holds letters and other signs, so no merge inside a script
 * can ever spell one.
 */
export function reservedPieces(): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => bytePiece(byte));
  return [...BASE_SPECIAL_TOKENS, ...bytes];
}
