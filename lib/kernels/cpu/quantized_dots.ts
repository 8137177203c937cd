/**
 * Quantized rows of a weight times rounded activations, in whole numbers; see
 * lib/kernels/quantized_matmul.ts. Four rows of the weight at once share what
 * is loaded of x, and keep four streams of memory in flight. AssemblyScript;
 * imported by the family "quantized".
 *
 * A group of x takes BLOCK bytes: its scale in four lanes, what its sum starts
 * from, then 128 numbers of 16 bits. In 4 bits they lie as bytes, in the order
 * of a vector of 32 codes: low bytes and high bytes of what meets the low
 * halves, then of what meets the high halves.
 */
import { CHUNK, sums4, touch, withTouched } from "./dots";
import { fma4, max4 } from "./math";

/** Weights of a row that share a scale. */
export const GROUP: i32 = 128;
const HEAD: usize = 32;
/** Bytes of a group of x; ROUNDED_BYTES of quantized_matmul.ts. */
export const BLOCK: usize = HEAD + ((GROUP as usize) << 1);
/** Largest magnitude of x: 127 * 256 + 127, two signed bytes. */
const MOST: f32 = 32639;
/** Below, the scale's reciprocal could be infinite: such x count as zero. */
const LEAST: f32 = 1e-30;

/** Codes of 4 bits are stored as signed ones; with this they are q + 8. */
const FLIP = memory.data<u32>([0x88888888, 0x88888888, 0x88888888, 0x88888888]);
const LOW = memory.data<u32>([0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f]);

/** Eight numbers x times s, as whole numbers of 16 bits. */
// @ts-ignore: decorator
@inline
function whole8(x: usize, s: v128): v128 {
  const a = f32x4.nearest(f32x4.mul(v128.load(x), s));
  const b = f32x4.nearest(f32x4.mul(v128.load(x, 16), s));
  return i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(a),
    i32x4.trunc_sat_f32x4_s(b),
  );
}

/** Rounds a group of x, a multiple of 8 numbers, to whole steps of d. */
function roundGroup(x: usize, to: usize, count: i32, isFour: bool): void {
  let largest = f32x4.splat(0);
  for (let i: usize = 0; i < (count as usize) << 2; i += 16) {
    largest = f32x4.max(largest, f32x4.abs(v128.load(x + i)));
  }
  const most = max4(largest); // NaN if one is
  v128.store(to, f32x4.splat(most / MOST));
  const s = f32x4.splat(most < LEAST ? 0 : MOST / most);
  const ones = i16x8.splat(1);
  let sum = i32x4.splat(0);
  if (count < GROUP) memory.fill(to + HEAD, 0, BLOCK - HEAD);
  let at = to + HEAD;
  for (let i = 0; i < count; i += 8) {
    const q = whole8(x, s);
    x += 32;
    if (!isFour) {
      v128.store(at, q);
      at += 16;
      continue;
    }
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(q, ones));
    const low = i16x8.shr_s(i16x8.shl(q, 8), 8); // q = 256 high + low
    const high = i16x8.shr_s(i16x8.sub(q, low), 8);
    const parts = i8x16.narrow_i16x8_s(low, high);
    v128.store32_lane(at, parts, 0);
    v128.store32_lane(at, parts, 2, 16);
    v128.store32_lane(at, parts, 1, 32);
    v128.store32_lane(at, parts, 3, 48);
    at += (i & 31) == 24 ? 52 : 4; // to the next 32
  }
  // Codes count as q + 8: 8 sums of x are taken off.
  v128.store(to, i32x4.shl(i32x4.neg(sum), 3), 16);
}

/** Rounds a row of x, k numbers, group by group. */
export function roundRow(x: usize, to: usize, k: i32, isFour: bool): void {
  for (let start = 0; start < k; start += GROUP) {
    roundGroup(x, to, min(GROUP, k - start), isFour);
    x += (GROUP as usize) << 2;
    to += BLOCK;
  }
}

/** Sum so far, plus the sum of a group times the scales of x and weight. */
// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, d: v128, scale: usize): v128 {
  const step = f32x4.mul(d, v128.load32_splat(scale));
  return fma4(f32x4.convert_i32x4_s(sum), step, total);
}

/** sum + the dot products of 16 codes w with a and b, eight numbers each. */
// @ts-ignore: decorator
@inline
function add8(w: v128, a: v128, b: v128, sum: v128): v128 {
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), a);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), b);
  return i32x4.add(i32x4.add(sum, low), high);
}

/**
 * A rounded row x times four rows of 8-bit codes, `row` bytes apart, whose
 * scales are `rowScales` bytes apart. Meanwhile touches as many codes from
 * `ahead` on, unless it is 0.
 */
export function fourDots8(
  x: usize,
  k: i32,
  codes: usize,
  row: usize,
  scales: usize,
  rowScales: usize,
  ahead: usize,
): v128 {
  let w0 = codes, w1 = w0 + row, w2 = w1 + row, w3 = w2 + row;
  let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0;
  let touched = 0;
  for (let start = 0; start < k; start += GROUP) {
    if (ahead != 0) { // a group of four rows is a chunk
      touched ^= touch(ahead);
      ahead += CHUNK;
    }
    let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let at = x + HEAD;
    for (let left = min(GROUP, k - start); left > 0; left -= 16) {
      const a = v128.load(at), b = v128.load(at, 16);
      s0 = add8(v128.load(w0), a, b, s0);
      s1 = add8(v128.load(w1), a, b, s1);
      s2 = add8(v128.load(w2), a, b, s2);
      s3 = add8(v128.load(w3), a, b, s3);
      at += 32;
      w0 += 16;
      w1 += 16;
      w2 += 16;
      w3 += 16;
    }
    const d = v128.load(x);
    t0 = scaled(t0, s0, d, scales);
    t1 = scaled(t1, s1, d, scales + rowScales);
    t2 = scaled(t2, s2, d, scales + 2 * rowScales);
    t3 = scaled(t3, s3, d, scales + 3 * rowScales);
    scales += 4;
    x += BLOCK;
  }
  return withTouched(sums4(t0, t1, t2, t3), touched);
}

/** As `fourDots8`, of 4-bit codes. */
export function fourDots4(
  x: usize,
  k: i32,
  codes: usize,
  row: usize,
  scales: usize,
  rowScales: usize,
  ahead: usize,
): v128 {
  const flip = v128.load(FLIP), mask = v128.load(LOW);
  let w0 = codes, w1 = w0 + row, w2 = w1 + row, w3 = w2 + row;
  let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0;
  let touched = 0;
  for (let start = 0; start < k; start += GROUP) {
    if (ahead != 0 && (start & GROUP) == 0) { // two groups are a chunk
      touched ^= touch(ahead);
      ahead += CHUNK;
    }
    let s0 = v128.load(x, 16), s1 = s0, s2 = s0, s3 = s0;
    let h0 = i32x4.splat(0), h1 = h0, h2 = h0, h3 = h0;
    let at = x + HEAD;
    for (let left = min(GROUP, k - start); left > 0; left -= 32) {
      const a = v128.load(at), b = v128.load(at, 16);
      const c = v128.load(at, 32), d = v128.load(at, 48);
      let w = v128.xor(v128.load(w0), flip);
      let low = v128.and(w, mask), high = v128.and(i16x8.shr_u(w, 4), mask);
      s0 = add4(low, a, high, c, s0);
      h0 = add4(low, b, high, d, h0);
      w = v128.xor(v128.load(w1), flip);
      low = v128.and(w, mask);
      high = v128.and(i16x8.shr_u(w, 4), mask);
      s1 = add4(low, a, high, c, s1);
      h1 = add4(low, b, high, d, h1);
      w = v128.xor(v128.load(w2), flip);
      low = v128.and(w, mask);
      high = v128.and(i16x8.shr_u(w, 4), mask);
      s2 = add4(low, a, high, c, s2);
      h2 = add4(low, b, high, d, h2);
      w = v128.xor(v128.load(w3), flip);
      low = v128.and(w, mask);
      high = v128.and(i16x8.shr_u(w, 4), mask);
      s3 = add4(low, a, high, c, s3);
      h3 = add4(low, b, high, d, h3);
      at += 64;
      w0 += 16;
      w1 += 16;
      w2 += 16;
      w3 += 16;
    }
    const d = v128.load(x);
    t0 = scaled(t0, joined(s0, h0), d, scales);
    t1 = scaled(t1, joined(s1, h1), d, scales + rowScales);
    t2 = scaled(t2, joined(s2, h2), d, scales + 2 * rowScales);
    t3 = scaled(t3, joined(s3, h3), d, scales + 3 * rowScales);
    scales += 4;
    x += BLOCK;
  }
  return withTouched(sums4(t0, t1, t2, t3), touched);
}

/**
 * sum + low · a + high · b, of bytes: codes in 0..15 and signed parts of x, for
 * which the relaxed product is exact on every processor.
 */
// @ts-ignore: decorator
@inline
function add4(low: v128, a: v128, high: v128, b: v128, sum: v128): v128 {
  sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(a, low, sum);
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(b, high, sum);
}

/** Sums over low bytes and over high bytes, as one. */
// @ts-ignore: decorator
@inline
function joined(low: v128, high: v128): v128 {
  return i32x4.add(low, i32x4.shl(high, 8));
}
