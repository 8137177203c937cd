/**
 * Random fills; see lib/kernels/random_fill.ts. An item is an element; four
 * Threefry blocks run side by side. AssemblyScript.
 */
import { fma4, log4 } from "./math";
import { from, threefry, unit, words8 } from "./threefry";

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
  for (let i = begin; i < end; i += 8) {
    const at = (i as usize) << 2;
    const u = unit(words8(i, key0, key1, scratch));
    const v = unit(v128.load(scratch));
    v128.store(x + at, f32x4.add(shift, f32x4.mul(scale, u)));
    v128.store(x + at, f32x4.add(shift, f32x4.mul(scale, v)), 16);
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
