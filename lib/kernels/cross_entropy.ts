/**
 * Softmax cross-entropy of rows of logits against target indices, averaged
 * over the rows that have a target, with label smoothing ε (Szegedy et al.,
 * 2016) and z-loss ζ (Chowdhery et al., 2022, "PaLM", section 5):
 *
 *     lse[r]  = log Σ_v exp z[r, v]
 *     loss[r] = lse[r] - (1 - ε) z[r, target] - ε/V Σ_v z[r, v] + ζ lse[r]²
 *     L = Σ loss / n,   n = number of rows with a target
 *     dZ[r, v] = dL/n ((1 + 2 ζ lse[r]) exp(z[r, v] - lse[r])
 *                      - (1 - ε) [v = target] - ε/V)
 *
 * The columns may come in chunks, one launch each: what a row has seen so far
 * (largest logit, Σ exp below it, the target's logit, Σ z) is carried in
 * `state`, (rows, 4). n stays on the device: nothing is read back.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { RowSizes } from "./softmax.ts";
import { LOWEST, WORKGROUP_SUM, WORKGROUP_TOP } from "./wgsl.ts";

/** Target of a row that does not count, as in PyTorch. */
export const IGNORE_INDEX = -100;

/** What the loss is, beside the logarithm. */
export interface CrossEntropyNumbers {
  /** Target of rows that do not count; so does no index outside of 0..V-1. */
  readonly ignoreIndex: number;
  /** ζ, 0 for none. */
  readonly zLoss: number;
  /** ε in [0, 1), 0 for none. */
  readonly labelSmoothing: number;
}

/** Plain cross-entropy. */
export const PLAIN_CROSS_ENTROPY: CrossEntropyNumbers = {
  ignoreIndex: IGNORE_INDEX,
  zLoss: 0,
  labelSmoothing: 0,
};

/** The formula in plain loops: the mean loss (0 without any target). */
export function crossEntropyReference(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  { rows, cols }: RowSizes,
  { ignoreIndex, zLoss, labelSmoothing }: CrossEntropyNumbers =
    PLAIN_CROSS_ENTROPY,
): number {
  let total = 0;
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const target = targets[r]!;
    if (target === ignoreIndex || !(target >= 0 && target < cols)) continue;
    let max = -Infinity;
    let all = 0;
    for (let v = 0; v < cols; v++) {
      max = Math.max(max, logits[r * cols + v]!);
      all += logits[r * cols + v]!;
    }
    let sum = 0;
    for (let v = 0; v < cols; v++) sum += Math.exp(logits[r * cols + v]! - max);
    const lse = Math.log(sum) + max;
    total += lse - (1 - labelSmoothing) * logits[r * cols + target]! -
      labelSmoothing * all / cols + zLoss * lse * lse;
    count++;
  }
  return count === 0 ? 0 : total / count;
}

const WORKGROUP = 64;
const CPU = {
  family: "cross_entropy",
  source: new URL("./cpu/cross_entropy.ts", import.meta.url),
};

/** WGSL: whether a row with that target counts. */
const COUNTS = /* wgsl */ `
fn counts(t: i32) -> bool {
  return t != p.ignoreIndex && t >= 0 && t < i32(p.vocab);
}`;

const rowsKernel = defineKernel({
  name: "crossEntropyRows",
  buffers: { logits: "read f32", targets: "read i32", state: "write vec4f" },
  params: { rows: "u32", cols: "u32", first: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}${WORKGROUP_TOP}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  var before = vec4f(${LOWEST}, 0.0, 0.0, 0.0);
  if (p.first > 0u) { before = state[group]; }
  var top = before.x;
  var all = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    top = max(top, logits[base + c]);
    all += logits[base + c];
  }
  top = workgroupTop(top, lane);
  all = workgroupSum(all, lane);
  var total = 0.0;
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    total += exp(logits[base + c] - top);
  }
  total = workgroupSum(total, lane);
  if (lane == 0u) {
    let t = targets[group] - i32(p.first);
    var hit = before.z;
    if (t >= 0 && t < i32(p.cols)) { hit = logits[base + u32(t)]; }
    let earlier = before.y * exp(before.x - top);
    state[group] = vec4f(top, earlier + total, hit, before.w + all);
  }
}`,
});

/** Parameters that the numbers of the loss fill in. */
const NUMBERS = {
  vocab: "u32",
  ignoreIndex: "i32",
  zLoss: "f32",
  smoothing: "f32",
} as const;

const meanKernel = defineKernel({
  name: "crossEntropyMean",
  buffers: {
    state: "read vec4f",
    targets: "read i32",
    lse: "write f32",
    stats: "write f32",
  },
  params: { rows: "u32", ...NUMBERS },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}${COUNTS}
fn kernel(group: u32, lane: u32) {
  if (group > 0u) { return; }
  var total = 0.0;
  var count = 0.0;
  for (var r = lane; r < p.rows; r += WORKGROUP) {
    let s = state[r]; // top, sum, the target's logit, all logits
    let value = s.x + log(s.y);
    lse[r] = value;
    if (counts(targets[r])) {
      total += value - (1.0 - p.smoothing) * s.z
        - p.smoothing / f32(p.vocab) * s.w + p.zLoss * value * value;
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
  params: { rows: "u32", cols: "u32", first: "u32", ...NUMBERS },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${COUNTS}
fn kernel(group: u32, lane: u32) {
  if (group >= p.rows) { return; }
  let base = group * p.cols;
  let t = targets[group];
  let scale = select(0.0, dLoss[0] / max(stats[1], 1.0), counts(t));
  let share = scale * (1.0 + 2.0 * p.zLoss * lse[group]);
  let even = scale * p.smoothing / f32(p.vocab);
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    let hit = select(0.0, 1.0 - p.smoothing, i32(c + p.first) == t);
    dLogits[base + c] =
      share * exp(logits[base + c] - lse[group]) - scale * hit - even;
  }
}`,
});

/** A chunk of the columns: those from `first` on. */
export interface ColumnChunk extends RowSizes {
  readonly first: number;
}

/** Adds a chunk of logits (rows, cols) to state (rows, 4); in order from 0. */
export function crossEntropyRows(
  device: Device,
  buffers: Record<"logits" | "targets" | "state", DeviceBuffer>,
  { rows, cols, first }: ColumnChunk,
): void {
  device.run(rowsKernel, buffers, { rows, cols, first }, {
    groups: rows,
    items: rows,
    work: rows * cols * 20,
  });
}

function numbersOf(vocab: number, numbers: CrossEntropyNumbers) {
  const { ignoreIndex, zLoss, labelSmoothing } = numbers;
  return { vocab, ignoreIndex, zLoss, smoothing: labelSmoothing };
}

/** lse (rows) and stats (2) = [mean loss, rows with a target] from state. */
export function crossEntropyMean(
  device: Device,
  buffers: Record<"state" | "targets" | "lse" | "stats", DeviceBuffer>,
  { rows, vocab }: { readonly rows: number; readonly vocab: number },
  numbers: CrossEntropyNumbers,
): void {
  device.run(meanKernel, buffers, { rows, ...numbersOf(vocab, numbers) }, {
    groups: 1,
    items: 1,
    work: rows,
  });
}

/** dLogits (rows, cols) of a chunk from its logits and what went before. */
export function crossEntropyBackwardChunk(
  device: Device,
  buffers: Record<
    "logits" | "targets" | "lse" | "stats" | "dLoss" | "dLogits",
    DeviceBuffer
  >,
  { rows, cols, first, vocab }: ColumnChunk & { readonly vocab: number },
  numbers: CrossEntropyNumbers,
): void {
  device.run(backwardKernel, buffers, {
    rows,
    cols,
    first,
    ...numbersOf(vocab, numbers),
  }, { groups: rows, items: rows, work: rows * cols * 20 });
}

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
  numbers = PLAIN_CROSS_ENTROPY,
): void {
  const state = device.allocate(rows * 16, "crossEntropy");
  crossEntropyRows(device, { logits, targets, state }, {
    rows,
    cols,
    first: 0,
  });
  const sizes = { rows, vocab: cols };
  crossEntropyMean(device, { state, targets, lse, stats }, sizes, numbers);
  device.free(state);
}

/** dLogits (rows, cols) from what the forward pass left and dLoss (1). */
export function crossEntropyBackward(
  device: Device,
  buffers: Record<
    "logits" | "targets" | "lse" | "stats" | "dLoss" | "dLogits",
    DeviceBuffer
  >,
  { rows, cols }: RowSizes,
  numbers = PLAIN_CROSS_ENTROPY,
): void {
  const whole = { rows, cols, first: 0, vocab: cols };
  crossEntropyBackwardChunk(device, buffers, whole, numbers);
}
