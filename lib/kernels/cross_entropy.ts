/**
 * Softmax cross-entropy of rows of logits against target indices, averaged
 * over the rows that have a target (-100 means none).
 *
 *     lse[r] = log Σ_v exp z[r, v],   loss[r] = lse[r] - z[r, target]
 *     L = Σ loss / n,   n = number of rows with a target
 *     dZ[r, v] = dL (exp(z[r, v] - lse[r]) - [v = target]) / n
 *
 * n stays on the device: nothing is read back between the passes.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { RowSizes } from "./softmax.ts";
import { LOWEST, WORKGROUP_SUM, WORKGROUP_TOP } from "./wgsl.ts";

/** Target of a row that does not count, as in PyTorch. */
export const IGNORE_INDEX = -100;

/** The formula in plain loops: the mean loss (0 without any target). */
export function crossEntropyReference(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  { rows, cols }: RowSizes,
): number {
  let total = 0;
  let count = 0;
  for (let r = 0; r < rows; r++) {
    if (targets[r] === IGNORE_INDEX) continue;
    let max = -Infinity;
    for (let v = 0; v < cols; v++) max = Math.max(max, logits[r * cols + v]!);
    let sum = 0;
    for (let v = 0; v < cols; v++) sum += Math.exp(logits[r * cols + v]! - max);
    total += Math.log(sum) + max - logits[r * cols + targets[r]!]!;
    count++;
  }
  return count === 0 ? 0 : total / count;
}

const WORKGROUP = 64;
const CPU = {
  family: "cross_entropy",
  source: new URL("./cpu/cross_entropy.ts", import.meta.url),
};

const rowsKernel = defineKernel({
  name: "crossEntropyRows",
  buffers: {
    logits: "read f32",
    targets: "read i32",
    lse: "write f32",
    losses: "write f32",
  },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}${WORKGROUP_TOP}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var top = ${LOWEST};
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    top = max(top, logits[base + c]);
  }
  top = workgroupTop(top, lane);
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    total += exp(logits[base + c] - top);
  }
  total = workgroupSum(total, lane);
  if (lane == 0u) {
    let value = top + log(total);
    lse[group] = value;
    let t = targets[group];
    var loss = 0.0;
    if (t >= 0 && t < i32(p.cols)) { loss = value - logits[base + u32(t)]; }
    losses[group] = loss;
  }
}`,
});

const meanKernel = defineKernel({
  name: "crossEntropyMean",
  buffers: { losses: "read f32", targets: "read i32", stats: "write f32" },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group > 0u) { return; }
  var total = 0.0;
  var count = 0.0;
  for (var r = lane; r < p.rows; r += WORKGROUP) {
    let t = targets[r];
    if (t >= 0 && t < i32(p.cols)) {
      total += losses[r];
      count += 1.0;
    }
  }
  total = workgroupSum(total, lane);
  count = workgroupSum(count, lane);
  if (lane == 0u) {
    stats[0] = total / max(count, 1.0);
    stats[1] = count;
  }
}`,
});

const backwardKernel = defineKernel({
  name: "crossEntropyBackward",
  buffers: {
    logits: "read f32",
    targets: "read i32",
    lse: "read f32",
    stats: "read f32",
    dLoss: "read f32",
    dLogits: "write f32",
  },
  params: { rows: "u32", cols: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  let t = targets[group];
  let counts = t >= 0 && t < i32(p.cols);
  let scale = select(0.0, dLoss[0] / max(stats[1], 1.0), counts);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    let hit = select(0.0, 1.0, i32(c) == t);
    dLogits[base + c] = scale * (exp(logits[base + c] - lse[group]) - hit);
  }
}`,
});

/**
 * lse (rows) and stats (2) = [mean loss, rows with a target] from logits
 * (rows, cols) and targets (rows).
 */
export function crossEntropy(
  device: Device,
  { logits, targets, lse, stats }: Record<
    "logits" | "targets" | "lse" | "stats",
    DeviceBuffer
  >,
  { rows, cols }: RowSizes,
): void {
  const losses = device.allocate(rows * 4, "crossEntropy");
  device.run(rowsKernel, { logits, targets, lse, losses }, { rows, cols }, {
    groups: rows,
    items: rows,
    work: rows * cols * 20,
  });
  device.run(meanKernel, { losses, targets, stats }, { rows, cols }, {
    groups: 1,
    items: 1,
    work: rows,
  });
  device.free(losses);
}

/** dLogits (rows, cols) from what the forward pass left and dLoss (1). */
export function crossEntropyBackward(
  device: Device,
  buffers: Record<
    "logits" | "targets" | "lse" | "stats" | "dLoss" | "dLogits",
    DeviceBuffer
  >,
  { rows, cols }: RowSizes,
): void {
  device.run(backwardKernel, buffers, { rows, cols }, {
    groups: rows,
    items: rows,
    work: rows * cols * 20,
  });
}
