/**
 * Layer normalisation; see lib/kernels/layer_norm.ts. An item is a row. The
 * last columns that do not fill a vector are handled one by one, since the next
 * row may belong to another thread. AssemblyScript.
 */
import { fma4, sum4 } from "./math";

export function layerNorm(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args, 4), bias = load<usize>(args, 8);
  const means = load<usize>(args, 16), scales = load<usize>(args, 20);
  const cols = load<i32>(args, 28), eps = load<f32>(args, 32);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const y = load<usize>(args, 12) + (row as usize) * bytes;
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      sums = f32x4.add(sums, v128.load(x + i));
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) sum += load<f32>(x + i);
    const m = sum / (cols as f32), mean = f32x4.splat(m);
    let squares = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const v = f32x4.sub(v128.load(x + i), mean);
      squares = fma4(v, v, squares);
    }
    let square = sum4(squares);
    for (let i = whole; i < bytes; i += 4) {
      const v = load<f32>(x + i) - m;
      square += v * v;
    }
    const s: f32 = 1 / sqrt<f32>(square / (cols as f32) + eps);
    store<f32>(means + ((row as usize) << 2), m);
    store<f32>(scales + ((row as usize) << 2), s);
    for (let i: usize = 0; i < whole; i += 16) {
      const v = f32x4.sub(v128.load(x + i), mean);
      const n = f32x4.mul(v, f32x4.splat(s));
      v128.store(y + i, fma4(n, v128.load(weight + i), v128.load(bias + i)));
    }
    for (let i = whole; i < bytes; i += 4) {
      const n = (load<f32>(x + i) - m) * s;
      store<f32>(y + i, n * load<f32>(weight + i) + load<f32>(bias + i));
    }
  }
}

export function layerNormBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args, 4), means = load<usize>(args, 8);
  const scales = load<usize>(args, 12);
  const cols = load<i32>(args, 28);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const dY = load<usize>(args, 16) + (row as usize) * bytes;
    const dX = load<usize>(args, 20) + (row as usize) * bytes;
    const m = load<f32>(means + ((row as usize) << 2));
    const s = load<f32>(scales + ((row as usize) << 2));
    const mean = f32x4.splat(m), scale = f32x4.splat(s);
    let totals = f32x4.splat(0), alongs = totals;
    for (let i: usize = 0; i < whole; i += 16) {
      const g = f32x4.mul(v128.load(dY + i), v128.load(weight + i));
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), mean), scale);
      totals = f32x4.add(totals, g);
      alongs = fma4(g, n, alongs);
    }
    let total = sum4(totals), along = sum4(alongs);
    for (let i = whole; i < bytes; i += 4) {
      const g = load<f32>(dY + i) * load<f32>(weight + i);
      total += g;
      along += g * (load<f32>(x + i) - m) * s;
    }
    total /= cols as f32;
    along /= cols as f32;
    for (let i: usize = 0; i < whole; i += 16) {
      const g = f32x4.mul(v128.load(dY + i), v128.load(weight + i));
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), mean), scale);
      const pull = fma4(n, f32x4.splat(-along), f32x4.splat(-total));
      v128.store(dX + i, f32x4.mul(scale, f32x4.add(g, pull)));
    }
    for (let i = whole; i < bytes; i += 4) {
      const g = load<f32>(dY + i) * load<f32>(weight + i);
      const n = (load<f32>(x + i) - m) * s;
      store<f32>(dX + i, s * (g - total - n * along));
    }
  }
}
