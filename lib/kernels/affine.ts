/**
 * y = scale * x + shift: arithmetic with plain numbers.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** The formula in plain loops. */
export function affineReference(
  x: ArrayLike<number>,
  scale: number,
  shift: number,
): Float64Array {
  return Float64Array.from(x, (value) => scale * value + shift);
}

const affineKernel = defineKernel({
  name: "affine",
  buffers: { x: "read f32", y: "write f32" },
  params: { size: "u32", scale: "f32", shift: "f32" },
  workgroupSize: 64,
  cpu: {
    family: "affine",
    source: `import { fma4 } from "./math";
export function affine(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const scale = v128.load32_splat(args, 12);
  const shift = v128.load32_splat(args, 16);
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    v128.store(y + at, fma4(scale, v128.load(x + at), shift));
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  y[i] = fma(p.scale, x[i], p.shift);
}`,
});

/** y = scale x + shift over `size` elements. */
export function affine(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  { size, scale, shift }: { size: number; scale: number; shift: number },
): void {
  device.run(affineKernel, buffers, { size, scale, shift }, {
    groups: Math.ceil(size / 64),
    items: size,
    align: 4,
    work: size * 2,
  });
}
