/**
 * Attention; see lib/kernels/attention.ts. Blocks of queries by blocks of keys
 * go through the matrix product; the scores of a block lie in scratch memory
 * behind the product's own. AssemblyScript.
 */
import {
  documentsAt,
  endKey,
  firstKey,
  headSizeOf,
  headsOf,
  hideUnseen,
  isApart,
  keyAt,
  KEYS,
  kvHeadsOf,
  QUERIES,
  queriesOf,
  queryAt,
  scaleOf,
} from "./attention_mask";
import { gemm, GEMM_SCRATCH } from "./gemm";
import { exp4, fma4, max4, sum4 } from "./math";

/** Multiplies `bytes` of single-precision numbers. */
function scaleRow(row: usize, bytes: usize, by: f32): void {
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(row + i, f32x4.mul(v128.load(row + i), f32x4.splat(by)));
  }
  for (let i = whole; i < bytes; i += 4) {
    store<f32>(row + i, load<f32>(row + i) * by);
  }
}

/**
 * Scores become exp(scale s - top), where `state` holds the largest scaled
 * score so far, top, and the sum of the exponentials; both are brought up to
 * date. Returns what earlier results are to be multiplied by.
 */
function softmaxBlock(
  row: usize,
  bytes: usize,
  scale: f32,
  state: usize,
): f32 {
  let tops = v128.load(row);
  for (let i: usize = 16; i < bytes; i += 16) {
    tops = f32x4.max(tops, v128.load(row + i));
  }
  const before = load<f32>(state);
  const top = max(before, max4(tops) * scale);
  if (top == -Infinity) { // nothing is seen yet
    memory.fill(row, 0, bytes);
    return 1;
  }
  const shift = f32x4.splat(-top), factor = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const e = exp4(fma4(v128.load(row + i), factor, shift));
    sums = f32x4.add(sums, e);
    v128.store(row + i, e);
  }
  const keep: f32 = before == top
    ? 1
    : f32x4.extract_lane(exp4(f32x4.splat(before - top)), 0);
  store<f32>(state, top);
  store<f32>(state, load<f32>(state, 4) * keep + sum4(sums), 4);
  return keep;
}

/** Scores of one query: q · k_j for n keys. */
function scoresOfOne(
  q: usize,
  k: usize,
  rowK: usize,
  n: i32,
  headSize: i32,
  scores: usize,
): void {
  const bytes = (headSize as usize) << 2, whole = bytes & ~15;
  for (let j = 0; j < n; j++) {
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      sums = fma4(v128.load(q + i), v128.load(k + i), sums);
    }
    let sum = sum4(sums);
    for (let i = whole; i < bytes; i += 4) {
      sum += load<f32>(q + i) * load<f32>(k + i);
    }
    store<f32>(scores + ((j as usize) << 2), sum);
    k += rowK;
  }
}

/** o = or += Σ_j weight_j v_j for one query. */
function mixOfOne(
  weights: usize,
  v: usize,
  rowV: usize,
  n: i32,
  headSize: i32,
  o: usize,
  accumulate: bool,
): void {
  const bytes = (headSize as usize) << 2, whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    let sums = accumulate ? v128.load(o + i) : f32x4.splat(0), p = v + i;
    for (let j = 0; j < n; j++) {
      const weight = v128.load32_splat(weights + ((j as usize) << 2));
      sums = fma4(weight, v128.load(p), sums);
      p += rowV;
    }
    v128.store(o + i, sums);
  }
  for (let i = whole; i < bytes; i += 4) {
    let sum: f32 = accumulate ? load<f32>(o + i) : 0, p = v + i;
    for (let j = 0; j < n; j++) {
      sum += load<f32>(weights + ((j as usize) << 2)) * load<f32>(p);
      p += rowV;
    }
    store<f32>(o + i, sum);
  }
}

/** An item is a block of queries of one head. */
export function attention(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const p = args + 24;
  const queries = queriesOf(p), heads = headsOf(p), headSize = headSizeOf(p);
  const scores = scratch + GEMM_SCRATCH;
  // Largest score and sum of exponentials of each query.
  const states = scores + ((QUERIES * KEYS) << 2);
  const rowQ = ((heads * headSize) as usize) << 2;
  const rowK = ((kvHeadsOf(p) * headSize) as usize) << 2;
  const rowO = (headSize as usize) << 2;
  const blocks = (queries + QUERIES - 1) / QUERIES;
  for (let item = begin; item < end; item++) {
    const first = (item % blocks) * QUERIES, h = (item / blocks) % heads;
    const b = item / (blocks * heads);
    const rows = min(QUERIES, queries - first);
    const at = queryAt(p, b, first, h);
    const key = keyAt(p, b, (h * kvHeadsOf(p)) / heads);
    const q = load<usize>(args) + at, o = load<usize>(args, 16) + at;
    const lse = load<usize>(args, 20) +
      (((b * heads + h) * queries + first as usize) << 2);
    const ids = documentsAt(p, load<usize>(args, 12), b);
    for (let i = 0; i < rows; i++) {
      const state = states + ((i as usize) << 3);
      store<f32>(state, -Infinity);
      store<f32>(state, 0, 4);
    }
    let adds = false;
    const last = endKey(p, first + rows - 1);
    for (let j = firstKey(p, first); j < last; j += KEYS) {
      const n = min(KEYS, last - j);
      if (isApart(p, ids, first, rows, j, n)) continue;
      const bytes = ((n + 3 & ~3) as usize) << 2;
      const skip = key + (j as usize) * rowK;
      const k = load<usize>(args, 4) + skip, v = load<usize>(args, 8) + skip;
      if (rows == 1) scoresOfOne(q, k, rowK, n, headSize, scores);
      else { // S = Q Kᵀ, (rows, n)
        gemm(
          rows, n, headSize,
          q, rowQ, 4,
          k, 4, rowK,
          scores, bytes, false, scratch,
        );
      }
      for (let i = 0; i < rows; i++) {
        const row = scores + (i as usize) * bytes;
        hideUnseen(p, ids, first + i, j, n, row, bytes);
        const state = states + ((i as usize) << 3);
        const keep = softmaxBlock(row, bytes, scaleOf(p), state);
        if (adds && keep != 1) scaleRow(o + (i as usize) * rowQ, rowO, keep);
      }
      // O = or += P V, (rows, D)
      if (rows == 1) mixOfOne(scores, v, rowK, n, headSize, o, adds);
      else {
        gemm(
          rows, headSize, n,
          scores, bytes, 4,
          v, rowK, 4,
          o, rowQ, adds, scratch,
        );
      }
      adds = true;
    }
    for (let i = 0; i < rows; i++) {
      const state = states + ((i as usize) << 3);
      const sum = load<f32>(state, 4);
      scaleRow(o + (i as usize) * rowQ, rowO, 1 / sum);
      const logSum = load<f32>(state) + (NativeMath.log(sum as f64) as f32);
      store<f32>(lse + ((i as usize) << 2), logSum);
    }
  }
}
