/**
 * Softmax over the last axis.
 *
 *     y[r, c] = exp(x[r, c] - max_r) / Σ_c exp(x[r, c] - max_r)
 *     dX[r, c] = y[r, c] (dY[r, c] - Σ_c y[r, c] dY[r, c])
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Rows and columns. */
export interface RowSizes {
  readonly rows: number;
  readonly cols: number;
}

/** The formula in plain loops. */
export function softmaxReference(
  x: ArrayLike<number>,
  { rows, cols }: RowSizes,
): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let max = -Infinity;
    for (let c = 0; c < cols; c++) max = Math.max(max, x[r * cols + c]!);
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      sum += y[r * cols + c] = Math.exp(x[r * cols + c]! - max);
    }
    for (let c = 0; c < cols; c++) y[r * cols + c]! /= sum;
  }
  return y;
}

const WORKGROUP = 64;
const CPU = {
  family: "softmax",
  source: new URL("./cpu/softmax.ts", import.meta.url),
};

/** WGSL: combines one value of each lane; every lane gets the result. */
export const WORKGROUP_REDUCE = /* wgsl */ `
var<workgroup> shared_values: array<f32, WORKGROUP>;
fn workgroupSum(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  shared_values[lane] = value;
  for (var step = WORKGROUP / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { shared_values[lane] += shared_values[lane + step]; }
  }
  workgroupBarrier();
  return shared_values[0];
}
fn workgroupMax(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  shared_values[lane] = value;
  for (var step = WORKGROUP / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) {
      shared_values[lane] = max(shared_values[lane], shared_values[lane + step]);
    }
  }
  workgroupBarrier();
  return shared_values[0];
}`;

const softmaxKernel = defineKernel({
  name: "softmax",
  buffers: { x: "read f32", y: "write f32" },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_REDUCE}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var top = -0x1.fffffep+127;
  for (var c = lane; c < p.cols; c += WORKGROUP) { top = max(top, x[base + c]); }
  top = workgroupMax(top, lane);
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    total += exp(x[base + c] - top);
  }
  total = workgroupSum(total, lane);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    y[base + c] = exp(x[base + c] - top) / total;
  }
}`,
});

const softmaxBackwardKernel = defineKernel({
  name: "softmaxBackward",
  buffers: { y: "read f32", dY: "read f32", dX: "write f32" },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_REDUCE}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    total += y[base + c] * dY[base + c];
  }
  total = workgroupSum(total, lane);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    dX[base + c] = y[base + c] * (dY[base + c] - total);
  }
}`,
});

const launch = ({ rows, cols }: RowSizes, work: number) => ({
  groups: rows,
  items: rows,
  work: rows * cols * work,
});

/** y = softmax of each row of x. */
export function softmax(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  sizes: RowSizes,
): void {
  device.run(softmaxKernel, buffers, { ...sizes }, launch(sizes, 20));
}

/** dX from y and dY. */
export function softmaxBackward(
  device: Device,
  buffers: { y: DeviceBuffer; dY: DeviceBuffer; dX: DeviceBuffer },
  sizes: RowSizes,
): void {
  device.run(softmaxBackwardKernel, buffers, { ...sizes }, launch(sizes, 4));
}
