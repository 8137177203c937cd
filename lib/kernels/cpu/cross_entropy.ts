/**
 * Cross-entropy of rows; see lib/kernels/cross_entropy.ts. An item is a row.
 * AssemblyScript.
 */
import { exp1, exp4, max4, sum4 } from "./math";

// @ts-ignore: decorator
@inline
function counts(target: i32, cols: i32): bool {
  return (target as u32) < (cols as u32);
}

export function crossEntropyRows(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const targets = load<usize>(args, 4), lse = load<usize>(args, 8);
  const losses = load<usize>(args, 12);
  const cols = load<i32>(args, 20);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const z = load<usize>(args) + (row as usize) * bytes;
    const at = (row as usize) << 2;
    let tops = f32x4.splat(-Infinity);
    for (let i: usize = 0; i < whole; i += 16) {
      tops = f32x4.max(tops, v128.load(z + i));
    }
    let top = max4(tops);
    for (let i = whole; i < bytes; i += 4) top = max(top, load<f32>(z + i));
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const shifted = f32x4.sub(v128.load(z + i), f32x4.splat(top));
      sums = f32x4.add(sums, exp4(shifted));
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) sum += exp1(load<f32>(z + i) - top);
    // One logarithm a row: double precision costs nothing here.
    const value = ((top as f64) + NativeMath.log(sum as f64)) as f32;
    store<f32>(lse + at, value);
    const target = load<i32>(targets + at);
    const loss = counts(target, cols)
      ? value - load<f32>(z + ((target as usize) << 2))
      : 0;
    store<f32>(losses + at, loss);
  }
}

export function crossEntropyMean(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const losses = load<usize>(args), targets = load<usize>(args, 4);
  const stats = load<usize>(args, 8);
  const rows = load<i32>(args, 12), cols = load<i32>(args, 16);
  let total: f64 = 0, count: i32 = 0;
  for (let row = 0; row < rows; row++) {
    const at = (row as usize) << 2;
    if (!counts(load<i32>(targets + at), cols)) continue;
    total += load<f32>(losses + at);
    count++;
  }
  store<f32>(stats, (total / (max(count, 1) as f64)) as f32);
  store<f32>(stats, count as f32, 4);
}

export function crossEntropyBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const targets = load<usize>(args, 4), lse = load<usize>(args, 8);
  const count = load<f32>(load<usize>(args, 12), 4);
  const dLoss = load<f32>(load<usize>(args, 16)) / max(count, 1);
  const cols = load<i32>(args, 28);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const z = load<usize>(args) + (row as usize) * bytes;
    const d = load<usize>(args, 20) + (row as usize) * bytes;
    const target = load<i32>(targets + ((row as usize) << 2));
    if (!counts(target, cols)) {
      memory.fill(d, 0, bytes);
      continue;
    }
    const shift = load<f32>(lse + ((row as usize) << 2));
    for (let i: usize = 0; i < whole; i += 16) {
      const e = exp4(f32x4.sub(v128.load(z + i), f32x4.splat(shift)));
      v128.store(d + i, f32x4.mul(e, f32x4.splat(dLoss)));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(d + i, exp1(load<f32>(z + i) - shift) * dLoss);
    }
    const hit = d + ((target as usize) << 2);
    store<f32>(hit, load<f32>(hit) - dLoss);
  }
}
