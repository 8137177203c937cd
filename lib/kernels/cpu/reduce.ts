/**
 * Sum and maximum over one axis; see lib/kernels/reduce.ts. With inner = 1 an
 * item is one chunk, else four columns of one chunk. AssemblyScript.
 */
import { max4, sum4 } from "./math";

// @ts-ignore: decorator
@inline
function join(isSum: bool, a: v128, b: v128): v128 {
  return isSum ? f32x4.add(a, b) : f32x4.max(a, b);
}

// @ts-ignore: decorator
@inline
function reduce(args: usize, begin: i32, end: i32, isSum: bool): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const n = load<i32>(args, 12), inner = load<i32>(args, 16);
  const chunk = load<i32>(args, 20), chunks = load<i32>(args, 24);
  const start = f32x4.splat(isSum ? 0 : -Infinity);
  if (inner == 1) {
    for (let item = begin; item < end; item++) {
      const first = (item % chunks) * chunk;
      const count = min(chunk, n - first);
      let p = x + (((item / chunks) * n + first as usize) << 2);
      const stop = p + ((count & ~7) as usize << 2);
      let a = start, b = start;
      for (; p < stop; p += 32) {
        a = join(isSum, a, v128.load(p));
        b = join(isSum, b, v128.load(p, 16));
      }
      a = join(isSum, a, b);
      let total = isSum ? sum4(a) : max4(a);
      for (let j = count & ~7; j < count; j++) {
        const value = load<f32>(p);
        total = isSum ? total + value : max(total, value);
        p += 4;
      }
      store<f32>(y + ((item as usize) << 2), total);
    }
    return;
  }
  const columns = (inner + 3) / 4;
  const step = (inner as usize) << 2;
  for (let item = begin; item < end; item++) {
    const column = (item % columns) * 4, row = item / columns;
    const first = (row % chunks) * chunk;
    const count = min(chunk, n - first);
    let p = x + ((((row / chunks) * n + first) * inner + column as usize) << 2);
    const to = y + ((row * inner + column as usize) << 2);
    const width = min(4, inner - column);
    if (width == 4) {
      let a = start;
      for (let j = 0; j < count; j++) {
        a = join(isSum, a, v128.load(p));
        p += step;
      }
      v128.store(to, a);
      continue;
    }
    for (let lane: usize = 0; lane < (width as usize); lane++) {
      let q = p + (lane << 2);
      let total: f32 = isSum ? 0 : -Infinity;
      for (let j = 0; j < count; j++) {
        const value = load<f32>(q);
        total = isSum ? total + value : max(total, value);
        q += step;
      }
      store<f32>(to + (lane << 2), total);
    }
  }
}

export function reduceSum(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  reduce(args, begin, end, true);
}

export function reduceMax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  reduce(args, begin, end, false);
}
