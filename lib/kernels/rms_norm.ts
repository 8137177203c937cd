/**
 * Root-mean-square normalisation of rows (Zhang and Sennrich, 2019).
 *
 *     s[r] = 1 / sqrt(mean_c x[r, c]² + eps),   y[r, c] = x[r, c] s[r] w[c]
 *     dX[r, c] = s (dY w - x s² mean_c(dY w x))
 *     dW[c] = Σ_r dY[r, c] x[r, c] s[r]
 *
 * The forward pass saves s for the backward pass. dW is in norm_weight.ts.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { RowSizes } from "./softmax.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

/** The formula in plain loops. */
export function rmsNormReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  { rows, cols, eps }: RowSizes & { eps: number },
): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let c = 0; c < cols; c++) squares += x[r * cols + c]! ** 2;
    const scale = 1 / Math.sqrt(squares / cols + eps);
    for (let c = 0; c < cols; c++) {
      y[r * cols + c] = x[r * cols + c]! * scale * weight[c]!;
    }
  }
  return y;
}

const WORKGROUP = 64;
const CPU = {
  family: "rms_norm",
  source: new URL("./cpu/rms_norm.ts", import.meta.url),
};

const forwardKernel = defineKernel({
  name: "rmsNorm",
  buffers: {
    x: "read f32",
    weight: "read f32",
    y: "write f32",
    scale: "write f32",
  },
  params: { rows: "u32", cols: "u32", eps: "f32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var squares = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    squares += x[base + c] * x[base + c];
  }
  squares = workgroupSum(squares, lane);
  let s = 1.0 / sqrt(squares / f32(p.cols) + p.eps);
  if (lane == 0u) { scale[group] = s; }
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    y[base + c] = x[base + c] * s * weight[c];
  }
}`,
});

const backwardKernel = defineKernel({
  name: "rmsNormBackward",
  buffers: {
    x: "read f32",
    weight: "read f32",
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
  let s = scale[group];
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    total += dY[base + c] * weight[c] * x[base + c];
  }
  total = workgroupSum(total, lane);
  let pull = total / f32(p.cols) * s * s;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    dX[base + c] = s * (dY[base + c] * weight[c] - x[base + c] * pull);
  }
}`,
});

/** y (rows, cols) and scale (rows) from x and weight (cols). */
export function rmsNorm(
  device: Device,
  buffers: Record<"x" | "weight" | "y" | "scale", DeviceBuffer>,
  sizes: RowSizes & { eps: number },
): void {
  device.run(forwardKernel, buffers, { ...sizes }, {
    groups: sizes.rows,
    items: sizes.rows,
    work: sizes.rows * sizes.cols * 4,
  });
}

/** dX (rows, cols). */
export function rmsNormBackward(
  device: Device,
  buffers: Record<"x" | "weight" | "scale" | "dY" | "dX", DeviceBuffer>,
  { rows, cols }: RowSizes,
): void {
  device.run(backwardKernel, buffers, { rows, cols }, {
    groups: rows,
    items: rows,
    work: rows * cols * 6,
  });
}
