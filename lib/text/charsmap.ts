/**
 * Replacement of characters as SentencePiece compiles it (`nmt_nfkc` and the
 * like): a tree of byte strings in a double array (Darts-clone) whose leaves
 * point into a table of replacements.
 *
 * Source: SentencePiece, `normalizer.cc`; Yata, darts-clone, `darts.h`.
 *
 * @module
 */
import { FormatError } from "../util/mod.ts";

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A `precompiled_charsmap`, ready for use. */
export class Charsmap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  /** Where the replacement of the entry found last begins. */
  #found = 0;
  readonly #texts = new Map<number, string>();

  /**
   * @param blob size of the tree in bytes (u32, little endian), the tree, the
   * replacements with a zero byte behind each
   * @throws {FormatError} when the sizes do not fit, or the last replacement
   * has no end
   */
  constructor(blob: Uint8Array) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const size = blob.length >= 4 ? view.getUint32(0, true) : 0;
    if (size === 0 || size % 4 !== 0 || 4 + size >= blob.length) {
      throw new FormatError(
        `Cannot read a charsmap of ${blob.length} bytes: its tree of ${size} ` +
          "bytes does not fit",
      );
    }
    if (blob.at(-1) !== 0) {
      throw new FormatError("Cannot read a charsmap: its end is cut off");
    }
    this.#units = Uint32Array.from(
      { length: size / 4 },
      (_, i) => view.getUint32(4 + 4 * i, true),
    );
    this.#replacements = blob.subarray(4 + size);
  }

  /** Length of the longest entry that `bytes` has at `start`, 0 for none. */
  find(bytes: Uint8Array, start: number): number {
    const units = this.#units;
    let length = 0;
    let node = offsetOf(units[0]!);
    for (let i = start; i < bytes.length; i++) {
      node ^= bytes[i]!;
      const unit = units[node];
      // A label has bit 31 clear; a leaf, where it is set, is no step.
      if (unit === undefined || (unit & 0x800000ff) !== bytes[i]!) break;
      node ^= offsetOf(unit);
      if (unit & 0x100) {
        length = i + 1 - start;
        this.#found = (units[node] ?? 0) & 0x7fffffff;
      }
    }
    return length;
  }

  /** What takes the place of the entry that {@linkcode find} found last. */
  replacement(): string {
    let text = this.#texts.get(this.#found);
    if (text === undefined) {
      const end = this.#replacements.indexOf(0, this.#found);
      text = UTF8.decode(this.#replacements.subarray(this.#found, end));
      this.#texts.set(this.#found, text);
    }
    return text;
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
