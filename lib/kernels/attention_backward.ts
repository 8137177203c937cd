/**
 * Gradient of attention.ts; P is recomputed from the saved lse (Dao et al.,
 * 2022, section B.2).
 *
 *     p[i, j] = exp(s[i, j] - lse[i])       delta[i] = dO_i · o_i
 *     dS[i, j] = p[i, j] (dO_i · v_j - delta[i]) / sqrt(D)
 *     dQ_i = Σ_j dS[i, j] k_j     dK_j = Σ_i dS[i, j] q_i
 *     dV_j = Σ_i p[i, j] dO_i     (Σ over the heads of a group too)
 *
 * delta comes first, side by side with lse: (B, H, Tq, 2). Then, on WebGPU, dQ
 * with an invocation or a row of a tile for each query, and dK and dV with one
 * for each key; on the CPU all three together, one item a group of heads. Every
 * sum runs in a fixed order.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  type AttentionLaunchOptions,
  attentionScratch,
  headShares,
  isSeen,
  placeWgsl,
} from "./attention.ts";
import { chooseAttention } from "./attention_choose.ts";
import { runMatrixAttention } from "./attention_matrix.ts";
import {
  ATTENTION_PARAMS,
  attentionParams,
  type AttentionSizes,
  attentionWgsl,
  byHeadSize,
  headElement,
  pairsSeen,
} from "./attention_sizes.ts";
import { tiledAttentionBackward } from "./attention_tiled_backward.ts";

/** What the gradients are made from: gradient and results of the forward pass. */
export interface AttentionGradientInputs {
  readonly dO: ArrayLike<number>;
  readonly o: ArrayLike<number>;
  readonly lse: ArrayLike<number>;
  readonly documents?: ArrayLike<number> | undefined;
  /** What dO, p and dS are rounded to as factors; nothing without it. */
  readonly round?: (factor: number) => number;
}

/** The formulas in plain loops: dQ, dK and dV. */
export function attentionBackwardReference(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  s: AttentionSizes,
  { dO, o, lse, documents, round = (x) => x }: AttentionGradientInputs,
): [dQ: Float64Array, dK: Float64Array, dV: Float64Array] {
  const { heads, kvHeads, headSize: D } = s;
  const [dQ, dK, dV] = [q, k, v].map((x) => new Float64Array(x.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < s.batch * heads * s.queries; row++) {
    const i = row % s.queries;
    const h = Math.floor(row / s.queries) % heads;
    const b = Math.floor(row / s.queries / heads);
    const g = Math.floor(h * kvHeads / heads);
    const atQ = ((b * s.queries + i) * heads + h) * D;
    let delta = 0;
    for (let d = 0; d < D; d++) delta += dO[atQ + d]! * o[atQ + d]!;
    for (let j = 0; j < s.keys; j++) {
      if (!isSeen(s, i, j, documents, b)) continue;
      const atK = ((b * s.capacity + j) * kvHeads + g) * D;
      let score = 0, dP = 0;
      for (let d = 0; d < D; d++) {
        score += q[atQ + d]! * k[atK + d]!;
        dP += round(dO[atQ + d]!) * v[atK + d]!;
      }
      const p = Math.exp(score / Math.sqrt(D) - lse[row]!);
      const dS = round(p * (dP - delta)) / Math.sqrt(D);
      for (let d = 0; d < D; d++) {
        dQ[atQ + d]! += dS * k[atK + d]!;
        dK[atK + d]! += dS * q[atQ + d]!;
        dV[atK + d]! += round(p) * round(dO[atQ + d]!);
      }
    }
  }
  return [dQ, dK, dV];
}

const CPU = {
  family: "attention_backward",
  source: new URL("./cpu/attention_backward.ts", import.meta.url),
};

const deltaKernel = defineKernel({
  name: "attentionDelta",
  buffers: {
    o: "read f32",
    dO: "read f32",
    lse: "read f32",
    rows: "write f32",
  },
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let index = group * WORKGROUP + lane;
  if (index >= p.batch * p.heads * p.queries) { return; }
  let i = index % p.queries;
  let h = (index / p.queries) % p.heads;
  let b = index / (p.queries * p.heads);
  let at = ((b * p.queries + i) * p.heads + h) * p.headSize;
  var total = 0.0;
  for (var d = 0u; d < p.headSize; d++) { total += o[at + d] * dO[at + d]; }
  rows[2u * index] = lse[index];
  rows[2u * index + 1u] = total;
}`,
});

const cpuKernel = defineKernel({
  name: "attentionBackward",
  buffers: {
    q: "read f32",
    k: "read f32",
    v: "read f32",
    documents: "read i32",
    rows: "read f32",
    dO: "read f32",
    dQ: "write f32",
    dK: "write f32",
    dV: "write f32",
  },
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: CPU,
});

/** WGSL: p[i, j] and dS[i, j] of a query (its place in rows: row) and a key. */
const PAIR = /* wgsl */ `
fn pairOf(query: u32, row: u32, key: u32) -> vec2f {
  var s = 0.0;
  var dP = 0.0;
  for (var d = 0u; d < partCount(); d++) {
    s += product(q[query + d], k[key + d]);
    dP += product(dO[query + d], v[key + d]);
  }
  let weight = exp(s * p.scale - rows[2u * row]);
  return vec2f(weight, weight * (dP - rows[2u * row + 1u]) * p.scale);
}`;

const queryKernel = byHeadSize((headSize) => {
  const element = headElement(headSize);
  return defineKernel({
    name: `attentionBackwardQuery${headSize}`,
    buffers: {
      q: `read ${element}`,
      k: `read ${element}`,
      v: `read ${element}`,
      documents: "read i32",
      rows: "read f32",
      dO: `read ${element}`,
      dQ: `write ${element}`,
    },
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${attentionWgsl(headSize)}${placeWgsl(headSize)}${PAIR}
fn kernel(group: u32, lane: u32) {
  let place = placeOf(group * WORKGROUP + lane, p.heads, p.queries);
  if (place.b >= p.batch) { return; }
  let i = place.t;
  let g = place.head * p.kvHeads / p.heads;
  let query = queryAt(place.b, i, place.head);
  let row = (place.b * p.heads + place.head) * p.queries + i;
  let first = place.share * OWN;
  var sums: array<Part, OWN>;
  for (var j = firstKey(i); j < endKey(i); j++) {
    if (!isTogether(place.b, i, j)) { continue; }
    let key = keyAt(place.b, j, g);
    let dS = pairOf(query, row, key).y;
    for (var d = 0u; d < OWN; d++) {
      sums[d] += dS * k[key + min(first + d, PARTS - 1u)];
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < PARTS) { dQ[query + first + d] = sums[d]; }
  }
}`,
  });
});

const keyKernel = byHeadSize((headSize) => {
  const element = headElement(headSize);
  return defineKernel({
    name: `attentionBackwardKey${headSize}`,
    buffers: {
      q: `read ${element}`,
      k: `read ${element}`,
      v: `read ${element}`,
      documents: "read i32",
      rows: "read f32",
      dO: `read ${element}`,
      dK: `write ${element}`,
      dV: `write ${element}`,
    },
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${attentionWgsl(headSize)}${placeWgsl(headSize)}${PAIR}
fn kernel(group: u32, lane: u32) {
  let place = placeOf(group * WORKGROUP + lane, p.kvHeads, p.keys);
  if (place.b >= p.batch) { return; }
  let b = place.b;
  let j = place.t;
  let key = keyAt(b, j, place.head);
  let first = place.share * OWN;
  var sumK: array<Part, OWN>;
  var sumV: array<Part, OWN>;
  let heads = p.heads / p.kvHeads;
  for (var h = place.head * heads; h < (place.head + 1u) * heads; h++) {
    for (var i = firstQuery(j); i < endQuery(j); i++) {
      if (!isTogether(b, i, j)) { continue; }
      let query = queryAt(b, i, h);
      let pair = pairOf(query, (b * p.heads + h) * p.queries + i, key);
      for (var d = 0u; d < OWN; d++) {
        let at = query + min(first + d, PARTS - 1u);
        sumK[d] += pair.y * q[at];
        sumV[d] += pair.x * dO[at];
      }
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < PARTS) {
      dK[key + first + d] = sumK[d];
      dV[key + first + d] = sumV[d];
    }
  }
}`,
  });
});

/**
 * dQ (B, Tq, H, D), dK and dV (B, Tk, G, D); k and v must be full
 * (`capacity = keys`).
 */
export function attentionBackward(
  device: Device,
  { o, lse, documents, ...buffers }:
    & Record<
      "q" | "k" | "v" | "o" | "lse" | "dO" | "dQ" | "dK" | "dV",
      DeviceBuffer
    >
    & { readonly documents?: DeviceBuffer | undefined },
  sizes: AttentionSizes,
  { precision = "float32", variant }: AttentionLaunchOptions = {},
): void {
  const { batch, queries, keys, heads, kvHeads, headSize } = sizes;
  const params = attentionParams(sizes, documents);
  const count = batch * heads * queries;
  const rows = device.allocate(count * 8, "attentionDelta");
  device.run(deltaKernel, { o, dO: buffers.dO, lse, rows }, params, {
    groups: Math.ceil(count / 64),
    items: count,
    work: count * headSize * 2,
  });
  const all = { ...buffers, rows, documents: documents ?? buffers.q };
  const pairs = pairsSeen(sizes) * headSize;
  if (device.kind === "cpu") {
    device.run(cpuKernel, all, params, {
      groups: 0,
      items: batch * kvHeads,
      work: pairs * 5,
      flops: pairs * 10,
      scratch: attentionScratch(2),
    });
    device.free(rows);
    return;
  }
  const chosen = variant ??
    chooseAttention(device, sizes, "backward", precision, (...trial) => {
      const [buffers, sizes, variant] = trial;
      attentionBackward(device, buffers, sizes, { variant });
    });
  if (typeof chosen === "object") {
    runMatrixAttention(device, "backward", chosen, all, sizes, params);
  } else if (chosen === "tiled") {
    tiledAttentionBackward(device, all, sizes, params);
  } else {
    const shares = headShares(headSize);
    device.run(queryKernel(headSize), all, params, {
      groups: Math.ceil(count * shares / 64),
      items: 0,
      work: pairs * 3,
      flops: pairs * 6,
    });
    device.run(keyKernel(headSize), all, params, {
      groups: Math.ceil(batch * kvHeads * keys * shares / 64),
      items: 0,
      work: pairs * 4,
      flops: pairs * 8,
    });
  }
  device.free(rows);
}
