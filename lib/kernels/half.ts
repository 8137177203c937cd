/**
 * Numbers stored in 16 bits: IEEE binary16 ("float16") and the upper half of a
 * float32 ("bfloat16"). Two lie in a word, the first in its low bits; a last
 * one alone has zeros beside it. Nothing is computed in 16 bits.
 *
 * `halve` rounds to the nearest, ties to even, as Float16Array does; what is
 * too large becomes infinite. `widen` is exact. Both work on the bits, since
 * WGSL's own packing leaves the rounding open.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Formats of 16 bits. */
export type HalfFormat = "float16" | "bfloat16";

/** Bits of the fraction, and exponents of the least and largest normal. */
const LAYOUT = {
  float16: { fraction: 10, least: -14, most: 15 },
  bfloat16: { fraction: 7, least: -126, most: 127 },
};

/** The formula in plain loops: every number as the nearest of the format. */
export function halfReference(
  x: ArrayLike<number>,
  format: HalfFormat,
): Float64Array {
  const { fraction, least, most } = LAYOUT[format];
  return Float64Array.from(x, (value) => {
    const size = Math.abs(value);
    if (!(size > 0 && size < Infinity)) return value;
    const exponent = Math.max(least, Math.floor(Math.log2(size)));
    const step = 2 ** (exponent - fraction);
    const floor = Math.floor(size / step);
    const rest = size / step - floor;
    const isUp = rest > 0.5 || rest === 0.5 && floor % 2 === 1;
    const nearest = (floor + Number(isUp)) * step;
    return Math.sign(value) * (nearest < 2 ** (most + 1) ? nearest : Infinity);
  });
}

/** WGSL: bits of a format; `isBrain` is 1 for bfloat16. */
export const HALF_WGSL = /* wgsl */ `
/** x without its last \`count\` bits, 1 to 24, to the nearest, ties to even. */
fn rounded(x: u32, count: u32) -> u32 {
  let kept = x >> count;
  let rest = x & ((1u << count) - 1u);
  let middle = 1u << (count - 1u);
  let isUp = rest > middle || (rest == middle && (kept & 1u) == 1u);
  return kept + select(0u, 1u, isUp);
}
fn halfBits(x: f32, isBrain: u32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let size = bits & 0x7fffffffu;
  if (isBrain == 1u) {
    if (size > 0x7f800000u) { return sign | 0x7fc0u; }
    return sign | rounded(size, 16u);
  }
  if (size > 0x7f800000u) { return sign | 0x7e00u; }
  if (size >= 0x47800000u) { return sign | 0x7c00u; }
  if (size >= 0x38800000u) {
    return sign | rounded(size - 0x38000000u, 13u);
  }
  let exponent = size >> 23u;
  if (exponent < 102u) { return sign; } // below half of the least number
  return sign | rounded((size & 0x7fffffu) | 0x800000u, 126u - exponent);
}
fn wide(bits: u32, isBrain: u32) -> f32 {
  if (isBrain == 1u) { return bitcast<f32>(bits << 16u); }
  let sign = (bits & 0x8000u) << 16u;
  let exponent = (bits >> 10u) & 31u;
  let fraction = bits & 0x3ffu;
  if (exponent == 0u) {
    let size = f32(fraction) * 0x1p-24;
    return select(size, -size, sign != 0u);
  }
  let high = select(exponent + 112u, 255u, exponent == 31u);
  return bitcast<f32>(sign | (high << 23u) | (fraction << 13u));
}`;

/** Source of the CPU's kernels. */
export const HALF_CPU = {
  family: "half",
  source: new URL("./cpu/half.ts", import.meta.url),
};

const halveKernel = defineKernel({
  name: "halve",
  buffers: { x: "read f32", y: "write u32" },
  params: { size: "u32", isBrain: "u32" },
  workgroupSize: 64,
  cpu: HALF_CPU,
  wgsl: /* wgsl */ `${HALF_WGSL}
fn kernel(group: u32, lane: u32) {
  let i = 2u * (group * WORKGROUP + lane);
  if (i >= p.size) { return; }
  var word = halfBits(x[i], p.isBrain);
  if (i + 1u < p.size) { word |= halfBits(x[i + 1u], p.isBrain) << 16u; }
  y[i / 2u] = word;
}`,
});

const widenKernel = defineKernel({
  name: "widen",
  buffers: { x: "read u32", y: "write f32" },
  params: { size: "u32", isBrain: "u32" },
  workgroupSize: 64,
  cpu: HALF_CPU,
  wgsl: /* wgsl */ `${HALF_WGSL}
fn kernel(group: u32, lane: u32) {
  let i = 2u * (group * WORKGROUP + lane);
  if (i >= p.size) { return; }
  let word = x[i / 2u];
  y[i] = wide(word & 0xffffu, p.isBrain);
  if (i + 1u < p.size) { y[i + 1u] = wide(word >> 16u, p.isBrain); }
}`,
});

/** Launch over `size` elements, two an invocation. */
function launch(size: number) {
  return {
    groups: Math.ceil(size / 2 / 64),
    items: size,
    align: 8,
    work: size * 8,
  };
}

/** y, 16 bits an element, = x rounded to the format. */
export function halve(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  size: number,
  format: HalfFormat,
): void {
  const isBrain = Number(format === "bfloat16");
  device.run(halveKernel, buffers, { size, isBrain }, launch(size));
}

/** y, float32, = x, 16 bits an element. */
export function widen(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  size: number,
  format: HalfFormat,
): void {
  const isBrain = Number(format === "bfloat16");
  device.run(widenKernel, buffers, { size, isBrain }, launch(size));
}
