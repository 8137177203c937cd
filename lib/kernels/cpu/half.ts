/**
 * Numbers of 16 bits; see lib/kernels/half.ts and half_weight.ts.
 * AssemblyScript.
 */
import { aheadOf } from "./dots";
import { fourHalfDots, store8, wide1 } from "./half_dots";

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

/** Writes n numbers from 16 bits each. */
function widenRun(from: usize, to: usize, n: i32, isBrain: bool): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    store8(to, v128.load(from), isBrain);
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

/** An item is a row of the weight; four are computed at once. */
export function halfLinear(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 8);
  const n = load<i32>(args, 12), k = load<i32>(args, 16);
  const isBrain = load<i32>(args, 20) == 1;
  const row = (k as usize) << 1;
  const weight = load<usize>(args, 4), weightEnd = weight + (n as usize) * row;
  for (let j = begin; j < end;) {
    const w = weight + (j as usize) * row, to = y + ((j as usize) << 2);
    const isWhole = j + 4 <= end; // else one row, four times
    const step = isWhole ? row : 0;
    const ahead = aheadOf(w, 4 * row, weightEnd);
    const dots = isBrain
      ? fourHalfDots(k, x, w, step, ahead, true)
      : fourHalfDots(k, x, w, step, ahead, false);
    if (isWhole) v128.store(to, dots);
    else v128.store32_lane(to, dots, 0);
    j += isWhole ? 4 : 1;
  }
}
