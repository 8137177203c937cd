/**
 * Causal attention and its gradient; see lib/kernels/attention.ts and
 * attention_backward.ts. Blocks of queries go through the matrix product; the
 * scores of a block lie in scratch memory behind the product's own.
 * AssemblyScript.
 */
import { gemm, GEMM_SCRATCH } from "./gemm";
import { exp1, exp4, fma4, max4, sum4 } from "./math";

/** CPU_BLOCK of lib/kernels/attention.ts. */
const BLOCK: i32 = 32;

// Parameters, from the first word behind the buffers.
// @ts-ignore: decorator
@inline
function queriesOf(p: usize): i32 {
  return load<i32>(p, 4);
}
// @ts-ignore: decorator
@inline
function keysOf(p: usize): i32 {
  return load<i32>(p, 8);
}
// @ts-ignore: decorator
@inline
function headsOf(p: usize): i32 {
  return load<i32>(p, 12);
}
// @ts-ignore: decorator
@inline
function kvHeadsOf(p: usize): i32 {
  return load<i32>(p, 16);
}
// @ts-ignore: decorator
@inline
function headSizeOf(p: usize): i32 {
  return load<i32>(p, 20);
}
// @ts-ignore: decorator
@inline
function startOf(p: usize): i32 {
  return load<i32>(p, 24);
}
// @ts-ignore: decorator
@inline
function capacityOf(p: usize): i32 {
  return load<i32>(p, 28);
}
// @ts-ignore: decorator
@inline
function scaleOf(p: usize): f32 {
  return load<f32>(p, 32);
}

/** Byte offset of the head of a query (b, i, h). */
// @ts-ignore: decorator
@inline
function queryAt(p: usize, b: i32, i: i32, h: i32): usize {
  const head = (b * queriesOf(p) + i) * headsOf(p) + h;
  return ((head * headSizeOf(p)) as usize) << 2;
}

/** Byte offset of the head of the first key of (b, g). */
// @ts-ignore: decorator
@inline
function keyAt(p: usize, b: i32, g: i32): usize {
  const head = b * capacityOf(p) * kvHeadsOf(p) + g;
  return ((head * headSizeOf(p)) as usize) << 2;
}

/**
 * Softmax of the first n scores of a row; the rest of its `bytes` become 0.
 * Returns the log of the sum of exponentials.
 */
function softmaxRow(row: usize, n: i32, bytes: usize, scale: f32): f32 {
  for (let i = (n as usize) << 2; i < bytes; i += 4) {
    store<f32>(row + i, -Infinity);
  }
  let tops = v128.load(row);
  for (let i: usize = 16; i < bytes; i += 16) {
    tops = f32x4.max(tops, v128.load(row + i));
  }
  const top = max4(tops) * scale;
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const scaled = f32x4.mul(v128.load(row + i), f32x4.splat(scale));
    const e = exp4(f32x4.sub(scaled, f32x4.splat(top)));
    sums = f32x4.add(sums, e);
    v128.store(row + i, e);
  }
  const sum = sum4(sums);
  const share = f32x4.splat(1 / sum);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(row + i, f32x4.mul(v128.load(row + i), share));
  }
  return top + (NativeMath.log(sum as f64) as f32);
}

/** Scores of one query: q · k_j for j < n. */
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

/** o = Σ_j weight_j v_j for one query. */
function mixOfOne(
  weights: usize,
  v: usize,
  rowV: usize,
  n: i32,
  headSize: i32,
  o: usize,
): void {
  const bytes = (headSize as usize) << 2, whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    let sums = f32x4.splat(0), p = v + i;
    for (let j = 0; j < n; j++) {
      const weight = v128.load32_splat(weights + ((j as usize) << 2));
      sums = fma4(weight, v128.load(p), sums);
      p += rowV;
    }
    v128.store(o + i, sums);
  }
  for (let i = whole; i < bytes; i += 4) {
    let sum: f32 = 0, p = v + i;
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
  const p = args + 20;
  const queries = queriesOf(p), heads = headsOf(p), headSize = headSizeOf(p);
  const scores = scratch + GEMM_SCRATCH;
  const rowQ = ((heads * headSize) as usize) << 2;
  const rowK = ((kvHeadsOf(p) * headSize) as usize) << 2;
  const blocks = (queries + BLOCK - 1) / BLOCK;
  for (let item = begin; item < end; item++) {
    const first = (item % blocks) * BLOCK, h = (item / blocks) % heads;
    const b = item / (blocks * heads);
    const rows = min(BLOCK, queries - first);
    const seen = min(keysOf(p), startOf(p) + first + rows);
    const at = queryAt(p, b, first, h);
    const key = keyAt(p, b, (h * kvHeadsOf(p)) / heads);
    const q = load<usize>(args) + at, o = load<usize>(args, 12) + at;
    const k = load<usize>(args, 4) + key, v = load<usize>(args, 8) + key;
    const lse = load<usize>(args, 16) +
      (((b * heads + h) * queries + first as usize) << 2);
    const bytes = ((seen + 3 & ~3) as usize) << 2;
    if (rows == 1) {
      scoresOfOne(q, k, rowK, seen, headSize, scores);
      store<f32>(lse, softmaxRow(scores, seen, bytes, scaleOf(p)));
      mixOfOne(scores, v, rowK, seen, headSize, o);
      continue;
    }
    // S = Q Kᵀ, (rows, seen)
    gemm(
      rows, seen, headSize,
      q, rowQ, 4,
      k, 4, rowK,
      scores, bytes, false, scratch,
    );
    for (let i = 0; i < rows; i++) {
      const row = scores + (i as usize) * bytes;
      const n = min(keysOf(p), startOf(p) + first + i + 1);
      const logSum = softmaxRow(row, n, bytes, scaleOf(p));
      store<f32>(lse + ((i as usize) << 2), logSum);
    }
    // O = P V, (rows, D)
    gemm(
      rows, headSize, seen,
      scores, bytes, 4,
      v, rowK, 4,
      o, rowQ, false, scratch,
    );
  }
}

/** delta = dO · o of one head of one query. */
export function attentionDelta(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const p = args + 12;
  const queries = queriesOf(p), heads = headsOf(p);
  const bytes = (headSizeOf(p) as usize) << 2, whole = bytes & ~15;
  for (let item = begin; item < end; item++) {
    const i = item % queries, h = (item / queries) % heads;
    const at = queryAt(p, item / (queries * heads), i, h);
    const o = load<usize>(args) + at, dO = load<usize>(args, 4) + at;
    let sums = f32x4.splat(0);
    for (let d: usize = 0; d < whole; d += 16) {
      sums = fma4(v128.load(o + d), v128.load(dO + d), sums);
    }
    let sum = sum4(sums);
    for (let d = whole; d < bytes; d += 4) {
      sum += load<f32>(o + d) * load<f32>(dO + d);
    }
    store<f32>(load<usize>(args, 8) + ((item as usize) << 2), sum);
  }
}

/**
 * One row of scores becomes P, one row of dP becomes dS; what is not among
 * the first n becomes 0.
 */
function backwardRow(
  scores: usize,
  pulls: usize,
  n: i32,
  bytes: usize,
  lse: f32,
  delta: f32,
  scale: f32,
): void {
  const end = (n as usize) << 2, whole = end & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const scaled = f32x4.mul(v128.load(scores + i), f32x4.splat(scale));
    const weight = exp4(f32x4.sub(scaled, f32x4.splat(lse)));
    const pull = f32x4.sub(v128.load(pulls + i), f32x4.splat(delta));
    v128.store(scores + i, weight);
    const d = f32x4.mul(f32x4.mul(weight, pull), f32x4.splat(scale));
    v128.store(pulls + i, d);
  }
  for (let i = whole; i < end; i += 4) {
    const weight = exp1(load<f32>(scores + i) * scale - lse);
    store<f32>(scores + i, weight);
    store<f32>(pulls + i, weight * (load<f32>(pulls + i) - delta) * scale);
  }
  memory.fill(scores + end, 0, bytes - end);
  memory.fill(pulls + end, 0, bytes - end);
}

/** An item is a group of heads that share keys, in one row of the batch. */
export function attentionBackward(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const p = args + 36;
  const queries = queriesOf(p), keys = keysOf(p), heads = headsOf(p);
  const kvHeads = kvHeadsOf(p), headSize = headSizeOf(p), start = startOf(p);
  const rowQ = ((heads * headSize) as usize) << 2;
  const rowK = ((kvHeads * headSize) as usize) << 2;
  const share = heads / kvHeads;
  const scores = scratch + GEMM_SCRATCH;
  const pulls = scores + ((BLOCK * (keys + 3 & ~3) as usize) << 2);
  for (let item = begin; item < end; item++) {
    const b = item / kvHeads, g = item % kvHeads;
    const key = keyAt(p, b, g);
    const k = load<usize>(args, 4) + key, v = load<usize>(args, 8) + key;
    const dK = load<usize>(args, 28) + key, dV = load<usize>(args, 32) + key;
    for (let j = 0; j < keys; j++) {
      memory.fill(dK + (j as usize) * rowK, 0, (headSize as usize) << 2);
      memory.fill(dV + (j as usize) * rowK, 0, (headSize as usize) << 2);
    }
    for (let h = g * share; h < (g + 1) * share; h++) {
      for (let first = 0; first < queries; first += BLOCK) {
        const rows = min(BLOCK, queries - first);
        const seen = min(keys, start + first + rows);
        const bytes = ((seen + 3 & ~3) as usize) << 2;
        const at = queryAt(p, b, first, h);
        const q = load<usize>(args) + at, dO = load<usize>(args, 20) + at;
        const row = ((b * heads + h) * queries + first as usize) << 2;
        // S = Q Kᵀ and dP = dO Vᵀ, (rows, seen)
        gemm(
          rows, seen, headSize,
          q, rowQ, 4,
          k, 4, rowK,
          scores, bytes, false, scratch,
        );
        gemm(
          rows, seen, headSize,
          dO, rowQ, 4,
          v, 4, rowK,
          pulls, bytes, false, scratch,
        );
        for (let i = 0; i < rows; i++) {
          const skip = (i as usize) * bytes, word = row + ((i as usize) << 2);
          backwardRow(
            scores + skip,
            pulls + skip,
            min(keys, start + first + i + 1),
            bytes,
            load<f32>(load<usize>(args, 12) + word),
            load<f32>(load<usize>(args, 16) + word),
            scaleOf(p),
          );
        }
        // dQ = dS K, (rows, D)
        gemm(
          rows, headSize, seen,
          pulls, bytes, 4,
          k, rowK, 4,
          load<usize>(args, 24) + at, rowQ, false, scratch,
        );
        // dK += dSᵀ Q and dV += Pᵀ dO, (seen, D)
        gemm(
          seen, headSize, rows,
          pulls, 4, bytes,
          q, rowQ, 4,
          dK, rowK, true, scratch,
        );
        gemm(
          seen, headSize, rows,
          scores, 4, bytes,
          dO, rowQ, 4,
          dV, rowK, true, scratch,
        );
      }
    }
  }
}
