/**
 * Numbers of 16 bits; see lib/kernels/half.ts and half_weight.ts.
 * AssemblyScript.
 */
import { fma4, sum4 } from "./math";

/** x without its last `count` bits, to the nearest, ties to even. */
// @ts-ignore: decorator
@inline
function rounded(x: u32, count: u32): u32 {
  const kept = x >> count, rest = x & ((1 << count) - 1);
  const middle: u32 = 1 << (count - 1);
  return kept + u32(rest > middle || (rest == middle && (kept & 1) == 1));
}

function halfBits(x: f32, isBrain: bool): u32 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000, size = bits & 0x7fffffff;
  if (isBrain) {
    return size > 0x7f800000 ? sign | 0x7fc0 : sign | rounded(size, 16);
  }
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x47800000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | rounded(size - 0x38000000, 13);
  const exponent = size >> 23;
  if (exponent < 102) return sign; // below half of the least number
  return sign | rounded((size & 0x7fffff) | 0x800000, 126 - exponent);
}

/** float32 from binary16, each extended to a word with its sign. */
// @ts-ignore: decorator
@inline
function fromBinary16(words: v128): v128 {
  const bits = v128.and(i32x4.shl(words, 13), i32x4.splat(0x8fffe000));
  // The exponent moves by 112, which makes small numbers normal as well.
  const scale = f32x4.splat(reinterpret<f32>(0x77800000));
  const x = f32x4.mul(bits, scale);
  const isHuge = f32x4.ge(f32x4.abs(x), f32x4.splat(65536));
  return v128.or(x, v128.and(isHuge, i32x4.splat(0x7f800000)));
}

/** The first four of eight numbers. */
// @ts-ignore: decorator
@inline
function low4(halves: v128, isBrain: bool): v128 {
  return isBrain
    ? i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16)
    : fromBinary16(i32x4.extend_low_i16x8_s(halves));
}

/** The last four of eight numbers. */
// @ts-ignore: decorator
@inline
function high4(halves: v128, isBrain: bool): v128 {
  return isBrain
    ? i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16)
    : fromBinary16(i32x4.extend_high_i16x8_s(halves));
}

/** One number. */
// @ts-ignore: decorator
@inline
function wide1(at: usize, isBrain: bool): f32 {
  return f32x4.extract_lane(low4(i16x8.splat(load<i16>(at)), isBrain), 0);
}

/** Writes n numbers from 16 bits each. */
function widenRun(from: usize, to: usize, n: i32, isBrain: bool): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const halves = v128.load(from);
    v128.store(to, low4(halves, isBrain));
    v128.store(to, high4(halves, isBrain), 16);
    from += 16;
    to += 32;
  }
  for (; i < n; i++) {
    store<f32>(to, wide1(from, isBrain));
    from += 2;
    to += 4;
  }
}

export function halve(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const size = load<i32>(args, 8), isBrain = load<i32>(args, 12) == 1;
  for (let i = begin; i < min(end, size); i++) {
    const value = load<f32>(x + ((i as usize) << 2));
    store<u16>(y + ((i as usize) << 1), halfBits(value, isBrain) as u16);
  }
  if (end >= size && (size & 1) == 1) store<u16>(y + ((size as usize) << 1), 0);
}

export function widen(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const count = min(end, load<i32>(args, 8)) - begin;
  widenRun(
    x + ((begin as usize) << 1),
    y + ((begin as usize) << 2),
    count,
    load<i32>(args, 12) == 1,
  );
}

/** An item is a row of the result. */
export function halfEmbedding(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args), ids = load<usize>(args, 4);
  const y = load<usize>(args, 8), cols = load<i32>(args, 16);
  const vocab = load<i32>(args, 20), isBrain = load<i32>(args, 24) == 1;
  for (let row = begin; row < end; row++) {
    const id = load<i32>(ids + ((row as usize) << 2));
    const to = y + ((row * cols as usize) << 2);
    if ((id as u32) >= (vocab as u32)) {
      memory.fill(to, 0, (cols as usize) << 2);
    } else {
      widenRun(weight + ((id * cols as usize) << 1), to, cols, isBrain);
    }
  }
}

/** An item is an element of the result: a row of the weight. */
export function halfLinear(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const k = load<i32>(args, 16), isBrain = load<i32>(args, 20) == 1;
  for (let row = begin; row < end; row++) {
    let x = load<usize>(args);
    let w = load<usize>(args, 4) + ((row * k as usize) << 1);
    let a = f32x4.splat(0), b = a, at = 0;
    for (; at + 8 <= k; at += 8) {
      const halves = v128.load(w);
      a = fma4(v128.load(x), low4(halves, isBrain), a);
      b = fma4(v128.load(x, 16), high4(halves, isBrain), b);
      w += 16;
      x += 32;
    }
    let sum = sum4(f32x4.add(a, b));
    for (; at < k; at++) {
      sum += load<f32>(x) * wide1(w, isBrain);
      w += 2;
      x += 4;
    }
    store<f32>(load<usize>(args, 8) + ((row as usize) << 2), sum);
  }
}
