/**
 * The data of a byte-fallback BPE tokenizer in the style of SentencePiece and
 * Llama 2: pieces, merges by rank, special tokens. What is not in the alphabet
 * is spelled in UTF-8 bytes, so that nothing is ever unknown.
 *
 * Source: Sennrich, Haddow and Birch 2016 (arXiv 1508.07909) for BPE; Kudo and
 * Richardson 2018 (arXiv 1808.06226) for the space sign and byte fallback.
 *
 * @module
 */

/** A tokenizer as plain data. */
export interface BpeModel {
  /** Piece of each id, a space written as "▁". */
  readonly pieces: readonly string[];
  /** Ids of the two sides of each merge in order of rank, (merges, 2). */
  readonly merges: Int32Array;
  /** Ids that stand for no text: skipped by default when decoding. */
  readonly specialIds: readonly number[];
  /**
   * Those special ids whose names are found in a text only after a space, which
   * goes with them ("normalized" in Hugging Face's files; TTL's chat tokens).
   */
  readonly spacedIds: readonly number[];
  /** Id of what cannot be spelled; never used when all bytes are pieces. */
  readonly unkId: number;
  /** Id that begins a text. */
  readonly bosId: number;
  /** Id that ends a text. */
  readonly eosId: number;
  /** Id that fills a batch. */
  readonly padId: number;
}

/** Special tokens of a new tokenizer; their ids are 0 to 3, as in TTL. */
export const BASE_SPECIAL_TOKENS = ["<unk>", "<s>", "</s>", "<pad>"] as const;

/** Piece of a byte: 10 → "<0x0A>". */
export function bytePiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** Byte of each id that is a byte piece, -1 of all others. */
export function bytesOfPieces(pieces: readonly string[]): Int16Array {
  const byteOf = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) byteOf.set(bytePiece(byte), byte);
  return Int16Array.from(pieces, (piece) => byteOf.get(piece) ?? -1);
}

/**
 * The special and byte pieces that every new vocabulary begins with. Each holds
 * letters and other signs, so no merge inside a script can ever spell one.
 */
export function reservedPieces(): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => bytePiece(byte));
  return [...BASE_SPECIAL_TOKENS, ...bytes];
}
