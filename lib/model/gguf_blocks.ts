/**
 * Quantized blocks of GGUF: 32 weights share one half-precision scale d.
 *
 *     q8_0:  q = round(x / d),        d = max |x| / 127      34 bytes
 *     q4_0:  q = ⌊x / d + 8.5⌋ ≤ 15,  d = -x_max / 8         18 bytes
 *
 * x_max is the weight of the largest magnitude, with its sign: it is kept
 * exactly but for the rounding of d. In q4_0, byte j holds weight j in its low
 * half and weight j + 16 in its high half (ggml, `quantize_row_q*_0_ref`).
 *
 * @module
 */
import { invariant } from "../util/mod.ts";

/** Weights in a block. */
const BLOCK_WEIGHTS = 32;

/** Types of tensors that are written. */
export type GgufType = "f32" | "f16" | "q8_0" | "q4_0";

/** Number of the type in files, and bytes of so many weights. */
export const GGUF_TYPES = {
  f32: { id: 0, weights: 1, bytes: 4 },
  f16: { id: 1, weights: 1, bytes: 2 },
  q4_0: { id: 2, weights: BLOCK_WEIGHTS, bytes: 18 },
  q8_0: { id: 8, weights: BLOCK_WEIGHTS, bytes: 34 },
} as const satisfies Record<GgufType, unknown>;

/** The weight of the largest magnitude, with its sign. */
function extreme(block: Float32Array): number {
  let best = 0;
  for (const x of block) if (Math.abs(x) > Math.abs(best)) best = x;
  return best;
}

function encodeQ8(block: Float32Array, out: Uint8Array): number {
  const d = Math.fround(Math.abs(extreme(block)) / 127);
  const inverse = d === 0 ? 0 : 1 / d;
  // A cast to bytes keeps the low eight bits: two's complement.
  for (const [i, x] of block.entries()) out[2 + i] = roundAway(x * inverse);
  return d;
}

/** Halves away from zero, as C's `roundf`. */
function roundAway(x: number): number {
  return Math.sign(x) * Math.round(Math.abs(x));
}

function encodeQ4(block: Float32Array, out: Uint8Array): number {
  const d = Math.fround(extreme(block) / -8);
  const inverse = d === 0 ? 0 : 1 / d;
  const level = (x: number) => Math.min(15, Math.floor(x * inverse + 8.5));
  for (let j = 0; j < 16; j++) {
    out[2 + j] = level(block[j]!) | level(block[j + 16]!) << 4;
  }
  return d;
}

/**
 * Weights as bytes of a file.
 *
 * @param values a multiple of the type's `weights`
 */
export function encodeWeights(
  values: Float32Array<ArrayBuffer>,
  type: GgufType,
): Uint8Array<ArrayBuffer> {
  if (type === "f32") {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  if (type === "f16") return new Uint8Array(Float16Array.from(values).buffer);
  const { weights, bytes } = GGUF_TYPES[type];
  invariant(values.length % weights === 0, "whole blocks");
  const encode = type === "q8_0" ? encodeQ8 : encodeQ4;
  const out = new Uint8Array(values.length / weights * bytes);
  const view = new DataView(out.buffer);
  for (let i = 0, at = 0; i < values.length; i += weights, at += bytes) {
    const d = encode(values.subarray(i, i + weights), out.subarray(at));
    view.setFloat16(at, d, true);
  }
  return out;
}
