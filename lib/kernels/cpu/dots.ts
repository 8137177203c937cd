/**
 * Dot products of one row with four others at once. AssemblyScript; imported
 * by the kernel families.
 */
import { fma4 } from "./math";

/** (sum of a's lanes, of b's, of c's, of d's). */
// @ts-ignore: decorator
@inline
export function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 4, 2, 6),
    v128.shuffle<f32>(a, b, 1, 5, 3, 7),
  ); // a01 b01 a23 b23
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 4, 2, 6),
    v128.shuffle<f32>(c, d, 1, 5, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 1, 4, 5),
    v128.shuffle<f32>(ab, cd, 2, 3, 6, 7),
  );
}

/** Bytes that {@link touch} brings in. */
export const CHUNK: usize = 512;
const ZERO = memory.data<u32>([0, 0, 0, 0]);

/**
 * Reads a word of each of eight cache lines, which brings them in. Such loads
 * are in flight together; among arithmetic a core sees too few loads ahead to
 * keep its memory busy, and WebAssembly has no prefetch.
 */
// @ts-ignore: decorator
@inline
export function touch(at: usize): i32 {
  return load<i32>(at) ^ load<i32>(at, 64) ^
    load<i32>(at, 128) ^ load<i32>(at, 192) ^
    load<i32>(at, 256) ^ load<i32>(at, 320) ^
    load<i32>(at, 384) ^ load<i32>(at, 448);
}

/** x, which makes use of what was touched: loads without use are dropped. */
// @ts-ignore: decorator
@inline
export function withTouched(x: v128, touched: i32): v128 {
  return v128.or(x, v128.and(i32x4.splat(touched), v128.load(ZERO)));
}

/** As many bytes further on, to be touched; 0 if their chunks pass `end`. */
// @ts-ignore: decorator
@inline
export function aheadOf(at: usize, bytes: usize, end: usize): usize {
  const next = at + bytes;
  return next + ((bytes + CHUNK - 1) & ~(CHUNK - 1)) <= end ? next : 0;
}

/** x · b0, x · b1, x · b2, x · b3, rows of so many bytes. */
export function fourDots(
  bytes: usize,
  x: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  b3: usize,
): v128 {
  const whole = bytes & ~31;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  for (let at: usize = 0; at < whole; at += 32) {
    const u = v128.load(x + at), v = v128.load(x + at, 16);
    s0 = fma4(u, v128.load(b0 + at), s0);
    s1 = fma4(u, v128.load(b1 + at), s1);
    s2 = fma4(u, v128.load(b2 + at), s2);
    s3 = fma4(u, v128.load(b3 + at), s3);
    t0 = fma4(v, v128.load(b0 + at, 16), t0);
    t1 = fma4(v, v128.load(b1 + at, 16), t1);
    t2 = fma4(v, v128.load(b2 + at, 16), t2);
    t3 = fma4(v, v128.load(b3 + at, 16), t3);
  }
  let sums = sums4(
    f32x4.add(s0, t0),
    f32x4.add(s1, t1),
    f32x4.add(s2, t2),
    f32x4.add(s3, t3),
  );
  for (let at = whole; at < bytes; at += 4) {
    let b = v128.load32_splat(b0 + at);
    b = v128.load32_lane(b1 + at, b, 1);
    b = v128.load32_lane(b2 + at, b, 2);
    b = v128.load32_lane(b3 + at, b, 3);
    sums = fma4(v128.load32_splat(x + at), b, sums);
  }
  return sums;
}
