/**
 * AdamW (Loshchilov and Hutter, 2019) with clipping by the global norm.
 *
 *     g ← g min(1, clip / (‖g‖ + 1e-6))        ‖g‖ over all tensors
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²
 *     w ← w - η λ w - η (m / (1 - β₁ᵗ)) / (sqrt(v / (1 - β₂ᵗ)) + ε)
 *
 * as PyTorch computes it (`clip_grad_norm_`, then `AdamW`). The norm stays on
 * the device: partial sums of squares of every tensor go into one buffer,
 * which a last launch adds up.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { WORKGROUP_SUM } from "./wgsl.ts";

/** Numbers of one update. */
export interface AdamWNumbers {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** λ, 0 for tensors that do not decay. */
  readonly weightDecay: number;
  /** Largest global norm; Infinity does not clip. */
  readonly clip: number;
  /** t, counted from 1. */
  readonly step: number;
}

/** The formula in plain loops; changes its Float64Arrays in place. */
export function adamwReference(
  { weight, m, v, grad }: Record<"weight" | "m" | "v" | "grad", Float64Array>,
  norm: number,
  n: AdamWNumbers,
): void {
  const coefficient = Math.min(1, n.clip / (norm + 1e-6));
  for (let i = 0; i < weight.length; i++) {
    const g = grad[i]! * coefficient;
    m[i] = n.beta1 * m[i]! + (1 - n.beta1) * g;
    v[i] = n.beta2 * v[i]! + (1 - n.beta2) * g * g;
    const mHat = m[i]! / (1 - n.beta1 ** n.step);
    const vHat = v[i]! / (1 - n.beta2 ** n.step);
    weight[i]! -= n.learningRate *
      (n.weightDecay * weight[i]! + mHat / (Math.sqrt(vHat) + n.eps));
  }
}

const WORKGROUP = 64;
/** Elements whose squares one workgroup or CPU item adds up. */
const CHUNK = 16384;
const CPU = {
  family: "adamw",
  source: new URL("./cpu/adamw.ts", import.meta.url),
};

const squaresKernel = defineKernel({
  name: "sumOfSquares",
  buffers: { x: "read f32", sums: "write f32" },
  params: { size: "u32", chunk: "u32", offset: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group * p.chunk >= p.size) { return; }
  let end = min(p.size, (group + 1u) * p.chunk);
  var total = 0.0;
  for (var i = group * p.chunk + lane; i < end; i += WORKGROUP) {
    total += x[i] * x[i];
  }
  total = workgroupSum(total, lane);
  if (lane == 0u) { sums[p.offset + group] = total; }
}`,
});

const rootKernel = defineKernel({
  name: "rootOfSum",
  buffers: { sums: "read f32", norm: "write f32" },
  params: { size: "u32" },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `${WORKGROUP_SUM}
fn kernel(group: u32, lane: u32) {
  if (group > 0u) { return; }
  var total = 0.0;
  for (var i = lane; i < p.size; i += WORKGROUP) { total += sums[i]; }
  total = workgroupSum(total, lane);
  if (lane == 0u) { norm[0] = sqrt(total); }
}`,
});

const adamwKernel = defineKernel({
  name: "adamw",
  buffers: {
    grad: "read f32",
    norm: "read f32",
    weight: "write f32",
    m: "write f32",
    v: "write f32",
  },
  params: {
    size: "u32",
    beta1: "f32",
    beta1Rest: "f32",
    beta2: "f32",
    beta2Rest: "f32",
    eps: "f32",
    keep: "f32",
    stepSize: "f32",
    rootCorrection: "f32",
    clip: "f32",
  },
  workgroupSize: WORKGROUP,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let g = grad[i] * min(1.0, p.clip / (norm[0] + 1e-6));
  let m1 = p.beta1 * m[i] + p.beta1Rest * g;
  let v1 = p.beta2 * v[i] + p.beta2Rest * g * g;
  m[i] = m1;
  v[i] = v1;
  weight[i] = weight[i] * p.keep
    - p.stepSize * m1 / (sqrt(v1) * p.rootCorrection + p.eps);
}`,
});

/** norm (1) = root of the sum of all squares of all tensors. */
export function globalNorm(
  device: Device,
  tensors: readonly { buffer: DeviceBuffer; size: number }[],
  norm: DeviceBuffer,
): void {
  const count = tensors.reduce((n, t) => n + Math.ceil(t.size / CHUNK), 0);
  const sums = device.allocate(count * 4, "globalNorm");
  let offset = 0;
  for (const { buffer, size } of tensors) {
    const chunks = Math.ceil(size / CHUNK);
    device.run(squaresKernel, { x: buffer, sums }, {
      size,
      chunk: CHUNK,
      offset,
    }, { groups: chunks, items: chunks, work: size * 2 });
    offset += chunks;
  }
  device.run(rootKernel, { sums, norm }, { size: count }, {
    groups: 1,
    items: 1,
    work: count,
  });
  device.free(sums);
}

/** One update of one tensor of `size` elements; norm (1) from globalNorm. */
export function adamw(
  device: Device,
  buffers: Record<"grad" | "norm" | "weight" | "m" | "v", DeviceBuffer>,
  size: number,
  n: AdamWNumbers,
): void {
  device.run(adamwKernel, buffers, {
    size,
    beta1: n.beta1,
    beta1Rest: 1 - n.beta1, // in single precision 1 - 0.999 loses four digits
    beta2: n.beta2,
    beta2Rest: 1 - n.beta2,
    eps: n.eps,
    keep: 1 - n.learningRate * n.weightDecay,
    stepSize: n.learningRate / (1 - n.beta1 ** n.step),
    rootCorrection: 1 / Math.sqrt(1 - n.beta2 ** n.step),
    // WGSL has no infinity: the largest float does not clip either.
    clip: Math.min(n.clip, 3.4e38),
  }, {
    groups: Math.ceil(size / WORKGROUP),
    items: size,
    align: 4,
    work: size * 12,
  });
}
