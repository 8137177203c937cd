/**
 * Cross-entropy of rows; see lib/kernels/cross_entropy.ts. An item is a row.
 * AssemblyScript.
 */
import { exp1, exp4, max4, sum4 } from "./math";

/** Whether a row with that target counts. */
// @ts-ignore: decorator
@inline
function counts(target: i32, vocab: i32, ignoreIndex: i32): bool {
  return target != ignoreIndex && (target as u32) < (vocab as u32);
}

/** Adds a chunk of columns to (top, sum of exp, target's logit, sum). */
export function crossEntropyRows(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const cols = load<i32>(args, 16), first = load<i32>(args, 20);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const z = load<usize>(args) + (row as usize) * bytes;
    const state = load<usize>(args, 8) + ((row as usize) << 4);
    let tops = f32x4.splat(-Infinity), sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const v = v128.load(z + i);
      tops = f32x4.max(tops, v);
      sums = f32x4.add(sums, v);
    }
    let top = max4(tops), all = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      top = max(top, load<f32>(z + i));
      all += load<f32>(z + i);
    }
    let before: f32 = 0, hit: f32 = 0;
    if (first > 0) {
      const earlier = load<f32>(state);
      top = max(top, earlier);
      before = load<f32>(state, 4) * exp1(earlier - top);
      hit = load<f32>(state, 8);
      all += load<f32>(state, 12);
    }
    sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const shifted = f32x4.sub(v128.load(z + i), f32x4.splat(top));
      sums = f32x4.add(sums, exp4(shifted));
    }
    let sum = before + sum4(sums);
    for (let i = whole; i < bytes; i += 4) sum += exp1(load<f32>(z + i) - top);
    const target = load<i32>(load<usize>(args, 4) + ((row as usize) << 2)) -
      first;
    if ((target as u32) < (cols as u32)) {
      hit = load<f32>(z + ((target as usize) << 2));
    }
    store<f32>(state, top);
    store<f32>(state, sum, 4);
    store<f32>(state, hit, 8);
    store<f32>(state, all, 12);
  }
}

export function crossEntropyMean(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const targets = load<usize>(args, 4), lse = load<usize>(args, 8);
  const stats = load<usize>(args, 12);
  const rows = load<i32>(args, 16), vocab = load<i32>(args, 20);
  const ignoreIndex = load<i32>(args, 24);
  const zLoss = load<f32>(args, 28) as f64;
  const smoothing = load<f32>(args, 32) as f64;
  let total: f64 = 0, count: i32 = 0;
  for (let row = 0; row < rows; row++) {
    const at = (row as usize) << 2;
    const state = load<usize>(args) + (at << 2);
    // A logarithm a row: double precision costs nothing here.
    const value = (load<f32>(state) as f64) +
      NativeMath.log(load<f32>(state, 4) as f64);
    store<f32>(lse + at, value as f32);
    if (!counts(load<i32>(targets + at), vocab, ignoreIndex)) continue;
    total += value - (1 - smoothing) * (load<f32>(state, 8) as f64) -
      smoothing / (vocab as f64) * (load<f32>(state, 12) as f64) +
      zLoss * value * value;
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
  const cols = load<i32>(args, 28), first = load<i32>(args, 32);
  const vocab = load<i32>(args, 36), ignoreIndex = load<i32>(args, 40);
  const zLoss = load<f32>(args, 44), smoothing = load<f32>(args, 48);
  const even = dLoss * smoothing / (vocab as f32);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const z = load<usize>(args) + (row as usize) * bytes;
    const d = load<usize>(args, 20) + (row as usize) * bytes;
    const target = load<i32>(targets + ((row as usize) << 2));
    if (!counts(target, vocab, ignoreIndex)) {
      memory.fill(d, 0, bytes);
      continue;
    }
    const shift = load<f32>(lse + ((row as usize) << 2));
    const share = dLoss * (1 + 2 * zLoss * shift);
    for (let i: usize = 0; i < whole; i += 16) {
      const e = exp4(f32x4.sub(v128.load(z + i), f32x4.splat(shift)));
      const p = f32x4.mul(e, f32x4.splat(share));
      v128.store(d + i, f32x4.sub(p, f32x4.splat(even)));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(d + i, exp1(load<f32>(z + i) - shift) * share - even);
    }
    const column = target - first;
    if ((column as u32) >= (cols as u32)) continue;
    const hit = d + ((column as usize) << 2);
    store<f32>(hit, load<f32>(hit) - dLoss * (1 - smoothing));
  }
}
