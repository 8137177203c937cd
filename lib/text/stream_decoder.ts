/**
 * Ids to text as they come, for a model that writes while one reads: the bytes
 * of an unfinished character are held back until it is whole.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { fromByteLetters } from "./byte_level.ts";
import { byteOfPiece, type TokenizerModel } from "./tokenizer_model.ts";
import { SPACE_SIGN } from "./word_cuts.ts";

const UTF8 = new TextEncoder();

/** UTF-8 bytes of every piece in one array; special pieces have a flag. */
export class PieceBytes {
  /** Bytes of all pieces, one after the other. */
  readonly bytes: Uint8Array;
  /** Where the bytes of each id begin; one entry more than there are ids. */
  readonly offsets: Int32Array;
  /** 1 for the id of a special token. */
  readonly isSpecial: Uint8Array;
  /** Whether encoding puts a space in front that decoding takes off. */
  readonly hasPrefixSpace: boolean;

  constructor(model: TokenizerModel) {
    this.hasPrefixSpace = model.kind !== "byte-level" &&
      model.rules.addsPrefixSpace;
    this.isSpecial = new Uint8Array(model.pieces.length);
    for (const id of model.specialIds) this.isSpecial[id] = 1;
    this.offsets = new Int32Array(model.pieces.length + 1);
    const bytesOf = model.kind === "byte-level"
      ? fromByteLetters
      : bytesOfSentencePiece;
    const all = model.pieces.map((piece, id) => {
      const plain = this.isSpecial[id] ? undefined : bytesOf(piece);
      const bytes = plain ?? UTF8.encode(piece);
      this.offsets[id + 1] = this.offsets[id]! + bytes.length;
      return bytes;
    });
    this.bytes = new Uint8Array(this.offsets.at(-1)!);
    for (const [id, bytes] of all.entries()) {
      this.bytes.set(bytes, this.offsets[id]!);
    }
  }
}

function bytesOfSentencePiece(piece: string): Uint8Array {
  const byte = byteOfPiece(piece);
  return byte >= 0
    ? Uint8Array.of(byte)
    : UTF8.encode(piece.replaceAll(SPACE_SIGN, " "));
}

/** How ids become text. */
export interface DecodeOptions {
  /** Whether special tokens are left out of the text (default true). */
  readonly skipSpecial?: boolean;
  /** Whether the ids go on from earlier text: a first space is kept. */
  readonly isContinuation?: boolean;
}

/**
 * Decodes a stream of ids; made by `tokenizer.streamDecoder()`.
 *
 * The space that encoding puts before a text, if it does, is taken away at the
 * start and after each special token that is written out. Bytes that are not UTF-8 become
 * U+FFFD.
 */
export class StreamDecoder {
  readonly #pieces: PieceBytes;
  readonly #skipSpecial: boolean;
  readonly #text = new TextDecoder("utf-8", { ignoreBOM: true });
  #dropsSpace: boolean;

  constructor(pieces: PieceBytes, options: DecodeOptions = {}) {
    this.#pieces = pieces;
    this.#skipSpecial = options.skipSpecial ?? true;
    this.#dropsSpace = pieces.hasPrefixSpace &&
      !(options.isContinuation ?? false);
  }

  /**
   * Text that the ids complete, which may be empty.
   *
   * @param ids one id or several
   * @throws {DataError} when an id is not in the vocabulary
   */
  push(ids: number | ArrayLike<number>): string {
    const list = typeof ids === "number" ? [ids] : ids;
    const { bytes, offsets, isSpecial, hasPrefixSpace } = this.#pieces;
    let size = 0;
    for (let i = 0; i < list.length; i++) {
      const id = list[i]!;
      if (isSpecial[id] === undefined) {
        throw new DataError(
          `Cannot decode id ${id}: the vocabulary has ${isSpecial.length} ids`,
        );
      }
      size += offsets[id + 1]! - offsets[id]!;
    }
    const chunk = new Uint8Array(size);
    let length = 0;
    for (let i = 0; i < list.length; i++) {
      const id = list[i]!;
      if (isSpecial[id] && this.#skipSpecial) continue;
      let start = offsets[id]!;
      if (this.#dropsSpace && bytes[start] === 0x20) start++;
      this.#dropsSpace = hasPrefixSpace && isSpecial[id] === 1;
      const piece = bytes.subarray(start, offsets[id + 1]);
      chunk.set(piece, length);
      length += piece.length;
    }
    return this.#text.decode(chunk.subarray(0, length), { stream: true });
  }

  /** What is left at the end: U+FFFD for a character that was cut short. */
  end(): string {
    return this.#text.decode();
  }
}
