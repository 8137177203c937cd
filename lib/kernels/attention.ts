/**
 * Attention with grouped queries (Vaswani et al., 2017; Ainslie et al., 2023),
 * without the (T, T) matrix in memory (Dao et al., 2022).
 *
 *     s[i, j] = q_i · k_j / sqrt(D)    where query i sees key j, else -∞
 *     lse[i]  = log Σ_j exp s[i, j]
 *     o_i     = Σ_j exp(s[i, j] - lse[i]) v_j
 *
 * q and o are (B, Tq, H, D), k and v (B, capacity, G, D) of which the first
 * `keys` positions count, lse is (B, H, Tq). Head h reads group floor(h G / H).
 * Query i stands at position t = start + i (start is 0 in training, the number
 * of cached tokens in generation) and sees key j when
 * - j ≤ t, if it is causal,
 * - |t - j| < window, if there is one (Beltagy et al., 2020),
 * - both are of one document, if `documents` (B, capacity) int32 is given.
 *
 * Variants (attention_choose.ts chooses):
 * - CPU: blocks of 32 queries by 256 keys through the matrix product, with a
 *   running maximum; scores of a block in scratch memory.
 * - `attention<D>`, WebGPU, any head: an invocation takes a query and up to 32
 *   elements of its head; wider heads compute their scores once for every 32
 *   elements. No barriers: software drivers take long to compile them.
 * - `attentionRow<D>`, WebGPU hardware, few queries: a workgroup for each
 *   (attention_row.ts).
 * - `attentionTiled<D>`, WebGPU hardware: keys and values through workgroup
 *   memory (attention_tiled.ts).
 * - `attentionLse<D>` and `attentionOutput<D>`, WebGPU hardware, factors of
 *   f16: products on matrix units (attention_matrix.ts).
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { type AttentionVariant, chooseAttention } from "./attention_choose.ts";
import { runMatrixAttention } from "./attention_matrix.ts";
import { rowAttention } from "./attention_row.ts";
import {
  ATTENTION_PARAMS,
  attentionParams,
  type AttentionSizes,
  attentionWgsl,
  byHeadSize,
  forwardBuffers,
  headElement,
  headParts,
  pairsSeen,
} from "./attention_sizes.ts";
import { tiledAttention } from "./attention_tiled.ts";
import { GEMM_SCRATCH, type MatmulPrecision } from "./matmul.ts";
import { LOWEST } from "./wgsl.ts";

/** Whether a query sees a key, by the list above. */
export function isSeen(
  s: AttentionSizes,
  i: number,
  j: number,
  documents: ArrayLike<number> | undefined,
  b: number,
): boolean {
  const t = s.start + i;
  return (!(s.isCausal ?? true) || j <= t) &&
    Math.abs(t - j) < (s.window ?? Infinity) &&
    (!documents ||
      documents[b * s.capacity + t] === documents[b * s.capacity + j]);
}

/** The formula in plain loops: o, and lse if an array is given for it. */
export function attentionReference(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  s: AttentionSizes,
  { lse, documents, round = (weight) => weight }: {
    lse?: Float64Array;
    documents?: ArrayLike<number> | undefined;
    /** What weights are rounded to before they meet v; nothing without it. */
    round?: (weight: number) => number;
  } = {},
): Float64Array {
  const { heads, kvHeads, headSize: D } = s;
  const o = new Float64Array(s.batch * s.queries * heads * D);
  for (let b = 0; b < s.batch; b++) {
    for (let h = 0; h < heads; h++) {
      const g = Math.floor(h * kvHeads / heads);
      for (let i = 0; i < s.queries; i++) {
        const atQ = ((b * s.queries + i) * heads + h) * D;
        const atK = (j: number) => ((b * s.capacity + j) * kvHeads + g) * D;
        const scores = Array.from({ length: s.keys }, (_, j) => {
          if (!isSeen(s, i, j, documents, b)) return -Infinity;
          let dot = 0;
          for (let d = 0; d < D; d++) dot += q[atQ + d]! * k[atK(j) + d]!;
          return dot / Math.sqrt(D);
        });
        const max = Math.max(...scores);
        const sum = scores.reduce((total, x) => total + Math.exp(x - max), 0);
        const logSum = max + Math.log(sum);
        if (lse) lse[(b * heads + h) * s.queries + i] = logSum;
        for (let j = 0; j < s.keys; j++) {
          const weight = round(Math.exp(scores[j]! - logSum));
          for (let d = 0; d < D; d++) o[atQ + d]! += weight * v[atK(j) + d]!;
        }
      }
    }
  }
  return o;
}

const cpuKernel = defineKernel({
  name: "attention",
  buffers: forwardBuffers("f32"),
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: {
    family: "attention",
    source: new URL("./cpu/attention.ts", import.meta.url),
  },
});

/** What the CPU handles together; QUERIES and KEYS of cpu/attention_mask.ts. */
const CPU_QUERIES = 32;
const CPU_KEYS = 256;

/**
 * Scratch bytes of one CPU thread: blocks of scores, a vector a query, and the
 * product's own.
 */
export function attentionScratch(blocks: number): number {
  return GEMM_SCRATCH + CPU_QUERIES * (blocks * CPU_KEYS * 4 + 16);
}

/** Most parts of a head that one invocation sums: it holds them in registers. */
const MOST_OWN = 8;

/** Invocations that share a head in the kernels without barriers. */
export function headShares(headSize: number): number {
  return Math.ceil(headParts(headSize) / MOST_OWN);
}

/**
 * WGSL: what an invocation works on. Counts through (b, head, share, t), so
 * that neighbours differ in time and read the same keys or queries; it owns OWN
 * parts of the head from `share * OWN` on, where the last share may be shorter:
 * it sums its last part again.
 */
export function placeWgsl(headSize: number): string {
  const shares = headShares(headSize);
  return /* wgsl */ `
const OWN = ${Math.ceil(headParts(headSize) / shares)}u;
const SHARES = ${shares}u;
struct Place { b: u32, head: u32, share: u32, t: u32 }
fn placeOf(index: u32, heads: u32, times: u32) -> Place {
  let share = index / times;
  let head = share / SHARES;
  return Place(head / heads, head % heads, share % SHARES, index % times);
}`;
}

const plainKernel = byHeadSize((headSize) => {
  const element = headElement(headSize);
  return defineKernel({
    name: `attention${headSize}`,
    buffers: forwardBuffers(element),
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${attentionWgsl(headSize)}${placeWgsl(headSize)}
fn kernel(group: u32, lane: u32) {
  let place = placeOf(group * WORKGROUP + lane, p.heads, p.queries);
  if (place.b >= p.batch) { return; }
  let i = place.t;
  let g = place.head * p.kvHeads / p.heads;
  let query = queryAt(place.b, i, place.head);
  let first = place.share * OWN;
  var sums: array<Part, OWN>;
  var top = ${LOWEST};
  var total = 0.0;
  for (var j = firstKey(i); j < endKey(i); j++) {
    if (!isTogether(place.b, i, j)) { continue; }
    let key = keyAt(place.b, j, g);
    var s = 0.0;
    for (var d = 0u; d < partCount(); d++) {
      s += product(q[query + d], k[key + d]);
    }
    s *= p.scale;
    let next = max(top, s);
    let keep = exp(top - next);
    let weight = exp(s - next);
    top = next;
    total = total * keep + weight;
    for (var d = 0u; d < OWN; d++) {
      sums[d] = sums[d] * keep + weight * v[key + min(first + d, PARTS - 1u)];
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < PARTS) { o[query + first + d] = sums[d] / total; }
  }
  if (place.share == 0u) {
    lse[(place.b * p.heads + place.head) * p.queries + i] = top + log(total);
  }
}`,
  });
});

/** How attention is computed. */
export interface AttentionLaunchOptions {
  /** What factors of products are rounded to; "float32" without it. */
  readonly precision?: MatmulPrecision;
  /** WebGPU: this variant and no other (tests and benches). */
  readonly variant?: AttentionVariant | undefined;
}

/** o (B, Tq, H, D) and lse (B, H, Tq). */
export function attention(
  device: Device,
  { documents, ...buffers }:
    & Record<"q" | "k" | "v" | "o" | "lse", DeviceBuffer>
    & { readonly documents?: DeviceBuffer | undefined },
  sizes: AttentionSizes,
  { precision = "float32", variant }: AttentionLaunchOptions = {},
): void {
  const { batch, queries, heads, headSize } = sizes;
  const params = attentionParams(sizes, documents);
  // Something must be bound; without documents nothing reads it.
  const all = { ...buffers, documents: documents ?? buffers.q };
  const rows = batch * heads * queries;
  const flops = pairsSeen(sizes) * headSize * 4;
  if (device.kind === "cpu") {
    device.run(cpuKernel, all, params, {
      groups: 0,
      items: batch * heads * Math.ceil(queries / CPU_QUERIES),
      work: flops / 2,
      flops,
      scratch: attentionScratch(1),
    });
    return;
  }
  const chosen = variant ??
    chooseAttention(device, sizes, "forward", precision, (...trial) => {
      const [buffers, sizes, variant] = trial;
      attention(device, buffers, sizes, { variant });
    });
  if (typeof chosen === "object") {
    runMatrixAttention(device, "forward", chosen, all, sizes, params);
  } else if (chosen === "tiled") {
    tiledAttention(device, all, sizes, params);
  } else if (chosen === "row") {
    rowAttention(device, all, sizes, params);
  } else {
    device.run(plainKernel(headSize), all, params, {
      groups: Math.ceil(rows * headShares(headSize) / 64),
      items: 0,
      work: flops / 2,
      flops,
    });
  }
}
