/**
 * Gradient of attention.ts; P is recomputed from the saved lse (Dao et al.,
 * 2022, section B.2).
 *
 *     p[i, j] = exp(s[i, j] - lse[i])       delta[i] = dO_i · o_i
 *     dS[i, j] = p[i, j] (dO_i · v_j - delta[i]) / sqrt(D)
 *     dQ_i = Σ_j dS[i, j] k_j     dK_j = Σ_i dS[i, j] q_i
 *     dV_j = Σ_i p[i, j] dO_i     (Σ over the heads of a group too)
 *
 * WebGPU: delta, then dQ with an invocation a query, then dK and dV with an
 * invocation a key, wide heads shared as in the forward pass. CPU: delta, then
 * all three together, one item a group of heads. Every sum runs in a fixed
 * order.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  ATTENTION_CPU,
  ATTENTION_PARAMS,
  attentionParams,
  attentionScratch,
  type AttentionSizes,
  byHeadSize,
  headElement,
  headShares,
  headWgsl,
} from "./attention.ts";

const deltaKernel = defineKernel({
  name: "attentionDelta",
  buffers: { o: "read f32", dO: "read f32", delta: "write f32" },
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: ATTENTION_CPU,
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
  delta[index] = total;
}`,
});

const cpuKernel = defineKernel({
  name: "attentionBackward",
  buffers: {
    q: "read f32",
    k: "read f32",
    v: "read f32",
    lse: "read f32",
    delta: "read f32",
    dO: "read f32",
    dQ: "write f32",
    dK: "write f32",
    dV: "write f32",
  },
  params: ATTENTION_PARAMS,
  workgroupSize: 64,
  cpu: ATTENTION_CPU,
});

/** WGSL: p[i, j] and dS[i, j] of a query (its place in lse: row) and a key. */
const PAIR = /* wgsl */ `
fn pairOf(query: u32, row: u32, key: u32) -> vec2f {
  var s = 0.0;
  var dP = 0.0;
  for (var d = 0u; d < p.parts; d++) {
    s += product(q[query + d], k[key + d]);
    dP += product(dO[query + d], v[key + d]);
  }
  let weight = exp(s * p.scale - lse[row]);
  return vec2f(weight, weight * (dP - delta[row]) * p.scale);
}`;

const queryKernel = byHeadSize((headSize) => {
  const element = headElement(headSize);
  return defineKernel({
    name: `attentionBackwardQuery${headSize}`,
    buffers: {
      q: `read ${element}`,
      k: `read ${element}`,
      v: `read ${element}`,
      lse: "read f32",
      delta: "read f32",
      dO: `read ${element}`,
      dQ: `write ${element}`,
    },
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${headWgsl(headSize)}${PAIR}
fn kernel(group: u32, lane: u32) {
  let place = placeOf(group * WORKGROUP + lane, p.heads, p.queries);
  if (place.b >= p.batch) { return; }
  let i = place.t;
  let g = place.head * p.kvHeads / p.heads;
  let query = queryAt(place.b, i, place.head);
  let row = (place.b * p.heads + place.head) * p.queries + i;
  let first = place.share * OWN;
  var sums: array<Part, OWN>;
  for (var j = 0u; j < min(p.keys, p.start + i + 1u); j++) {
    let key = keyAt(place.b, j, g);
    let dS = pairOf(query, row, key).y;
    for (var d = 0u; d < OWN; d++) {
      sums[d] += dS * k[key + min(first + d, p.parts - 1u)];
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < p.parts) { dQ[query + first + d] = sums[d]; }
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
      lse: "read f32",
      delta: "read f32",
      dO: `read ${element}`,
      dK: `write ${element}`,
      dV: `write ${element}`,
    },
    params: ATTENTION_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `${headWgsl(headSize)}${PAIR}
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
  let firstQuery = select(0u, j - p.start, j > p.start); // who sees this key
  for (var h = place.head * heads; h < (place.head + 1u) * heads; h++) {
    for (var i = firstQuery; i < p.queries; i++) {
      let query = queryAt(b, i, h);
      let pair = pairOf(query, (b * p.heads + h) * p.queries + i, key);
      for (var d = 0u; d < OWN; d++) {
        let at = query + min(first + d, p.parts - 1u);
        sumK[d] += pair.y * q[at];
        sumV[d] += pair.x * dO[at];
      }
    }
  }
  for (var d = 0u; d < OWN; d++) {
    if (first + d < p.parts) {
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
  { o, ...buffers }: Record<
    "q" | "k" | "v" | "o" | "lse" | "dO" | "dQ" | "dK" | "dV",
    DeviceBuffer
  >,
  sizes: AttentionSizes,
): void {
  const { batch, queries, keys, heads, kvHeads, headSize } = sizes;
  const params = attentionParams(sizes);
  const rows = batch * heads * queries;
  const delta = device.allocate(rows * 4, "attentionDelta");
  device.run(deltaKernel, { o, dO: buffers.dO, delta }, params, {
    groups: Math.ceil(rows / 64),
    items: rows,
    work: rows * headSize * 2,
  });
  const all = { ...buffers, delta };
  const work = rows * keys * headSize * 5;
  if (device.kind === "cpu") {
    device.run(cpuKernel, all, params, {
      groups: 0,
      items: batch * kvHeads,
      work,
      scratch: attentionScratch(keys, 2),
    });
  } else {
    const shares = headShares(headSize);
    device.run(queryKernel(headSize), all, params, {
      groups: Math.ceil(rows * shares / 64),
      items: 0,
      work,
    });
    device.run(keyKernel(headSize), all, params, {
      groups: Math.ceil(batch * kvHeads * keys * shares / 64),
      items: 0,
      work,
    });
  }
  device.free(delta);
}
