/**
 * RMS normalisation; see lib/kernels/rms_norm.ts. An item is a row.
 * AssemblyScript.
 */
import { fma4, sum4 } from "./math";

export function rmsNorm(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args, 4), scales = load<usize>(args, 12);
  const cols = load<i32>(args, 20), eps = load<f32>(args, 24);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const y = load<usize>(args, 8) + (row as usize) * bytes;
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const v = v128.load(x + i);
      sums = fma4(v, v, sums);
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      sum += load<f32>(x + i) * load<f32>(x + i);
    }
    const s: f32 = 1 / sqrt<f32>(sum / (cols as f32) + eps);
    store<f32>(scales + ((row as usize) << 2), s);
    for (let i: usize = 0; i < whole; i += 16) {
      const v = f32x4.mul(v128.load(x + i), f32x4.splat(s));
      v128.store(y + i, f32x4.mul(v, v128.load(weight + i)));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(y + i, load<f32>(x + i) * s * load<f32>(weight + i));
    }
  }
}

export function rmsNormBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const weight = load<usize>(args, 4), scales = load<usize>(args, 8);
  const cols = load<i32>(args, 24);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const dY = load<usize>(args, 12) + (row as usize) * bytes;
    const dX = load<usize>(args, 16) + (row as usize) * bytes;
    const s = load<f32>(scales + ((row as usize) << 2));
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const d = f32x4.mul(v128.load(dY + i), v128.load(weight + i));
      sums = fma4(d, v128.load(x + i), sums);
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      sum += load<f32>(dY + i) * load<f32>(weight + i) * load<f32>(x + i);
    }
    const pull = sum / (cols as f32) * s * s;
    for (let i: usize = 0; i < whole; i += 16) {
      const d = f32x4.mul(v128.load(dY + i), v128.load(weight + i));
      const v = fma4(v128.load(x + i), f32x4.splat(-pull), d);
      v128.store(dX + i, f32x4.mul(v, f32x4.splat(s)));
    }
    for (let i = whole; i < bytes; i += 4) {
      const d = load<f32>(dY + i) * load<f32>(weight + i);
      store<f32>(dX + i, s * (d - load<f32>(x + i) * pull));
    }
  }
}
