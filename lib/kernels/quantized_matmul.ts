/**
 * A linear layer of few rows, as in generation, with a quantized weight
 * (quantized.ts) that is read as it is: generation waits for memory, and there
 * is a quarter or an eighth of it.
 *
 *     y[m, n] = Σ_k x[m, k] d[n, ⌊k / 128⌋] q[n, k]
 *
 * On WebGPU a workgroup makes one element, in single precision. The CPU
 * multiplies whole numbers: x is rounded once, 128 neighbours to steps of their
 * own, and sums over a group are exact before they are scaled.
 *
 *     x[m, k] ≈ e[m, g] r[m, k],   g = ⌊k / 128⌋
 *     e = max |x| / 32,639,        r = round(x / e)
 *
 * A step of 16 bits moves x by at most 1.6e-5 of the largest of its group, and
 * y by at most Σ_g e/2 Σ_k |w|: of random numbers by 2.4e-5 of y's size.
 * Rounding the weights moves it by 6e-3 in 8 bits, 0.1 in 4. On a trained model
 * of 3.3 million parameters the one costs 1e-5 of the perplexity, the other
 * 1.4e-3 and 2.6e-2. Steps of 8 bits for x, as llama.cpp takes them, would save
 * no time in 8 bits, where memory is the limit, and little in 4. A NaN or an
 * infinity in x makes y NaN or infinite; a group of x below 1e-30 counts as
 * zeros.
 *
 * With 16 rows this is still 1.4 times as fast as `dequantize` and a matrix
 * product by BLAS, with 32 no longer (tests/kernels/quantized_bench.ts).
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

/** Bytes of a group of rounded x; BLOCK of cpu/quantized_dots.ts. */
const ROUNDED_BYTES = 32 + 2 * QUANTIZED_GROUP;

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
    align: 4,
    work: m * n * k,
    scratch: m * Math.ceil(k / QUANTIZED_GROUP) * ROUNDED_BYTES,
    flops: 2 * m * n * k,
  });
}
