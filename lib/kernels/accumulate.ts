/**
 * y += x, in place: for sums whose parts come one after another.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** The formula in plain loops. */
export function accumulateReference(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(x, (value, i) => y[i]! + value);
}

const accumulateKernel = defineKernel({
  name: "accumulate",
  buffers: { x: "read f32", y: "write f32" },
  params: { size: "u32" },
  workgroupSize: 64,
  cpu: {
    family: "accumulate",
    source: `export function accumulate(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  for (let i = begin; i < end; i += 4) {
    const at = (i as usize) << 2;
    v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  y[i] += x[i];
}`,
});

/** y += x over `size` elements. */
export function accumulate(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  size: number,
): void {
  device.run(accumulateKernel, buffers, { size }, {
    groups: Math.ceil(size / 64),
    items: size,
    align: 4,
    work: size,
  });
}
