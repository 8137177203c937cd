/**
 * What reads a weight stored in 16 bits (half.ts) without widening all of it:
 * rows of an embedding, and a linear layer of one row, as in generation, which
 * waits for memory and not for arithmetic (tests/kernels/half_bench.ts). The CPU
 * takes four rows at once; float16 is dearer to widen there, most of all numbers
 * below its least normal one, 6e-5. Sums are in single precision.
 *
 *     y[r] = W[ids[r]]          W (V, C)
 *     y[n] = Σ_k x[k] W[n, k]
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { HALF_CPU, HALF_WGSL, type HalfFormat } from "./half.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

const embeddingKernel = defineKernel({
  name: "halfEmbedding",
  buffers: { weight: "read u32", ids: "read i32", y: "write f32" },
  params: { count: "u32", cols: "u32", vocab: "u32", isBrain: "u32" },
  workgroupSize: 64,
  cpu: HALF_CPU,
  wgsl: /* wgsl */ `${HALF_WGSL}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.count * p.cols) { return; }
  let id = ids[i / p.cols];
  if (id < 0 || id >= i32(p.vocab)) { y[i] = 0.0; return; }
  let at = u32(id) * p.cols + i % p.cols;
  let bits = weight[at / 2u] >> (16u * (at & 1u));
  y[i] = wide(bits & 0xffffu, p.isBrain);
}`,
});

const linearKernel = defineKernel({
  name: "halfLinear",
  buffers: { x: "read f32", weight: "read u32", y: "write f32" },
  params: { n: "u32", k: "u32", isBrain: "u32" },
  workgroupSize: 64,
  cpu: HALF_CPU,
  wgsl: /* wgsl */ `${HALF_WGSL}${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.n) { return; }
  let words = p.k / 2u;
  var total = 0.0;
  for (var i = lane; i < words; i += WORKGROUP) {
    let word = weight[group * words + i];
    total += x[2u * i] * wide(word & 0xffffu, p.isBrain);
    total += x[2u * i + 1u] * wide(word >> 16u, p.isBrain);
  }
  total = workgroupSum(total, lane);
  if (lane == 0u) { y[group] = total; }
}`,
});

/** y (count, cols) = rows of weight (vocab, cols); zeros for no such row. */
export function halfEmbedding(
  device: Device,
  buffers: Record<"weight" | "ids" | "y", DeviceBuffer>,
  { count, cols, vocab }: {
    readonly count: number;
    readonly cols: number;
    readonly vocab: number;
  },
  format: HalfFormat,
): void {
  const isBrain = Number(format === "bfloat16");
  device.run(embeddingKernel, buffers, { count, cols, vocab, isBrain }, {
    groups: Math.ceil(count * cols / 64),
    items: count,
    work: count * cols * 4,
  });
}

/** y (n) = weight (n, k) times x (k); k is even. */
export function halfLinear(
  device: Device,
  buffers: Record<"x" | "weight" | "y", DeviceBuffer>,
  { n, k }: { readonly n: number; readonly k: number },
  format: HalfFormat,
): void {
  const isBrain = Number(format === "bfloat16");
  device.run(linearKernel, buffers, { n, k, isBrain }, {
    groups: n,
    items: n,
    align: 4,
    work: n * k,
    flops: 2 * n * k,
  });
}
