/**
 * The random words of lib/util/random.ts, four Threefry blocks side by side.
 * AssemblyScript; imported by the kernel families.
 */

/** Numbers in [0, 1) from 24 bits of each word. */
// @ts-ignore: decorator
@inline
export function unit(words: v128): v128 {
  const bits = f32x4.convert_i32x4_s(i32x4.shr_u(words, 8));
  return f32x4.mul(bits, f32x4.splat(5.9604644775390625e-8));
}

/** One round; `bits` is a constant, which makes the shifts cheap. */
// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, bits: i32): v128 {
  const turned = v128.or(i32x4.shl(x1, bits), i32x4.shr_u(x1, 32 - bits));
  return v128.xor(turned, x0);
}

/** Threefry-2x32-20 of four counters; the second words go to `second`. */
export function threefry(
  counters: v128,
  key0: i32,
  key1: i32,
  second: usize,
): v128 {
  const a = i32x4.splat(key0), b = i32x4.splat(key1);
  const c = i32x4.splat(0x1bd11bda ^ key0 ^ key1);
  let x0 = i32x4.add(counters, a), x1 = b;
  // Key words added after each four rounds: b c, c a, a b, b c, c a.
  let add0 = b, add1 = c, next = a;
  for (let inject = 1; inject <= 5; inject++) {
    x0 = i32x4.add(x0, x1);
    if (inject & 1) {
      x1 = mix(x0, x1, 13);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 15);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 26);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 6);
    } else {
      x1 = mix(x0, x1, 17);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 29);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 16);
      x0 = i32x4.add(x0, x1);
      x1 = mix(x0, x1, 24);
    }
    x0 = i32x4.add(x0, add0);
    x1 = i32x4.add(i32x4.add(x1, add1), i32x4.splat(inject));
    const used = add0;
    add0 = add1;
    add1 = next;
    next = used;
  }
  v128.store(second, x1);
  return x0;
}

/** Counters i, i + 1, i + 2, i + 3. */
// @ts-ignore: decorator
@inline
export function from(i: i32): v128 {
  return i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
}

/**
 * Words i to i + 7 of the stream, i even: the first four are returned, the
 * others go to `scratch`.
 */
export function words8(i: i32, key0: i32, key1: i32, scratch: usize): v128 {
  // Blocks i/2 to i/2 + 3 hold two words each.
  const a = threefry(from(i >> 1), key0, key1, scratch);
  const b = v128.load(scratch);
  v128.store(scratch, v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}
