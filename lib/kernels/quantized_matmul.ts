/**
 * A linear layer of few rows, as in generation, with a quantized weight
 * (quantized.ts) that is read as it is: generation waits for memory, and there
 * is a quarter or an eighth of it. Sums are in single precision.
 *
 *     y[m, n] = Σ_k x[m, k] d[n, ⌊k / 128⌋] q[n, k]
 *
 * On the CPU a row of x takes codes into registers and multiplies the sum over a
 * group by its scale; every four rows of x share a row of the weight that is
 * widened into scratch memory. On WebGPU a workgroup makes one element. From
 * about eight rows on `dequantize` and the matrix product are as fast
 * (tests/kernels/quantized_bench.ts).
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  QUANTIZED_CPU,
  QUANTIZED_GROUP,
  QUANTIZED_PARAMS,
  QUANTIZED_WGSL,
  type QuantizedFormat,
  quantizedParams,
} from "./quantized.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

const linearKernel = defineKernel({
  name: "quantizedLinear",
  buffers: { x: "read f32", weight: "read u32", y: "write f32" },
  params: { ...QUANTIZED_PARAMS, m: "u32" },
  workgroupSize: 64,
  cpu: QUANTIZED_CPU,
  wgsl: /* wgsl */ `${QUANTIZED_WGSL}${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.m * p.n) { return; }
  let row = group % p.n;
  let base = group / p.n * p.k;
  let groups = (p.k + ${QUANTIZED_GROUP - 1}u) / ${QUANTIZED_GROUP}u;
  let isFour = p.isFour == 1u;
  let codes = select(4u, 8u, isFour);
  let words = p.k / codes;
  var total = 0.0;
  for (var i = lane; i < words; i += WORKGROUP) {
    let word = weight[row * words + i];
    var sum = 0.0;
    for (var c = 0u; c < codes; c++) {
      sum += x[base + i * codes + c] * code(word, c, isFour);
    }
    let scale = row * groups + i * codes / ${QUANTIZED_GROUP}u;
    total += sum * bitcast<f32>(weight[p.words + scale]);
  }
  total = workgroupSum(total, lane);
  if (lane == 0u) { y[group] = total; }
}`,
});

/** y (m, n) = x (m, k) times weight (n, k) transposed. */
export function quantizedLinear(
  device: Device,
  buffers: Record<"x" | "weight" | "y", DeviceBuffer>,
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
  format: QuantizedFormat,
): void {
  const params = { ...quantizedParams({ n, k }, format), m };
  device.run(linearKernel, buffers, params, {
    groups: m * n,
    items: n,
    work: m * n * k,
    scratch: 4 * k,
    flops: 2 * m * n * k,
  });
}
