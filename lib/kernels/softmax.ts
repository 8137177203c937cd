/**
 * Softmax over the last axis, and its logarithm, which keeps its digits where
 * softmax is near 0.
 *
 *     y[r, c] = exp(x[r, c] - max_r) / Σ_c exp(x[r, c] - max_r)
 *     dX[r, c] = y[r, c] (dY[r, c] - Σ_c y[r, c] dY[r, c])
 *
 *     z[r, c] = x[r, c] - max_r - ln Σ_c exp(x[r, c] - max_r)
 *     dX[r, c] = dZ[r, c] - exp(z[r, c]) Σ_c dZ[r, c]
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

/** z in plain loops. */
export function logSoftmaxReference(
  x: ArrayLike<number>,
  { rows, cols }: RowSizes,
): Float64Array {
  const z = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let max = -Infinity;
    for (let c = 0; c < cols; c++) max = Math.max(max, x[r * cols + c]!);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[r * cols + c]! - max);
    for (let c = 0; c < cols; c++) {
      z[r * cols + c] = x[r * cols + c]! - max - Math.log(sum);
    }
  }
  return z;
}

/** y in plain loops. */
export function softmaxReference(
  x: ArrayLike<number>,
  sizes: RowSizes,
): Float64Array {
  return logSoftmaxReference(x, sizes).map(Math.exp);
}

const WORKGROUP = 64;
const CPU = {
  family: "softmax",
  source: new URL("./cpu/softmax.ts", import.meta.url),
};

/** A kernel that ends with what becomes of each element. */
function forwardKernel(name: "softmax" | "logSoftmax", y: string) {
  return defineKernel({
    name,
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
    y[base + c] = ${y};
  }
}`,
  });
}

const softmaxKernel = forwardKernel(
  "softmax",
  "exp(x[base + c] - top) / total",
);
const logSoftmaxKernel = forwardKernel(
  "logSoftmax",
  "x[base + c] - top - log(total)",
);

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

const logSoftmaxBackwardKernel = defineKernel({
  name: "logSoftmaxBackward",
  buffers: { z: "read f32", dZ: "read f32", dX: "write f32" },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) { total += dZ[base + c]; }
  total = workgroupSum(total, lane);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    dX[base + c] = dZ[base + c] - exp(z[base + c]) * total;
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

/** z = ln of the softmax of each row of x. */
export function logSoftmax(
  device: Device,
  { x, z }: { x: DeviceBuffer; z: DeviceBuffer },
  sizes: RowSizes,
): void {
  const work = launch(sizes, 20);
  device.run(logSoftmaxKernel, { x, y: z }, { ...sizes }, work);
}

/** dX from z and dZ. */
export function logSoftmaxBackward(
  device: Device,
  buffers: { z: DeviceBuffer; dZ: DeviceBuffer; dX: DeviceBuffer },
  sizes: RowSizes,
): void {
  const work = launch(sizes, 20);
  device.run(logSoftmaxBackwardKernel, buffers, { ...sizes }, work);
}
