/**
 * Weights stored in 8 or 4 bits: 128 neighbours of a row share one
 * single-precision scale d.
 *
 *     w[n, k] ≈ d[n, ⌊k / 128⌋] q[n, k]
 *     int8:  q = round(w / d) in -127..127,   d = max |w| / 127
 *     int4:  q = round(w / d) in -8..7,       d = w_max / -8
 *
 * w_max is the weight of the largest magnitude, with its sign: all sixteen
 * levels are used. Rounding is to the nearest, ties to even, weight by weight;
 * methods that look at activations (Lin et al., 2023, "AWQ", arXiv 2306.00978,
 * whose group size this is) lose less in 4 bits.
 *
 * In memory: the codes of all rows, the first in the low bits of a word, then
 * the scales (N, ⌈K / 128⌉). In 4 bits, byte j of a word holds code j in its low
 * half and code j + 4 in its high half. K is a multiple of 8: whole words.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Formats with one scale for a group of weights. */
export type QuantizedFormat = "int8" | "int4";

/** Weights of a row that share a scale. */
export const QUANTIZED_GROUP = 128;
/** What the length of a row is a multiple of. */
export const QUANTIZED_STEP = 8;

/** Bits of a code, and the largest magnitude that it stands for. */
const LAYOUT = { int8: { bits: 8, most: 127 }, int4: { bits: 4, most: 8 } };

/** Scales of a row of k weights. */
function groupsOf(k: number): number {
  return Math.ceil(k / QUANTIZED_GROUP);
}

/** Words of the codes of n rows of k weights; the scales follow. */
export function codeWords(
  n: number,
  k: number,
  format: QuantizedFormat,
): number {
  return n * k * LAYOUT[format].bits / 32;
}

/** Bytes of n rows of k weights. */
export function quantizedBytes(
  n: number,
  k: number,
  format: QuantizedFormat,
): number {
  return 4 * (codeWords(n, k, format) + n * groupsOf(k));
}

/** The whole number next to x, of two the even one. */
function roundEven(x: number): number {
  const floor = Math.floor(x), rest = x - floor;
  return rest > 0.5 || rest === 0.5 && floor % 2 !== 0 ? floor + 1 : floor;
}

/** The formula in plain loops: what rows of k weights are stored as, d q. */
export function quantizedReference(
  w: ArrayLike<number>,
  k: number,
  format: QuantizedFormat,
): Float64Array {
  const out = new Float64Array(w.length);
  for (let row = 0; row < w.length; row += k) {
    for (let start = row; start < row + k; start += QUANTIZED_GROUP) {
      const end = Math.min(row + k, start + QUANTIZED_GROUP);
      let extreme = 0;
      for (let i = start; i < end; i++) {
        if (Math.abs(w[i]!) > Math.abs(extreme)) extreme = w[i]!;
      }
      const d = Math.fround(
        format === "int8" ? Math.abs(extreme) / 127 : extreme / -8,
      );
      for (let i = start; i < end && d !== 0; i++) {
        const q = roundEven(w[i]! / d);
        out[i] = d * (format === "int4" ? Math.min(q, 7) : q);
      }
    }
  }
  return out;
}

/** What the words of n rows of k weights stand for, on the host. */
export function decodeQuantized(
  bytes: ArrayBuffer,
  { n, k }: { readonly n: number; readonly k: number },
  format: QuantizedFormat,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(n * k);
  const words = codeWords(n, k, format);
  const codes = new Int8Array(bytes, 0, 4 * words);
  const scales = new Float32Array(bytes, 4 * words);
  for (let i = 0; i < out.length; i++) {
    const group = Math.floor(i % k / QUANTIZED_GROUP);
    const d = scales[Math.floor(i / k) * groupsOf(k) + group]!;
    if (format === "int8") out[i] = d * codes[i]!;
    else {
      const byte = codes[(i >> 3) * 4 + (i & 3)]!;
      // Signed: the left shift drops the other half, the right one extends.
      out[i] = d * (i & 4 ? byte >> 4 : byte << 28 >> 28);
    }
  }
  return out;
}

/**
 * WGSL of a code as a float: code `i` of those in a word, 4 of 8 bits or 8 of
 * 4 bits.
 */
export const QUANTIZED_WGSL = /* wgsl */ `
fn code(word: u32, i: u32, isFour: bool) -> f32 {
  if (!isFour) { return f32(extractBits(i32(word), 8u * i, 8u)); }
  return f32(extractBits(i32(word), 8u * (i & 3u) + 4u * (i >> 2u), 4u));
}`;

/** Source of the CPU's kernels. */
export const QUANTIZED_CPU = {
  family: "quantized",
  source: new URL("./cpu/quantized.ts", import.meta.url),
};

/** Parameters of all kernels; `words` are those of the codes. */
export const QUANTIZED_PARAMS = {
  n: "u32",
  k: "u32",
  isFour: "u32",
  words: "u32",
} as const;

/** Values of {@link QUANTIZED_PARAMS}. */
export function quantizedParams(
  { n, k }: { readonly n: number; readonly k: number },
  format: QuantizedFormat,
) {
  const isFour = Number(format === "int4");
  return { n, k, isFour, words: codeWords(n, k, format) };
}

const quantizeKernel = defineKernel({
  name: "quantize",
  buffers: { x: "read f32", y: "write u32" },
  params: QUANTIZED_PARAMS,
  workgroupSize: 64,
  cpu: QUANTIZED_CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let groups = (p.k + ${QUANTIZED_GROUP - 1}u) / ${QUANTIZED_GROUP}u;
  let i = group * WORKGROUP + lane; // the scale that this lane makes
  if (i >= p.n * groups) { return; }
  let start = (i % groups) * ${QUANTIZED_GROUP}u;
  let first = (i / groups) * p.k + start;
  let count = min(${QUANTIZED_GROUP}u, p.k - start);
  var extreme = 0.0;
  for (var j = 0u; j < count; j++) {
    let w = x[first + j];
    if (abs(w) > abs(extreme)) { extreme = w; }
  }
  let isFour = p.isFour == 1u;
  let d = select(abs(extreme) / 127.0, extreme / -8.0, isFour);
  let inverse = select(0.0, 1.0 / d, d != 0.0);
  y[p.words + i] = bitcast<u32>(d);
  let codes = select(4u, 8u, isFour);
  for (var j = 0u; j < count; j += codes) {
    var word = 0u;
    for (var c = 0u; c < codes; c++) {
      let q = i32(round(x[first + j + c] * inverse));
      if (isFour) {
        let at = 8u * (c & 3u) + 4u * (c >> 2u);
        word |= (u32(min(q, 7)) & 15u) << at;
      } else {
        word |= (u32(q) & 255u) << (8u * c);
      }
    }
    y[(first + j) / codes] = word;
  }
}`,
});

const dequantizeKernel = defineKernel({
  name: "dequantize",
  buffers: { x: "read u32", y: "write f32" },
  params: QUANTIZED_PARAMS,
  workgroupSize: 64,
  cpu: QUANTIZED_CPU,
  wgsl: /* wgsl */ `${QUANTIZED_WGSL}
fn kernel(group: u32, lane: u32) {
  let groups = (p.k + ${QUANTIZED_GROUP - 1}u) / ${QUANTIZED_GROUP}u;
  let at = group * WORKGROUP + lane;
  if (at >= p.words) { return; }
  let isFour = p.isFour == 1u;
  let codes = select(4u, 8u, isFour);
  let first = at * codes;
  let scale = first / p.k * groups + first % p.k / ${QUANTIZED_GROUP}u;
  let d = bitcast<f32>(x[p.words + scale]);
  for (var c = 0u; c < codes; c++) {
    y[first + c] = d * code(x[at], c, isFour);
  }
}`,
});

/** y = n rows of k weights x, quantized; k is a multiple of 8. */
export function quantize(
  device: Device,
  buffers: { readonly x: DeviceBuffer; readonly y: DeviceBuffer },
  sizes: { readonly n: number; readonly k: number },
  format: QuantizedFormat,
): void {
  const { n, k } = sizes;
  device.run(quantizeKernel, buffers, quantizedParams(sizes, format), {
    groups: Math.ceil(n * groupsOf(k) / 64),
    items: n,
    work: 8 * n * k,
  });
}

/** y (n, k), float32, = what x stands for. */
export function dequantize(
  device: Device,
  buffers: { readonly x: DeviceBuffer; readonly y: DeviceBuffer },
  sizes: { readonly n: number; readonly k: number },
  format: QuantizedFormat,
): void {
  const params = quantizedParams(sizes, format);
  device.run(dequantizeKernel, buffers, params, {
    groups: Math.ceil(params.words / 64),
    items: sizes.n,
    work: 2 * sizes.n * sizes.k,
  });
}
