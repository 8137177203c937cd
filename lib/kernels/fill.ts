/**
 * x[i] = value: one number everywhere, made on the device.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

// The value travels as its bits, so one kernel serves every element type.
const fillKernel = defineKernel({
  name: "fill",
  buffers: { x: "write u32" },
  params: { size: "u32", bits: "u32" },
  workgroupSize: 64,
  cpu: {
    family: "fill",
    source: `export function fill(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args);
  const value = v128.load32_splat(args, 8);
  for (let i = begin; i < end; i += 4) {
    v128.store(x + ((i as usize) << 2), value);
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i < p.size) { x[i] = p.bits; }
}`,
});

/** Fills `size` elements with a number of that type. */
export function fill(
  device: Device,
  x: DeviceBuffer,
  size: number,
  value: number,
  dtype: "float32" | "int32" = "float32",
): void {
  const bits = dtype === "int32"
    ? value
    : new Int32Array(Float32Array.of(value).buffer)[0]!;
  device.run(fillKernel, { x }, { size, bits }, {
    groups: Math.ceil(size / 64),
    items: size,
    align: 4,
    work: size,
  });
}
