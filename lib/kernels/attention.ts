/**
 * Causal attention with grouped queries (Vaswani et al., 2017; Ainslie et al.,
 * 2023), without the (T, T) matrix in memory (Dao et al., 2022).
 *
 *     s[i, j] = q_i · k_j / sqrt(D)     for j ≤ start + i, else -∞
 *     lse[i]  = log Σ_j exp s[i, j]
 *     o_i     = Σ_j exp(s[i, j] - lse[i]) v_j
 *
 * q and o are (B, Tq, H, D), k and v (B, capacity, G, D) of which the first
 * `keys` positions count, lse is (B, H, Tq). Head h reads group floor(h G / H).
 * `start` is the position of the first query: 0 in training, the number of
 * cached tokens in generation.
 *
 * WebGPU: an invocation takes a query and up to 32 elements of its head, and
 * walks over the keys with a running maximum; wider heads compute their scores
 * once for every 32 elements. No barriers: software drivers take minutes to
 * compile attention with them. Compiled once for each head size. CPU: blocks of
 * 32 queries through the matrix product, scores of a block in scratch memory.
 *
 * @module
 */
import {
  defineKernel,
  type Device,
  type DeviceBuffer,
  type Kernel,
} from "../device/mod.ts";
import { GEMM_SCRATCH } from "./matmul.ts";
import { LOWEST } from "./wgsl.ts";

/** Sizes of one attention. */
export interface AttentionSizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly start: number;
  /** Positions that k and v have room for in each batch row. */
  readonly capacity: number;
}

/** The formula in plain loops: o, and lse if an array is given for it. */
export function attentionReference(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  s: AttentionSizes,
  lse?: Float64Array,
): Float64Array {
  const { heads, kvHeads, headSize: D } = s;
  const o = new Float64Array(s.batch * s.queries * heads * D);
  for (let b = 0; b < s.batch; b++) {
    for (let h = 0; h < heads; h++) {
      const g = Math.floor(h * kvHeads / heads);
      for (let i = 0; i < s.queries; i++) {
        const atQ = ((b * s.queries + i) * heads + h) * D;
        const seen = Math.min(s.keys, s.start + i + 1);
        const atK = (j: number) => ((b * s.capacity + j) * kvHeads + g) * D;
        const scores = Array.from({ length: seen }, (_, j) => {
          let dot = 0;
          for (let d = 0; d < D; d++) dot += q[atQ + d]! * k[atK(j) + d]!;
          return dot / Math.sqrt(D);
        });
        const max = Math.max(...scores);
        const sum = scores.reduce((total, x) => total + Math.exp(x - max), 0);
        const logSum = max + Math.log(sum);
        if (lse) lse[(b * heads + h) * s.queries + i] = logSum;
        for (let j = 0; j < seen; j++) {
          const weight = Math.exp(scores[j]! - logSum);
          for (let d = 0; d < D; d++) o[atQ + d]! += weight * v[atK(j) + d]!;
        }
      }
    }
  }
  return o;
}

/** Queries that the CPU handles together; BLOCK of cpu/attention.ts. */
const CPU_BLOCK = 32;

/** Parameters of all attention kernels. */
export const ATTENTION_PARAMS = {
  batch: "u32",
  queries: "u32",
  keys: "u32",
  heads: "u32",
  kvHeads: "u32",
  headSize: "u32",
  start: "u32",
  capacity: "u32",
  scale: "f32",
  parts: "u32",
} as const;

type AttentionParams = Record<keyof typeof ATTENTION_PARAMS, number>;

/** Parameters of a launch. */
export function attentionParams(sizes: AttentionSizes): AttentionParams {
  const { batch, queries, keys, heads, kvHeads, headSize, start, capacity } =
    sizes;
  return {
    batch,
    queries,
    keys,
    heads,
    kvHeads,
    headSize,
    start,
    capacity,
    scale: 1 / Math.sqrt(headSize),
    parts: partsOf(headSize),
  };
}

/** Source of the CPU's kernels. */
export const ATTENTION_CPU = {
  family: "attention",
  source: new URL("./cpu/attention.ts", import.meta.url),
};

/** Most parts of a head that one invocation sums: it holds them in registers. */
const MOST_OWN = 8;

/** Elements of type Part in a head: vectors of four where the size allows. */
function partsOf(headSize: number): number {
  return headSize % 4 === 0 ? headSize / 4 : headSize;
}

/** Invocations that share a head. */
export function headShares(headSize: number): number {
  return Math.ceil(partsOf(headSize) / MOST_OWN);
}

/**
 * WGSL for one head size: a head is `p.parts` elements of type Part, of which
 * an invocation owns OWN from `share * OWN` on. Loops over all parts have a
 * bound from the parameters, so that no driver unrolls them.
 */
export function headWgsl(headSize: number): string {
  const isVector = headSize % 4 === 0;
  const own = Math.ceil(partsOf(headSize) / headShares(headSize));
  return /* wgsl */ `
alias Part = ${isVector ? "vec4f" : "f32"};
const OWN = ${own}u;
const SHARES = ${headShares(headSize)}u;
fn product(x: Part, y: Part) -> f32 {
  return ${isVector ? "dot(x, y)" : "x * y"};
}
/**
 * What an invocation works on. Counts through (b, head, share, t), so that
 * neighbours differ in time and read the same keys or queries.
 */
struct Place { b: u32, head: u32, share: u32, t: u32 }
fn placeOf(index: u32, heads: u32, times: u32) -> Place {
  let share = index / times;
  let head = share / SHARES;
  return Place(head / heads, head % heads, share % SHARES, index % times);
}
/** First part of a head of a query (b, i, h) and of a key (b, j, g). */
fn queryAt(b: u32, i: u32, h: u32) -> u32 {
  return ((b * p.queries + i) * p.heads + h) * p.parts;
}
fn keyAt(b: u32, j: u32, g: u32) -> u32 {
  return ((b * p.capacity + j) * p.kvHeads + g) * p.parts;
}`;
}

/** Element type of buffers that hold heads of that size. */
export function headElement(headSize: number): "vec4f" | "f32" {
  return headSize % 4 === 0 ? "vec4f" : "f32";
}

/** Makes one kernel for each head size, when it is first needed. */
export function byHeadSize<K extends Kernel>(
  make: (headSize: number) => K,
): (headSize: number) => K {
  const made = new Map<number, K>();
  return (headSize) => {
    const kernel = made.get(headSize) ?? make(headSize);
    made.set(headSize, kernel);
    return kernel;
  };
}

const cpuKernel = defineKernel({
  name: "attention",
  buffers: {
    q: "read f32",
    k: "read f32",
    v: "read f32",
    o: "write f32",
    lse: "write f32",
  },
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: ATTENTION_CPU,
});

const gpuKernel = byHeadSize((headSize) => {
  const element = headElement(headSize);
  return defineKernel({
    name: `attention${headSize}`,
    buffers: {
      q: `read ${element}`,
      k: `read ${element}`,
      v: `read ${element}`,
      o: `write ${element}`,
      lse: "write f32",
    },
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${headWgsl(headSize)}
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
  for (var j = 0u; j < min(p.keys, p.start + i + 1u); j++) {
    let key = keyAt(place.b, j, g);
    var s = 0.0;
    for (var d = 0u; d < p.parts; d++) { s += product(q[query + d], k[key + d]); }
    s *= p.scale;
    let next = max(top, s);
    let keep = exp(top - next);
    let weight = exp(s - next);
    top = next;
    total = total * keep + weight;
    // The last share may be shorter: it sums its last part again.
    for (var d = 0u; d < OWN; d++) {
      sums[d] = sums[d] * keep + weight * v[key + min(first + d, p.parts - 1u)];
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < p.parts) { o[query + first + d] = sums[d] / total; }
  }
  if (place.share == 0u) {
    lse[(place.b * p.heads + place.head) * p.queries + i] = top + log(total);
  }
}`,
  });
});

/** Scratch bytes of one CPU thread: blocks of scores, and the product's. */
export function attentionScratch(keys: number, blocks: number): number {
  return GEMM_SCRATCH + blocks * CPU_BLOCK * Math.ceil(keys / 4) * 16;
}

/** o (B, Tq, H, D) and lse (B, H, Tq). */
export function attention(
  device: Device,
  buffers: Record<"q" | "k" | "v" | "o" | "lse", DeviceBuffer>,
  sizes: AttentionSizes,
): void {
  const { batch, queries, keys, heads, headSize } = sizes;
  const kernel = device.kind === "cpu" ? cpuKernel : gpuKernel(headSize);
  device.run<keyof typeof buffers, keyof AttentionParams>(
    kernel,
    buffers,
    attentionParams(sizes),
    {
      groups: Math.ceil(batch * heads * queries * headShares(headSize) / 64),
      items: batch * heads * Math.ceil(queries / CPU_BLOCK),
      work: batch * heads * queries * keys * headSize * 2,
      scratch: attentionScratch(keys, 1),
    },
  );
}
