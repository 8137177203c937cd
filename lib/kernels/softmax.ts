/**
 * Softmax over the last axis.
 *
 *     y[r, c] = exp(x[r, c] - max_r) / Σ_c exp(x[r, c] - max_r)
 *     dX[r, c] = y[r, c] (dY[r, c] - Σ_c y[r, c] dY[r, c])
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { LOWEST, WORKGROUP_SUM, WORKGROUP_TOP } from "./wgsl.ts";

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

const softmaxKernel = defineKernel({
  name: "softmax",
  buffers: { x: "read f32", y: "write f32" },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}${WORKGROUP_TOP}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var top = ${LOWEST};
  for (var c = lane; c < p.cols; c += WORKGROUP) { top = max(top, x[base + c]); }
  top = workgroupTop(top, lane);
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
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
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
