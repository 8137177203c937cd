/**
 * Attention of few queries on a GPU, as in generation, where there is one
 * (attention.ts has the equations). A workgroup takes one query of one head:
 * each lane scores a key of a tile, then the lanes share out the values, a part
 * of the head and every so many keys each. In the kernels for many queries one
 * invocation would walk over all keys.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  ATTENTION_PARAMS,
  type AttentionSizes,
  attentionWgsl,
  byHeadSize,
  forwardBuffers,
  headParts,
  pairsSeen,
} from "./attention_sizes.ts";
import { tileLaunch, type TileParams } from "./attention_tile.ts";
import { LOWEST, WORKGROUP_SUM, WORKGROUP_TOP } from "./wgsl.ts";

/** Invocations of a workgroup, and keys of a tile. */
const WORKGROUP = 64;

/** Heads that a workgroup has lanes for: of whole vectors, up to 256 wide. */
export function fitsRow(headSize: number): boolean {
  return headSize % 4 === 0 && headParts(headSize) <= WORKGROUP;
}

const rowKernel = byHeadSize((headSize) =>
  defineKernel({
    name: `attentionRow${headSize}`,
    buffers: forwardBuffers("vec4f"),
    params: ATTENTION_PARAMS,
    workgroupSize: WORKGROUP,
    wgsl: /* wgsl */ `${attentionWgsl(headSize)}${WORKGROUP_TOP}${WORKGROUP_SUM}
/** Lanes that share the keys for one part of the head. */
const SHARES = ${Math.floor(WORKGROUP / headParts(headSize))}u;
var<workgroup> query: array<vec4f, PARTS>;
var<workgroup> weights: array<f32, WORKGROUP>;
var<workgroup> sums: array<vec4f, WORKGROUP>;
fn kernel(group: u32, lane: u32) {
  let i = group % p.queries;
  let h = (group / p.queries) % p.heads;
  let b = group / (p.queries * p.heads);
  if (b >= p.batch) { return; }
  let g = h * p.kvHeads / p.heads;
  let at = queryAt(b, i, h);
  if (lane < PARTS) { query[lane] = p.scale * q[at + lane]; }
  let d = lane % PARTS;
  let share = lane / PARTS; // SHARES and more: without work
  let high = endKey(i);
  var top = ${LOWEST};
  var total = 0.0; // of this lane's keys
  var sum = vec4f();
  for (var base = firstKey(i); base < high; base += WORKGROUP) {
    workgroupBarrier(); // the query is there, the last weights were read
    let key = base + lane;
    var score = ${LOWEST};
    let isSeen = key < high && isTogether(b, i, key);
    if (isSeen) {
      let place = keyAt(b, key, g);
      var products = vec4f();
      for (var e = 0u; e < partCount(); e++) {
        products = fma(query[e], k[place + e], products);
      }
      score = (products.x + products.y) + (products.z + products.w);
    }
    let higher = max(top, workgroupTop(score, lane));
    let keep = exp(top - higher);
    top = higher;
    let weight = select(0.0, exp(score - top), isSeen);
    weights[lane] = weight;
    total = total * keep + weight;
    workgroupBarrier();
    sum *= keep;
    if (share < SHARES) {
      for (var j = share; j < min(WORKGROUP, high - base); j += SHARES) {
        sum = fma(vec4f(weights[j]), v[keyAt(b, base + j, g) + d], sum);
      }
    }
  }
  let all = workgroupSum(total, lane);
  sums[lane] = sum;
  workgroupBarrier();
  if (lane < PARTS) {
    for (var other = lane + PARTS; other < SHARES * PARTS; other += PARTS) {
      sum += sums[other];
    }
    o[at + lane] = sum / all;
  }
  if (lane == 0u) { lse[(b * p.heads + h) * p.queries + i] = top + log(all); }
}`,
  })
);

/** o and lse, as `attention`; heads that `fitsRow` lets in. */
export function rowAttention(
  device: Device,
  buffers: Record<"q" | "k" | "v" | "documents" | "o" | "lse", DeviceBuffer>,
  sizes: AttentionSizes,
  params: TileParams,
): void {
  const { batch, heads, queries, headSize } = sizes;
  const flops = pairsSeen(sizes) * headSize * 4;
  const size = tileLaunch(batch * heads, queries, 1, flops);
  device.run(rowKernel(headSize), buffers, params, size);
}
