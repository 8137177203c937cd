/**
 * The gate of Llama's feed-forward block (Shazeer, 2020), σ the sigmoid:
 *
 *     y = silu(gate) up,   silu(g) = g σ(g)
 *     dUp = dY silu(gate),   dGate = dY up σ(g) (1 + g (1 - σ(g)))
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** The formula in plain loops. */
export function swigluReference(
  gate: ArrayLike<number>,
  up: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(
    gate,
    (g, i) => g / (1 + Math.exp(-g)) * up[i]!,
  );
}

const CPU = {
  family: "swiglu",
  source: `import { fma4, sigmoid4 } from "./math";
export function swiglu(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const gate = load<usize>(args), up = load<usize>(args, 4);
  const y = load<usize>(args, 8);
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    const g = v128.load(gate + at);
    const silu = f32x4.mul(g, sigmoid4(g));
    v128.store(y + at, f32x4.mul(silu, v128.load(up + at)));
  }
}
export function swigluBackward(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const gate = load<usize>(args), up = load<usize>(args, 4);
  const dY = load<usize>(args, 8);
  const dGate = load<usize>(args, 12), dUp = load<usize>(args, 16);
  const one = f32x4.splat(1);
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    const g = v128.load(gate + at), d = v128.load(dY + at);
    const s = sigmoid4(g);
    v128.store(dUp + at, f32x4.mul(d, f32x4.mul(g, s)));
    const slope = f32x4.mul(s, fma4(g, f32x4.sub(one, s), one));
    const pull = f32x4.mul(d, v128.load(up + at));
    v128.store(dGate + at, f32x4.mul(pull, slope));
  }
}
`,
};

const forwardKernel = defineKernel({
  name: "swiglu",
  buffers: { gate: "read f32", up: "read f32", y: "write f32" },
  params: { size: "u32" },
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let g = gate[i];
  y[i] = g / (1.0 + exp(-g)) * up[i];
}`,
});

const backwardKernel = defineKernel({
  name: "swigluBackward",
  buffers: {
    gate: "read f32",
    up: "read f32",
    dY: "read f32",
    dGate: "write f32",
    dUp: "write f32",
  },
  params: { size: "u32" },
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let g = gate[i];
  let s = 1.0 / (1.0 + exp(-g));
  dUp[i] = dY[i] * g * s;
  dGate[i] = dY[i] * up[i] * s * (1.0 + g * (1.0 - s));
}`,
});

const launch = (size: number, work: number) => ({
  groups: Math.ceil(size / 64),
  items: size,
  align: 4,
  work: size * work,
});

/** y from gate and up, `size` elements each. */
export function swiglu(
  device: Device,
  buffers: Record<"gate" | "up" | "y", DeviceBuffer>,
  size: number,
): void {
  device.run(forwardKernel, buffers, { size }, launch(size, 20));
}

/** dGate and dUp. */
export function swigluBackward(
  device: Device,
  buffers: Record<"gate" | "up" | "dY" | "dGate" | "dUp", DeviceBuffer>,
  size: number,
): void {
  device.run(backwardKernel, buffers, { size }, launch(size, 24));
}
