/**
 * Quantized weights; see lib/kernels/quantized.ts and quantized_matmul.ts.
 *
 * To widen, one shuffle takes a code from its byte to the highest byte of a word, from
 * where it becomes a float that is 2^24 times too large (2^28 in 4 bits), for
 * which the scale makes up. AssemblyScript.
 */
import { aheadOf } from "./dots";
import {
  BLOCK,
  fourDots4,
  fourDots8,
  GROUP,
  roundRow,
} from "./quantized_dots";

const DOWN8: f32 = 5.9604644775390625e-8; // 2^-24
const DOWN4: f32 = 3.7252902984619140625e-9; // 2^-28

/** Shuffles that take bytes 4 i to 4 i + 3 to the tops of words. */
const TO_TOP = memory.data<u8>([
  128, 128, 128, 0, 128, 128, 128, 1, 128, 128, 128, 2, 128, 128, 128, 3,
  128, 128, 128, 4, 128, 128, 128, 5, 128, 128, 128, 6, 128, 128, 128, 7,
]);

// @ts-ignore: decorator
@inline
function toTop(i: usize): v128 {
  return v128.load(TO_TOP + (i << 4));
}

/** Four codes as floats, 2^24 times too large. */
// @ts-ignore: decorator
@inline
function floats(bytes: v128, shuffle: v128): v128 {
  return f32x4.convert_i32x4_s(i8x16.relaxed_swizzle(bytes, shuffle));
}

/** The codes in the low halves of bytes, in the high halves. */
// @ts-ignore: decorator
@inline
function lowHalves(bytes: v128): v128 {
  return highHalves(i16x8.shl(bytes, 4));
}

// @ts-ignore: decorator
@inline
function highHalves(bytes: v128): v128 {
  return v128.and(bytes, i32x4.splat(0xf0f0f0f0));
}

/** Writes codes, a multiple of 8 of them, times a scale. */
function widenGroup(
  codes: usize,
  to: usize,
  count: i32,
  scale: f32,
  isFour: bool,
): void {
  const t0 = toTop(0), t1 = toTop(1);
  const d = f32x4.splat(scale * (isFour ? DOWN4 : DOWN8));
  for (; count > 0; count -= 8) {
    const bytes = v128.load64_zero(codes); // in 4 bits, half of them are meant
    const first = isFour ? lowHalves(bytes) : bytes;
    const second = isFour ? highHalves(bytes) : bytes;
    v128.store(to, f32x4.mul(floats(first, t0), d));
    v128.store(to, f32x4.mul(floats(second, isFour ? t0 : t1), d), 16);
    codes += isFour ? 4 : 8;
    to += 32;
  }
}

/** One row as floats. */
function widenRow(
  codes: usize,
  scales: usize,
  to: usize,
  k: i32,
  isFour: bool,
): void {
  const step: usize = isFour ? GROUP >> 1 : GROUP;
  for (let start = 0; start < k; start += GROUP) {
    widenGroup(codes, to, min(GROUP, k - start), load<f32>(scales), isFour);
    codes += step;
    scales += 4;
    to += GROUP << 2;
  }
}

/** Codes and scale of one group of k weights. */
function quantizeGroup(
  x: usize,
  codes: usize,
  scale: usize,
  count: i32,
  isFour: bool,
): void {
  let extreme: f32 = 0;
  for (let i = 0; i < count; i++) {
    const w = load<f32>(x + ((i as usize) << 2));
    // What is no number stays, and makes none of the group.
    if (abs(w) > abs(extreme) || w != w) extreme = w;
  }
  const d: f32 = isFour ? extreme / -8 : abs(extreme) / 127;
  store<f32>(scale, d);
  if (d == 0) {
    memory.fill(codes, 0, isFour ? count >> 1 : count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const q = nearest<f32>(load<f32>(x + ((i as usize) << 2)) / d) as i32;
    if (!isFour) {
      store<i8>(codes + (i as usize), q as i8);
      continue;
    }
    const at = codes + ((i >> 3 << 2) + (i & 3) as usize);
    const half = min(q, 7) & 15;
    // The low half of a byte comes first and clears the high one.
    store<u8>(at, ((i & 4) == 0 ? half : load<u8>(at) | half << 4) as u8);
  }
}

/** An item is a row. */
export function quantize(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const k = load<i32>(args, 12), isFour = load<i32>(args, 16) == 1;
  const scales = y + (load<usize>(args, 20) << 2);
  const groups = (k + GROUP - 1) / GROUP;
  for (let row = begin; row < end; row++) {
    for (let g = 0; g < groups; g++) {
      const start = g * GROUP;
      const at = (row as usize) * (k as usize) + (start as usize);
      quantizeGroup(
        x + (at << 2),
        y + (isFour ? at >> 1 : at),
        scales + ((row * groups + g as usize) << 2),
        min(GROUP, k - start),
        isFour,
      );
    }
  }
}

/** An item is a row. */
export function dequantize(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const k = load<i32>(args, 12), isFour = load<i32>(args, 16) == 1;
  const scales = x + (load<usize>(args, 20) << 2);
  const groups = (k + GROUP - 1) / GROUP;
  for (let row = begin; row < end; row++) {
    const at = (row as usize) * (k as usize);
    widenRow(
      x + (isFour ? at >> 1 : at),
      scales + ((row * groups as usize) << 2),
      y + (at << 2),
      k,
      isFour,
    );
  }
}

/** An item is a row of the weight; four are computed at once. */
export function quantizedLinear(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args), weight = load<usize>(args, 4);
  const y = load<usize>(args, 8);
  const n = load<i32>(args, 12), k = load<i32>(args, 16);
  const isFour = load<i32>(args, 20) == 1, m = load<i32>(args, 28);
  const allScales = weight + (load<usize>(args, 24) << 2);
  const groups = (k + GROUP - 1) / GROUP;
  const rowX = (groups as usize) * BLOCK;
  const rowCodes = (isFour ? k >> 1 : k) as usize;
  const rowScales = (groups as usize) << 2;
  for (let i: usize = 0; i < (m as usize); i++) {
    roundRow(x + ((i * (k as usize)) << 2), scratch + i * rowX, k, isFour);
  }
  for (let row = begin; row < end;) {
    const isWhole = row + 4 <= end; // else one row, four times
    const codes = weight + (row as usize) * rowCodes;
    const scales = allScales + (row as usize) * rowScales;
    const step = isWhole ? rowCodes : 0, stepScales = isWhole ? rowScales : 0;
    let ahead = aheadOf(codes, 4 * rowCodes, allScales);
    let to = y + ((row as usize) << 2), from = scratch;
    for (let i = 0; i < m; i++) {
      const dots = isFour
        ? fourDots4(from, k, codes, step, scales, stepScales, ahead)
        : fourDots8(from, k, codes, step, scales, stepScales, ahead);
      ahead = 0;
      if (isWhole) v128.store(to, dots);
      else v128.store32_lane(to, dots, 0);
      from += rowX;
      to += (n as usize) << 2;
    }
    row += isWhole ? 4 : 1;
  }
}
