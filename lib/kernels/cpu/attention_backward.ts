/**
 * The gradient of attention; see lib/kernels/attention_backward.ts. Blocks of
 * scores and of their gradients lie in scratch memory, as in the forward pass.
 * AssemblyScript.
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
  keysOf,
  kvHeadsOf,
  QUERIES,
  queriesOf,
  queryAt,
  scaleOf,
} from "./attention_mask";
import { gemm, GEMM_SCRATCH } from "./gemm";
import { exp4, fma4, sum4 } from "./math";

/** (lse, delta = dO · o) of one head of one query. */
export function attentionDelta(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const p = args + 16;
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
    const lse = load<f32>(load<usize>(args, 8) + ((item as usize) << 2));
    const row = load<usize>(args, 12) + ((item as usize) << 3);
    store<f32>(row, lse);
    store<f32>(row, sum, 4);
  }
}

/** One row of scores becomes P, one row of dP becomes dS. */
function backwardRow(
  scores: usize,
  pulls: usize,
  bytes: usize,
  lse: f32,
  delta: f32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale), shift = f32x4.splat(-lse);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = exp4(fma4(v128.load(scores + i), factor, shift));
    const pull = f32x4.sub(v128.load(pulls + i), f32x4.splat(delta));
    v128.store(scores + i, weight);
    v128.store(pulls + i, f32x4.mul(f32x4.mul(weight, pull), factor));
  }
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
  const kvHeads = kvHeadsOf(p), headSize = headSizeOf(p);
  const rowQ = ((heads * headSize) as usize) << 2;
  const rowK = ((kvHeads * headSize) as usize) << 2;
  const share = heads / kvHeads;
  const scores = scratch + GEMM_SCRATCH;
  const pulls = scores + ((QUERIES * KEYS) << 2);
  for (let item = begin; item < end; item++) {
    const b = item / kvHeads, g = item % kvHeads;
    const key = keyAt(p, b, g);
    const ids = documentsAt(p, load<usize>(args, 12), b);
    for (let j = 0; j < keys; j++) {
      const row = key + (j as usize) * rowK;
      memory.fill(load<usize>(args, 28) + row, 0, (headSize as usize) << 2);
      memory.fill(load<usize>(args, 32) + row, 0, (headSize as usize) << 2);
    }
    for (let h = g * share; h < (g + 1) * share; h++) {
      for (let first = 0; first < queries; first += QUERIES) {
        const rows = min(QUERIES, queries - first);
        const at = queryAt(p, b, first, h);
        const q = load<usize>(args) + at, dO = load<usize>(args, 20) + at;
        const dQ = load<usize>(args, 24) + at;
        const known = load<usize>(args, 16) +
          (((b * heads + h) * queries + first as usize) << 3);
        const last = endKey(p, first + rows - 1);
        let adds = false;
        for (let j = firstKey(p, first); j < last; j += KEYS) {
          const n = min(KEYS, last - j);
          if (isApart(p, ids, first, rows, j, n)) continue;
          const bytes = ((n + 3 & ~3) as usize) << 2;
          const skip = key + (j as usize) * rowK;
          const k = load<usize>(args, 4) + skip;
          // S = Q Kᵀ and dP = dO Vᵀ, (rows, n)
          gemm(
            rows, n, headSize,
            q, rowQ, 4,
            k, 4, rowK,
            scores, bytes, false, scratch,
          );
          gemm(
            rows, n, headSize,
            dO, rowQ, 4,
            load<usize>(args, 8) + skip, 4, rowK,
            pulls, bytes, false, scratch,
          );
          for (let i = 0; i < rows; i++) {
            const row = scores + (i as usize) * bytes;
            hideUnseen(p, ids, first + i, j, n, row, bytes);
            backwardRow(
              row,
              pulls + (i as usize) * bytes,
              bytes,
              load<f32>(known + ((i as usize) << 3)),
              load<f32>(known + ((i as usize) << 3), 4),
              scaleOf(p),
            );
          }
          // dQ = or += dS K, (rows, D)
          gemm(
            rows, headSize, n,
            pulls, bytes, 4,
            k, rowK, 4,
            dQ, rowQ, adds, scratch,
          );
          // dK += dSᵀ Q and dV += Pᵀ dO, (n, D)
          gemm(
            n, headSize, rows,
            pulls, 4, bytes,
            q, rowQ, 4,
            load<usize>(args, 28) + skip, rowK, true, scratch,
          );
          gemm(
            n, headSize, rows,
            scores, 4, bytes,
            dO, rowQ, 4,
            load<usize>(args, 32) + skip, rowK, true, scratch,
          );
          adds = true;
        }
      }
    }
  }
}
