/**
 * Softmax of rows; see lib/kernels/softmax.ts. An item is a row. The last
 * columns of a row that do not fill a vector are handled one by one, since
 * the next row may belong to another thread. AssemblyScript.
 */
import { exp1, exp4, fma4, log4, max4, sum4 } from "./math";

/** Largest element of a row. */
// @ts-ignore: decorator
@inline
function topOf(x: usize, whole: usize, bytes: usize): f32 {
  let tops = f32x4.splat(-Infinity);
  for (let i: usize = 0; i < whole; i += 16) {
    tops = f32x4.pmax(tops, v128.load(x + i));
  }
  let top = max4(tops);
  for (let i = whole; i < bytes; i += 4) top = max(top, load<f32>(x + i));
  return top;
}

export function softmax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const cols = load<i32>(args, 12);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const y = load<usize>(args, 4) + (row as usize) * bytes;
    const top = topOf(x, whole, bytes);
    const shift = f32x4.splat(top);
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const e = exp4(f32x4.sub(v128.load(x + i), shift));
      sums = f32x4.add(sums, e);
      v128.store(y + i, e);
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      const e = exp1(load<f32>(x + i) - top);
      sum += e;
      store<f32>(y + i, e);
    }
    const scale: f32 = 1 / sum;
    for (let i: usize = 0; i < whole; i += 16) {
      v128.store(y + i, f32x4.mul(v128.load(y + i), f32x4.splat(scale)));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(y + i, load<f32>(y + i) * scale);
    }
  }
}

export function softmaxBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const cols = load<i32>(args, 16);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const y = load<usize>(args) + (row as usize) * bytes;
    const dY = load<usize>(args, 4) + (row as usize) * bytes;
    const dX = load<usize>(args, 8) + (row as usize) * bytes;
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      sums = fma4(v128.load(y + i), v128.load(dY + i), sums);
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      sum += load<f32>(y + i) * load<f32>(dY + i);
    }
    for (let i: usize = 0; i < whole; i += 16) {
      const d = f32x4.sub(v128.load(dY + i), f32x4.splat(sum));
      v128.store(dX + i, f32x4.mul(v128.load(y + i), d));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(dX + i, load<f32>(y + i) * (load<f32>(dY + i) - sum));
    }
  }
}

export function logSoftmax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const cols = load<i32>(args, 12);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const x = load<usize>(args) + (row as usize) * bytes;
    const z = load<usize>(args, 4) + (row as usize) * bytes;
    const top = topOf(x, whole, bytes), shift = f32x4.splat(top);
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(x + i), shift)));
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      sum += exp1(load<f32>(x + i) - top);
    }
    const log = log4(f32x4.splat(sum));
    for (let i: usize = 0; i < whole; i += 16) {
      const centred = f32x4.sub(v128.load(x + i), shift);
      v128.store(z + i, f32x4.sub(centred, log));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(z + i, load<f32>(x + i) - top - f32x4.extract_lane(log, 0));
    }
  }
}

export function logSoftmaxBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const cols = load<i32>(args, 16);
  const bytes = (cols as usize) << 2, whole = bytes & ~15;
  for (let row = begin; row < end; row++) {
    const z = load<usize>(args) + (row as usize) * bytes;
    const dZ = load<usize>(args, 4) + (row as usize) * bytes;
    const dX = load<usize>(args, 8) + (row as usize) * bytes;
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      sums = f32x4.add(sums, v128.load(dZ + i));
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) sum += load<f32>(dZ + i);
    const total = f32x4.splat(sum);
    for (let i: usize = 0; i < whole; i += 16) {
      const part = f32x4.mul(exp4(v128.load(z + i)), total);
      v128.store(dX + i, f32x4.sub(v128.load(dZ + i), part));
    }
    for (let i = whole; i < bytes; i += 4) {
      store<f32>(dX + i, load<f32>(dZ + i) - exp1(load<f32>(z + i)) * sum);
    }
  }
}
