/**
 * Numbers of 16 bits on the host: what `data` and `write` of a tensor stored
 * in 16 bits convert from and to.
 *
 * @module
 */
import type { HalfFormat } from "../kernels/mod.ts";

/** Elements as float32, exactly. */
export function fromHalfBits(
  bits: Uint16Array<ArrayBuffer>,
  format: HalfFormat,
): Float32Array<ArrayBuffer> {
  if (format === "float16") {
    const { buffer, byteOffset, length } = bits;
    return Float32Array.from(new Float16Array(buffer, byteOffset, length));
  }
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

/** The bits of the nearest bfloat16, ties to even; NaN stays NaN. */
function brainBits(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return word >>> 16 | 0x40;
  return (word + 0x7fff + (word >>> 16 & 1)) >>> 16;
}

/** The nearest numbers of the format, up to a whole word. */
export function toHalfBits(
  x: Float32Array<ArrayBuffer>,
  format: HalfFormat,
): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(Math.ceil(x.length / 2) * 2);
  if (format === "float16") new Float16Array(bits.buffer).set(x);
  else {
    const words = new Uint32Array(x.buffer, x.byteOffset, x.length);
    for (const [i, word] of words.entries()) bits[i] = brainBits(word);
  }
  return bits;
}
