/**
 * AdamW (Loshchilov and Hutter, 2019) with clipping by the global norm.
 *
 *     g ← g min(1, clip / (‖g‖ + 1e-6))        ‖g‖ over all tensors
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²
 *     w ← w - η λ w - η (m / (1 - β₁ᵗ)) / (sqrt(v / (1 - β₂ᵗ)) + ε)
 *
 * as PyTorch computes it (`clip_grad_norm_`, then `AdamW`), but for gradients
 * that are not finite: those change nothing. The norm stays on the device:
 * partial sums of squares of every tensor go into one buffer, which a last
 * launch adds up. What differs from step to step stands in a buffer too, so
 * that the launches of a step may be recorded and given again.
 *
 * A launch takes several tensors, as many as a kernel has room to bind: the
 * squares of seven, the update of two (nine buffers), or of one where a GPU has
 * no more than the eight that WebGPU promises.
 *
 * @module
 */
import {
  type BufferRole,
  defineKernel,
  type Device,
  type DeviceBuffer,
  type ParamType,
} from "../device/mod.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

/** Numbers that stay the same from step to step. */
export interface AdamWNumbers {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Largest global norm; Infinity does not clip. */
  readonly clip: number;
}

/**
 * What the buffer `numbers` of an update begins with: the norm ‖g‖, what
 * gradients are multiplied by (0 when they are not finite: nothing changes), the
 * corrections 1 - β₁ᵗ and 1 - β₂ᵗ, and η. `globalNorm` writes the first two,
 * who updates the rest, or a loss scale (loss_scale.ts) all but η.
 */
export const UPDATE_NUMBERS = [
  "norm",
  "unscale",
  "correction1",
  "correction2",
  "rate",
] as const;

/** The formula in plain loops; changes its Float64Arrays in place. */
export function adamwReference(
  { weight, m, v, grad }: Record<"weight" | "m" | "v" | "grad", Float64Array>,
  norm: number,
  weightDecay: number,
  n: AdamWNumbers & {
    readonly learningRate: number;
    /** t, counted from 1. */
    readonly step: number;
  },
): void {
  const coefficient = Math.min(1, n.clip / (norm + 1e-6));
  for (let i = 0; i < weight.length; i++) {
    const g = grad[i]! * coefficient;
    m[i] = n.beta1 * m[i]! + (1 - n.beta1) * g;
    v[i] = n.beta2 * v[i]! + (1 - n.beta2) * g * g;
    const mHat = m[i]! / (1 - n.beta1 ** n.step);
    const vHat = v[i]! / (1 - n.beta2 ** n.step);
    weight[i]! -= n.learningRate *
      (weightDecay * weight[i]! + mHat / (Math.sqrt(vHat) + n.eps));
  }
}

const WORKGROUP = 64;
/** Elements whose squares one workgroup or CPU item adds up. */
const CHUNK = 16384;
const CPU = {
  family: "adamw",
  source: new URL("./cpu/adamw.ts", import.meta.url),
};

/** Tensors of one launch of the sum of squares; SQUARES of cpu/adamw.ts. */
const SQUARES = 7;
/** Tensors of one launch of the update, at most. */
const UPDATES = 2;
/** Buffers of the update of one tensor, beside the numbers. */
const UPDATE_BUFFERS = 4;

/** Numbers 0..n-1, for names and texts of the slots of a launch. */
const slots = (n: number) => Array.from({ length: n }, (_, s) => s);

/** Entries `${name}${slot}` for every slot. */
function named<T>(n: number, name: string, value: (s: number) => T) {
  return Object.fromEntries(
    slots(n).map((s) => [`${name}${s}`, value(s)] as const),
  );
}

const squaresKernel = defineKernel<string, string>({
  name: "sumOfSquares",
  buffers: {
    ...named<BufferRole>(SQUARES, "x", () => "read f32"),
    sums: "write f32",
  },
  params: {
    ...named<ParamType>(SQUARES, "size", () => "u32"),
    chunk: "u32",
    offset: "u32",
  },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
${
    slots(SQUARES).map((s) => `
fn part${s}(chunk: u32, lane: u32) -> f32 {
  let end = min(p.size${s}, (chunk + 1u) * p.chunk);
  var total = 0.0;
  for (var i = chunk * p.chunk + lane; i < end; i += WORKGROUP) {
    total += x${s}[i] * x${s}[i];
  }
  return total;
}`).join("")
  }
fn kernel(group: u32, lane: u32) {
  var chunk = group;
  var total = 0.0;
  var isFound = false;
  ${
    slots(SQUARES).map((s) =>
      `{
    let count = (p.size${s} + p.chunk - 1u) / p.chunk;
    if (!isFound && chunk < count) {
      total = part${s}(chunk, lane);
      isFound = true;
    }
    chunk -= min(chunk, count);
  }`
    ).join("\n  ")
  }
  if (!isFound) { return; }
  total = workgroupSum(total, lane);
  if (lane == 0u) { sums[p.offset + group] = total; }
}`,
});

const rootKernel = defineKernel({
  name: "rootOfSum",
  buffers: { sums: "read f32", numbers: "write f32" },
  params: { size: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group > 0u) { return; }
  var total = 0.0;
  for (var i = lane; i < p.size; i += WORKGROUP) { total += sums[i]; }
  total = workgroupSum(total, lane);
  if (lane > 0u) { return; }
  numbers[0] = sqrt(total);
  // By its bits: WGSL may assume that there is no infinity.
  let isFinite = (bitcast<u32>(total) & 0x7f800000u) != 0x7f800000u;
  numbers[1] = select(0.0, 1.0, isFinite);
}`,
});

/** The update of `count` tensors; the CPU's functions are adamw1, adamw2. */
function updateKernel(count: number) {
  const one = (s: number) => `
fn update${s}(
  i: u32, share: f32, rate: f32, stepSize: f32, rootCorrection: f32,
) {
  if (i >= p.size${s}) { return; }
  let g = grad${s}[i] * share;
  let mNew = p.beta1 * m${s}[i] + p.beta1Rest * g;
  let vNew = p.beta2 * v${s}[i] + p.beta2Rest * g * g;
  m${s}[i] = mNew;
  v${s}[i] = vNew;
  weight${s}[i] = weight${s}[i] * (1.0 - rate * p.decay${s})
    - stepSize * mNew / (sqrt(vNew) * rootCorrection + p.eps);
}`;
  const buffers: Record<string, BufferRole> = { numbers: "read f32" };
  for (const s of slots(count)) {
    buffers[`grad${s}`] = "read f32";
    for (const name of ["weight", "m", "v"]) buffers[name + s] = "write f32";
  }
  return defineKernel<string, string>({
    name: `adamw${count}`,
    buffers,
    params: {
      beta1: "f32",
      beta1Rest: "f32",
      beta2: "f32",
      beta2Rest: "f32",
      eps: "f32",
      clip: "f32",
      ...named<ParamType>(count, "size", () => "u32"),
      ...named<ParamType>(count, "decay", () => "f32"),
    },
    workgroupSize: WORKGROUP,
    cpu: CPU,
    wgsl: /* wgsl */ `${slots(count).map(one).join("")}
fn kernel(group: u32, lane: u32) {
  if (numbers[1] == 0.0) { return; } // not finite: nothing changes
  let share = numbers[1] * min(1.0, p.clip / (numbers[0] + 1e-6));
  let rate = numbers[4];
  let stepSize = rate / numbers[2];
  let rootCorrection = 1.0 / sqrt(numbers[3]);
  var first = 0u;
  ${
      slots(count).map((s) =>
        `{
    let groups = (p.size${s} + WORKGROUP - 1u) / WORKGROUP;
    if (group >= first && group < first + groups) {
      let i = (group - first) * WORKGROUP + lane;
      update${s}(i, share, rate, stepSize, rootCorrection);
    }
    first += groups;
  }`
      ).join("\n  ")
    }
}`,
  });
}

const updateKernels = slots(UPDATES).map((s) => updateKernel(s + 1));

/** Runs of at most `size` items. */
function* inGroups<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

/**
 * The first two of `numbers`: the root of the sum of all squares of all tensors,
 * and 1 or, when it is not finite, 0.
 */
export function globalNorm(
  device: Device,
  tensors: readonly { buffer: DeviceBuffer; size: number }[],
  numbers: DeviceBuffer,
): void {
  const chunksOf = (size: number) => Math.ceil(size / CHUNK);
  const count = tensors.reduce((n, { size }) => n + chunksOf(size), 0);
  const sums = device.allocate(count * 4, "globalNorm");
  let offset = 0;
  for (const group of inGroups(tensors, SQUARES)) {
    const chunks = group.reduce((n, { size }) => n + chunksOf(size), 0);
    // Slots that are left over look at the first tensor, at none of it.
    device.run(squaresKernel, {
      ...named(SQUARES, "x", (s) => (group[s] ?? group[0]!).buffer),
      sums,
    }, {
      ...named(SQUARES, "size", (s) => group[s]?.size ?? 0),
      chunk: CHUNK,
      offset,
    }, { groups: chunks, items: chunks, work: chunks * CHUNK * 2 });
    offset += chunks;
  }
  device.run(rootKernel, { sums, numbers }, { size: count }, {
    groups: 1,
    items: 1,
    work: count,
  });
  device.free(sums);
}

/** A tensor to update, `size` elements each. */
export interface AdamWTensor {
  readonly grad: DeviceBuffer;
  readonly weight: DeviceBuffer;
  readonly m: DeviceBuffer;
  readonly v: DeviceBuffer;
  readonly size: number;
  /** λ, 0 for tensors that do not decay. */
  readonly weightDecay: number;
}

/** One update of all tensors; `numbers` are {@linkcode UPDATE_NUMBERS}. */
export function adamw(
  device: Device,
  numbers: DeviceBuffer,
  tensors: readonly AdamWTensor[],
  n: AdamWNumbers,
): void {
  const { storageBuffers = Infinity } = device.gpu ?? {};
  const room = Math.floor((storageBuffers - 1) / UPDATE_BUFFERS);
  for (const group of inGroups(tensors, Math.min(UPDATES, room))) {
    const count = group.length;
    const buffers: Record<string, DeviceBuffer> = { numbers };
    for (const [s, { grad, weight, m, v }] of group.entries()) {
      buffers[`grad${s}`] = grad;
      buffers[`weight${s}`] = weight;
      buffers[`m${s}`] = m;
      buffers[`v${s}`] = v;
    }
    const sum = (of: (size: number) => number) =>
      group.reduce((total, { size }) => total + of(size), 0);
    device.run(updateKernels[count - 1]!, buffers, {
      beta1: n.beta1,
      beta1Rest: 1 - n.beta1, // in single precision 1 - 0.999 loses four digits
      beta2: n.beta2,
      beta2Rest: 1 - n.beta2,
      eps: n.eps,
      // WGSL has no infinity: the largest float does not clip either.
      clip: Math.min(n.clip, 3.4e38),
      ...named(count, "size", (s) => group[s]!.size),
      ...named(count, "decay", (s) => group[s]!.weightDecay),
    }, {
      groups: sum((size) => Math.ceil(size / WORKGROUP)),
      items: sum((size) => Math.ceil(size / 4) * 4),
      align: 4,
      work: sum((size) => size * 12),
    });
  }
}
