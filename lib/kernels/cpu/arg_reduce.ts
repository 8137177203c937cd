/**
 * Place of the largest or smallest element; see lib/kernels/arg_reduce.ts. An
 * item is one result. AssemblyScript.
 */
import { max4, min4 } from "./math";

// @ts-ignore: decorator
@inline
function better(isMax: bool, a: f32, b: f32): bool {
  return isMax ? a > b : a < b;
}

/** Of n elements side by side: the best value first, then where it stands. */
// @ts-ignore: decorator
@inline
function alongRow(p: usize, n: i32, isMax: bool): i32 {
  const whole = n & ~3;
  let bests = f32x4.splat(isMax ? -Infinity : Infinity);
  for (let j = 0; j < whole; j += 4) {
    const v = v128.load(p + ((j as usize) << 2));
    bests = isMax ? f32x4.pmax(bests, v) : f32x4.pmin(bests, v);
  }
  let best = isMax ? max4(bests) : min4(bests);
  for (let j = whole; j < n; j++) {
    const value = load<f32>(p + ((j as usize) << 2));
    if (better(isMax, value, best)) best = value;
  }
  const wanted = f32x4.splat(best);
  for (let j = 0; j < whole; j += 4) {
    const hits = f32x4.eq(v128.load(p + ((j as usize) << 2)), wanted);
    if (v128.any_true(hits)) return j + ctz<i32>(i32x4.bitmask(hits));
  }
  for (let j = whole; j < n; j++) {
    if (load<f32>(p + ((j as usize) << 2)) == best) return j;
  }
  return 0; // there are NaNs
}

// @ts-ignore: decorator
@inline
function argReduce(args: usize, begin: i32, end: i32, isMax: bool): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const n = load<i32>(args, 12), inner = load<i32>(args, 16);
  const step = (inner as usize) << 2;
  for (let item = begin; item < end; item++) {
    let p = x + (((item / inner) * n * inner + item % inner as usize) << 2);
    let place = 0;
    if (inner == 1) place = alongRow(p, n, isMax);
    else {
      let best = load<f32>(p);
      for (let j = 1; j < n; j++) {
        p += step;
        const value = load<f32>(p);
        if (better(isMax, value, best)) {
          best = value;
          place = j;
        }
      }
    }
    store<i32>(y + ((item as usize) << 2), place);
  }
}

export function argmax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  argReduce(args, begin, end, true);
}

export function argmin(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  argReduce(args, begin, end, false);
}
