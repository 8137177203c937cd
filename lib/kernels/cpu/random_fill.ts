/**
 * Random fills; see lib/kernels/random_fill.ts. An item is an element; four
 * Threefry blocks run side by side. AssemblyScript.
 */
import { fma4, log4 } from "./math";

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, bits: i32): v128 {
  return v128.xor(rotate(x1, bits), x0);
}

/** Numbers in [0, 1) from 24 bits of each word. */
// @ts-ignore: decorator
@inline
function unit(words: v128): v128 {
  const bits = f32x4.convert_i32x4_s(i32x4.shr_u(words, 8));
  return f32x4.mul(bits, f32x4.splat(5.9604644775390625e-8));
}

/** Key word 0, 1 or 2. */
// @ts-ignore: decorator
@inline
function keyWord(i: i32, key0: i32, key1: i32): i32 {
  return i == 0 ? key0 : i == 1 ? key1 : 0x1bd11bda ^ key0 ^ key1;
}

/** Threefry-2x32-20 of four counters; the second words go to `second`. */
function threefry(counters: v128, key0: i32, key1: i32, second: usize): v128 {
  let x0 = i32x4.add(counters, i32x4.splat(key0)), x1 = i32x4.splat(key1);
  for (let inject = 1; inject <= 5; inject++) {
    const isOdd = inject & 1;
    x0 = i32x4.add(x0, x1);
    x1 = mix(x0, x1, isOdd ? 13 : 17);
    x0 = i32x4.add(x0, x1);
    x1 = mix(x0, x1, isOdd ? 15 : 29);
    x0 = i32x4.add(x0, x1);
    x1 = mix(x0, x1, isOdd ? 26 : 16);
    x0 = i32x4.add(x0, x1);
    x1 = mix(x0, x1, isOdd ? 6 : 24);
    const add0 = keyWord(inject % 3, key0, key1);
    const add1 = keyWord((inject + 1) % 3, key0, key1) + inject;
    x0 = i32x4.add(x0, i32x4.splat(add0));
    x1 = i32x4.add(x1, i32x4.splat(add1));
  }
  v128.store(second, x1);
  return x0;
}

/** Counters i, i + 1, i + 2, i + 3. */
// @ts-ignore: decorator
@inline
function from(i: i32): v128 {
  return i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
}

export function randomUniform(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args);
  const key0 = load<i32>(args, 8), key1 = load<i32>(args, 12);
  const scale = v128.load32_splat(args, 16);
  const shift = v128.load32_splat(args, 20);
  for (let i = begin; i < end; i += 4) {
    // Blocks i/2 and i/2 + 1 hold the four words.
    const a = threefry(from(i >> 1), key0, key1, scratch);
    const b = v128.load(scratch);
    const words = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const value = f32x4.add(shift, f32x4.mul(scale, unit(words)));
    v128.store(x + ((i as usize) << 2), value);
  }
}

export function randomNormal(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const x = load<usize>(args);
  const key0 = load<i32>(args, 8), key1 = load<i32>(args, 12);
  const scale = v128.load32_splat(args, 16);
  const shift = v128.load32_splat(args, 20);
  const one = f32x4.splat(1);
  for (let i = begin; i < end; i += 4) {
    const a = unit(threefry(from(i), key0, key1, scratch));
    const t = unit(v128.load(scratch));
    const logs = log4(f32x4.sub(one, a));
    const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), logs));
    const y = f32x4.mul(
      f32x4.sub(t, f32x4.nearest(t)),
      f32x4.splat(3.14159265358979),
    );
    const y2 = f32x4.mul(y, y);
    let s = f32x4.splat(-2.5052108385e-8);
    s = fma4(s, y2, f32x4.splat(2.7557319224e-6));
    s = fma4(s, y2, f32x4.splat(-1.9841269841e-4));
    s = fma4(s, y2, f32x4.splat(8.3333333333e-3));
    s = fma4(s, y2, f32x4.splat(-1.6666666667e-1));
    s = fma4(f32x4.mul(s, y2), y, y);
    const cosine = fma4(f32x4.mul(s, f32x4.splat(-2)), s, one);
    const value = fma4(f32x4.mul(scale, radius), cosine, shift);
    v128.store(x + ((i as usize) << 2), value);
  }
}
