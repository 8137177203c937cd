/**
 * Sum, maximum and minimum over one axis; see lib/kernels/reduce.ts. Along
 * rows an item is one chunk, down columns it is 16 columns of one chunk.
 * AssemblyScript.
 */
import { max4, min4, sum4 } from "./math";

/** Columns of an item: a cache line of every row. */
const COLUMNS: i32 = 16;
const SUM: i32 = 0, MAX: i32 = 1, MIN: i32 = 2;

// @ts-ignore: decorator
@inline
function startOf(rule: i32): f32 {
  return rule == SUM ? 0 : rule == MAX ? -Infinity : Infinity;
}

// @ts-ignore: decorator
@inline
function join(rule: i32, a: v128, b: v128): v128 {
  return rule == SUM
    ? f32x4.add(a, b)
    : rule == MAX
    ? f32x4.max(a, b)
    : f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function join1(rule: i32, a: f32, b: f32): f32 {
  return rule == SUM ? a + b : rule == MAX ? max(a, b) : min(a, b);
}

// @ts-ignore: decorator
@inline
function joinLanes(rule: i32, v: v128): f32 {
  return rule == SUM ? sum4(v) : rule == MAX ? max4(v) : min4(v);
}

// @ts-ignore: decorator
@inline
function rows(args: usize, begin: i32, end: i32, rule: i32): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const n = load<i32>(args, 12);
  const chunk = load<i32>(args, 20), chunks = load<i32>(args, 24);
  const start = f32x4.splat(startOf(rule));
  for (let item = begin; item < end; item++) {
    const first = (item % chunks) * chunk;
    const count = min(chunk, n - first);
    let p = x + (((item / chunks) * n + first as usize) << 2);
    const stop = p + ((count & ~7) as usize << 2);
    let a = start, b = start;
    for (; p < stop; p += 32) {
      a = join(rule, a, v128.load(p));
      b = join(rule, b, v128.load(p, 16));
    }
    let total = joinLanes(rule, join(rule, a, b));
    for (let j = count & ~7; j < count; j++) {
      total = join1(rule, total, load<f32>(p));
      p += 4;
    }
    store<f32>(y + ((item as usize) << 2), total);
  }
}

// @ts-ignore: decorator
@inline
function columns(args: usize, begin: i32, end: i32, rule: i32): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const n = load<i32>(args, 12), inner = load<i32>(args, 16);
  const chunk = load<i32>(args, 20), chunks = load<i32>(args, 24);
  const blocks = (inner + COLUMNS - 1) / COLUMNS;
  const step = (inner as usize) << 2;
  for (let item = begin; item < end; item++) {
    const column = (item % blocks) * COLUMNS, row = item / blocks;
    const first = (row % chunks) * chunk;
    const count = min(chunk, n - first);
    let p = x + ((((row / chunks) * n + first) * inner + column as usize) << 2);
    const to = y + ((row * inner + column as usize) << 2);
    const width = min(COLUMNS, inner - column);
    if (width == COLUMNS) {
      let a = f32x4.splat(startOf(rule)), b = a, c = a, d = a;
      for (let j = 0; j < count; j++) {
        a = join(rule, a, v128.load(p));
        b = join(rule, b, v128.load(p, 16));
        c = join(rule, c, v128.load(p, 32));
        d = join(rule, d, v128.load(p, 48));
        p += step;
      }
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, d, 48);
      continue;
    }
    for (let lane: usize = 0; lane < (width as usize); lane++) {
      let q = p + (lane << 2);
      let total = startOf(rule);
      for (let j = 0; j < count; j++) {
        total = join1(rule, total, load<f32>(q));
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
  rows(args, begin, end, SUM);
}

export function reduceMax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  rows(args, begin, end, MAX);
}

export function reduceMin(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  rows(args, begin, end, MIN);
}

export function reduceColumnsSum(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  columns(args, begin, end, SUM);
}

export function reduceColumnsMax(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  columns(args, begin, end, MAX);
}

export function reduceColumnsMin(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  columns(args, begin, end, MIN);
}
