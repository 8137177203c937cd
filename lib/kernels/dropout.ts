/**
 * Dropout (Srivastava et al., 2014), scaled so that the mean stays:
 *
 *     y[i] = x[i] / (1 - rate)  if u[i] ≥ rate, else 0
 *
 * u[i] is number i of a random stream (random_fill.ts), so the mask is the same
 * on both devices and is not stored: the backward pass draws it again and is
 * the same kernel.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { hashText } from "../util/mod.ts";
import { type FillStream, randomUniformReference } from "./random_fill.ts";
import { WGSL_THREEFRY } from "./wgsl.ts";

/** Share of elements that are dropped, in [0, 1), and the stream. */
export interface DropoutMask extends FillStream {
  readonly rate: number;
}

/** The formula in plain loops. */
export function dropoutReference(
  x: ArrayLike<number>,
  { rate, ...stream }: DropoutMask,
): Float64Array {
  const range = { low: 0, high: 1 };
  return randomUniformReference(x.length, stream, range)
    .map((u, i) => u >= rate ? x[i]! / (1 - rate) : 0);
}

const dropoutKernel = defineKernel({
  name: "dropout",
  buffers: { x: "read f32", y: "write f32" },
  // The rate is compared as 24 bits, without rounding.
  params: { size: "u32", key0: "u32", key1: "u32", least: "u32", scale: "f32" },
  workgroupSize: 64,
  cpu: {
    family: "dropout",
    source: `import { words8 } from "./threefry";
export function dropout(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), y = load<usize>(args, 4);
  const key0 = load<i32>(args, 12), key1 = load<i32>(args, 16);
  const least = v128.load32_splat(args, 20);
  const scale = v128.load32_splat(args, 24);
  for (let i = begin; i < end; i += 8) {
    const at = (i as usize) << 2;
    const words = words8(i, key0, key1, scratch);
    let isKept = i32x4.ge_s(i32x4.shr_u(words, 8), least);
    let value = f32x4.mul(v128.load(x + at), scale);
    v128.store(y + at, v128.and(value, isKept));
    isKept = i32x4.ge_s(i32x4.shr_u(v128.load(scratch), 8), least);
    value = f32x4.mul(v128.load(x + at, 16), scale);
    v128.store(y + at, v128.and(value, isKept), 16);
  }
}
`,
  },
  wgsl: /* wgsl */ `${WGSL_THREEFRY}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let word = threefry(i / 2u)[i & 1u];
  y[i] = select(0.0, x[i] * p.scale, (word >> 8u) >= p.least);
}`,
});

/** y = dropout of x, `size` elements; dX of dY as well. */
export function dropout(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  size: number,
  { rate, seed, stream }: DropoutMask,
): void {
  const params = {
    size,
    key0: seed,
    key1: hashText(stream),
    least: Math.ceil(rate * 2 ** 24),
    scale: 1 / (1 - rate),
  };
  device.run(dropoutKernel, buffers, params, {
    groups: Math.ceil(size / 64),
    items: size,
    align: 8,
    work: size * 40,
    scratch: 16,
  });
}
