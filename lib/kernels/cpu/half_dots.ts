/**
 * Rows stored in 16 bits, widened as they are read; see lib/kernels/half.ts.
 * AssemblyScript; imported by the family "half".
 */
import { CHUNK, sums4, touch, withTouched } from "./dots";
import { fma4 } from "./math";

/** The least binary16, 2^-24. */
const TINY: f32 = 5.9604644775390625e-8;

/**
 * float32 from binary16, each extended to a word. Numbers too small for a
 * normal binary16 are counted in whole steps: arithmetic on numbers that are
 * not normal in float32 takes processors a hundred times as long.
 */
// @ts-ignore: decorator
@inline
function fromBinary16(words: v128): v128 {
  const size = v128.and(words, i32x4.splat(0x7fff));
  const normal = i32x4.add(i32x4.shl(size, 13), i32x4.splat(0x38000000));
  const tiny = f32x4.mul(f32x4.convert_i32x4_s(size), f32x4.splat(TINY));
  const isTiny = i32x4.lt_s(size, i32x4.splat(0x400));
  const isHuge = i32x4.gt_s(size, i32x4.splat(0x7bff)); // infinite or NaN
  return v128.or(
    v128.bitselect(tiny, normal, isTiny),
    v128.or(
      v128.and(isHuge, i32x4.splat(0x7f800000)),
      i32x4.shl(i32x4.shr_u(words, 15), 31),
    ),
  );
}

/** Lanes 0 to 3 of both, in turn. */
// @ts-ignore: decorator
@inline
function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Lanes 4 to 7 of both, in turn. */
// @ts-ignore: decorator
@inline
function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** The first four of eight numbers. */
// @ts-ignore: decorator
@inline
function low4(halves: v128, isBrain: bool): v128 {
  return isBrain
    ? zipLow(i32x4.splat(0), halves)
    : fromBinary16(i32x4.extend_low_i16x8_s(halves));
}

/** The last four of eight numbers. */
// @ts-ignore: decorator
@inline
function high4(halves: v128, isBrain: bool): v128 {
  return isBrain
    ? zipHigh(i32x4.splat(0), halves)
    : fromBinary16(i32x4.extend_high_i16x8_s(halves));
}

/** One number. */
// @ts-ignore: decorator
@inline
export function wide1(at: usize, isBrain: bool): f32 {
  return f32x4.extract_lane(low4(i16x8.splat(load<i16>(at)), isBrain), 0);
}

/**
 * For binary16 as the upper halves of floats: where fields come to lie, what
 * an exponent grows by; then one, and all but the lowest bit, of an exponent.
 */
const UPPER = memory.data<u32>([
  0x8fff8fff, 0x8fff8fff, 0x8fff8fff, 0x8fff8fff,
  0x38003800, 0x38003800, 0x38003800, 0x38003800,
  0x04000400, 0x04000400, 0x04000400, 0x04000400,
  0x78007800, 0x78007800, 0x78007800, 0x78007800,
]);

/** A vector without zeros, if all eight exponents are neither 0 nor 31. */
// @ts-ignore: decorator
@inline
function areNormal(h: v128): v128 {
  return v128.and(i16x8.add(h, v128.load(UPPER, 32)), v128.load(UPPER, 48));
}

/** Upper halves of the floats of eight normal binary16. */
// @ts-ignore: decorator
@inline
function upperHalves(h: v128): v128 {
  const fields = v128.and(i16x8.shr_s(h, 3), v128.load(UPPER));
  return i16x8.add(fields, v128.load(UPPER, 16));
}

/** Writes eight numbers as floats. */
// @ts-ignore: decorator
@inline
export function store8(to: usize, h: v128, isBrain: bool): void {
  if (!isBrain && i16x8.all_true(areNormal(h))) {
    const upper = upperHalves(h), lower = i16x8.shl(h, 13);
    v128.store(to, zipLow(lower, upper));
    v128.store(to, zipHigh(lower, upper), 16);
  } else {
    v128.store(to, low4(h, isBrain));
    v128.store(to, high4(h, isBrain), 16);
  }
}

/** sum + eight normal binary16 h times a and b. */
// @ts-ignore: decorator
@inline
function addNormal(h: v128, a: v128, b: v128, sum: v128): v128 {
  const upper = upperHalves(h), lower = i16x8.shl(h, 13);
  return fma4(b, zipHigh(lower, upper), fma4(a, zipLow(lower, upper), sum));
}

/** sum + eight numbers h of any size times a and b. */
// @ts-ignore: decorator
@inline
function addAny(h: v128, a: v128, b: v128, sum: v128, isBrain: bool): v128 {
  return fma4(b, high4(h, isBrain), fma4(a, low4(h, isBrain), sum));
}

/**
 * x (k floats) times four rows w of k numbers, `row` bytes apart. Meanwhile
 * touches four more rows from `ahead` on, unless it is 0.
 */
// @ts-ignore: decorator
@inline
export function fourHalfDots(
  k: i32,
  x: usize,
  w: usize,
  row: usize,
  ahead: usize,
  isBrain: bool,
): v128 {
  let w0 = w, w1 = w0 + row, w2 = w1 + row, w3 = w2 + row;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let touched = 0, i = 0;
  for (; i + 8 <= k; i += 8) {
    if (ahead != 0 && (i & 63) == 0) { // 64 numbers of four rows are a chunk
      touched ^= touch(ahead);
      ahead += CHUNK;
    }
    const a = v128.load(x), b = v128.load(x, 16);
    const h0 = v128.load(w0), h1 = v128.load(w1);
    const h2 = v128.load(w2), h3 = v128.load(w3);
    if (
      !isBrain && i16x8.all_true(i16x8.min_u(
        i16x8.min_u(areNormal(h0), areNormal(h1)),
        i16x8.min_u(areNormal(h2), areNormal(h3)),
      ))
    ) {
      s0 = addNormal(h0, a, b, s0);
      s1 = addNormal(h1, a, b, s1);
      s2 = addNormal(h2, a, b, s2);
      s3 = addNormal(h3, a, b, s3);
    } else {
      s0 = addAny(h0, a, b, s0, isBrain);
      s1 = addAny(h1, a, b, s1, isBrain);
      s2 = addAny(h2, a, b, s2, isBrain);
      s3 = addAny(h3, a, b, s3, isBrain);
    }
    x += 32;
    w0 += 16;
    w1 += 16;
    w2 += 16;
    w3 += 16;
  }
  let sums = sums4(s0, s1, s2, s3);
  for (; i < k; i++) {
    let b = f32x4.splat(wide1(w0, isBrain));
    b = f32x4.replace_lane(b, 1, wide1(w1, isBrain));
    b = f32x4.replace_lane(b, 2, wide1(w2, isBrain));
    b = f32x4.replace_lane(b, 3, wide1(w3, isBrain));
    sums = fma4(v128.load32_splat(x), b, sums);
    x += 4;
    w0 += 2;
    w1 += 2;
    w2 += 2;
    w3 += 2;
  }
  return withTouched(sums, touched);
}
