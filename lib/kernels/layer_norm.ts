/**
 * Layer normalisation of rows (Ba, Kiros and Hinton, 2016).
 *
 *     s[r] = 1 / sqrt(mean_c (x[r, c] - m[r])² + eps),   m[r] = mean_c x[r, c]
 *     n[r, c] = (x[r, c] - m[r]) s[r],   y[r, c] = n[r, c] w[c] + b[c]
 *     dX[r, c] = s (g[c] - mean_c g - n[r, c] mean_c(g n)),   g = dY w
 *     dW[c] = Σ_r dY[r, c] n[r, c],   dB[c] = Σ_r dY[r, c]
 *
 * The forward pass saves m and s for the backward pass. dW is in
 * norm_weight.ts, dB is a plain sum.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { RowSizes } from "./softmax.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

/** The formula in plain loops. */
export function layerNormReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  { rows, cols, eps }: RowSizes & { eps: number },
): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let mean = 0;
    for (let c = 0; c < cols; c++) mean += x[r * cols + c]! / cols;
    let variance = 0;
    for (let c = 0; c < cols; c++) {
      variance += (x[r * cols + c]! - mean) ** 2 / cols;
    }
    const scale = 1 / Math.sqrt(variance + eps);
    for (let c = 0; c < cols; c++) {
      y[r * cols + c] = (x[r * cols + c]! - mean) * scale * weight[c]! +
        bias[c]!;
    }
  }
  return y;
}

const WORKGROUP = 64;
const CPU = {
  family: "layer_norm",
  source: new URL("./cpu/layer_norm.ts", import.meta.url),
};

const forwardKernel = defineKernel({
  name: "layerNorm",
  buffers: {
    x: "read f32",
    weight: "read f32",
    bias: "read f32",
    y: "write f32",
    mean: "write f32",
    scale: "write f32",
  },
  params: { rows: "u32", cols: "u32", eps: "f32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) { total += x[base + c]; }
  let m = workgroupSum(total, lane) / f32(p.cols);
  var squares = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    let centred = x[base + c] - m;
    squares += centred * centred;
  }
  squares = workgroupSum(squares, lane);
  let s = 1.0 / sqrt(squares / f32(p.cols) + p.eps);
  if (lane == 0u) {
    mean[group] = m;
    scale[group] = s;
  }
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    y[base + c] = (x[base + c] - m) * s * weight[c] + bias[c];
  }
}`,
});

const backwardKernel = defineKernel({
  name: "layerNormBackward",
  buffers: {
    x: "read f32",
    weight: "read f32",
    mean: "read f32",
    scale: "read f32",
    dY: "read f32",
    dX: "write f32",
  },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  let m = mean[group];
  let s = scale[group];
  var total = 0.0;
  var along = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    let g = dY[base + c] * weight[c];
    total += g;
    along += g * (x[base + c] - m) * s;
  }
  total = workgroupSum(total, lane) / f32(p.cols);
  along = workgroupSum(along, lane) / f32(p.cols);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    let n = (x[base + c] - m) * s;
    dX[base + c] = s * (dY[base + c] * weight[c] - total - n * along);
  }
}`,
});

/** y (rows, cols), mean and scale (rows) from x, weight and bias (cols). */
export function layerNorm(
  device: Device,
  buffers: Record<
    "x" | "weight" | "bias" | "y" | "mean" | "scale",
    DeviceBuffer
  >,
  { rows, cols, eps }: RowSizes & { eps: number },
): void {
  device.run(forwardKernel, buffers, { rows, cols, eps }, {
    groups: rows,
    items: rows,
    work: rows * cols * 6,
  });
}

/** dX (rows, cols). */
export function layerNormBackward(
  device: Device,
  buffers: Record<
    "x" | "weight" | "mean" | "scale" | "dY" | "dX",
    DeviceBuffer
  >,
  { rows, cols }: RowSizes,
): void {
  device.run(backwardKernel, buffers, { rows, cols }, {
    groups: rows,
    items: rows,
    work: rows * cols * 9,
  });
}
