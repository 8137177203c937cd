/**
 * Random fills by Threefry-2x32 (lib/util/random.ts), with 24 of the 32 bits:
 *
 *     uniform: x[i] = low + (high - low) u,   u = (word i >> 8) / 2^24
 *     normal:  x[i] = mean + std sqrt(-2 ln(1 - u)) cos(2π u'),
 *              u, u' from words 2i and 2i + 1 (Box and Muller)
 *
 * Numbers in [0, 1) are the same bits on both devices. With another range a
 * driver that fuses the product and the sum may round once less, by one unit
 * in the last place. Normal numbers agree to 3e-6 standard deviations, half of
 * them to the bit.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { hashText, threefry } from "../util/mod.ts";
import { WGSL_THREEFRY } from "./wgsl.ts";

/** Seed and name of the stream, as of `new Random(seed, stream)`. */
export interface FillStream {
  readonly seed: number;
  readonly stream: string;
}

const unit = (word: number) => (word >>> 8) / 2 ** 24;

/** Uniform numbers in plain loops. */
export function randomUniformReference(
  size: number,
  { seed, stream }: FillStream,
  { low, high }: { low: number; high: number },
): Float64Array {
  const key = hashText(stream);
  return Float64Array.from({ length: size }, (_, i) => {
    const word = threefry(seed, key, i >> 1, 0)[i & 1]!;
    return low + (high - low) * unit(word);
  });
}

/** Normal numbers in plain loops. */
export function randomNormalReference(
  size: number,
  { seed, stream }: FillStream,
  { mean, std }: { mean: number; std: number },
): Float64Array {
  const key = hashText(stream);
  return Float64Array.from({ length: size }, (_, i) => {
    const [a, b] = threefry(seed, key, i, 0);
    const radius = Math.sqrt(-2 * Math.log(1 - unit(a)));
    return mean + std * radius * Math.cos(2 * Math.PI * unit(b));
  });
}

// scale and shift: high - low and low, or standard deviation and mean.
const PARAMS = {
  size: "u32",
  key0: "u32",
  key1: "u32",
  scale: "f32",
  shift: "f32",
} as const;
const CPU = {
  family: "random_fill",
  source: new URL("./cpu/random_fill.ts", import.meta.url),
};

const uniformKernel = defineKernel({
  name: "randomUniform",
  buffers: { x: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `${WGSL_THREEFRY}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let words = threefry(i / 2u);
  x[i] = p.shift + p.scale * unit(words[i & 1u]);
}`,
});

const normalKernel = defineKernel({
  name: "randomNormal",
  buffers: { x: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  // WGSL promises too little for its own logarithm (near 1) and cosine. The
  // former is Cephes', as in cpu/math.ts; cos(2πt) = 1 - 2 sin²(πt).
  wgsl: /* wgsl */ `${WGSL_THREEFRY}
fn logarithm(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  var e = f32(i32(bits >> 23u) - 126);
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
  if (m < 0.707106781) {
    e -= 1.0;
    m += m;
  }
  m -= 1.0;
  var y = fma(7.0376836292e-2, m, -1.1514610310e-1);
  y = fma(y, m, 1.1676998740e-1);
  y = fma(y, m, -1.2420140846e-1);
  y = fma(y, m, 1.4249322787e-1);
  y = fma(y, m, -1.6668057665e-1);
  y = fma(y, m, 2.0000714765e-1);
  y = fma(y, m, -2.4999993993e-1);
  y = fma(y, m, 3.3333331174e-1);
  y = fma(e, -2.12194440e-4, y * m * (m * m));
  y = fma(m * m, -0.5, y);
  return fma(e, 0.693359375, m + y);
}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let words = threefry(i);
  let radius = sqrt(-2.0 * logarithm(1.0 - unit(words.x)));
  let t = unit(words.y);
  let y = 3.14159265358979 * (t - round(t));
  let y2 = y * y;
  let s = y * (1.0 + y2 * (-1.6666666667e-1 + y2 * (8.3333333333e-3
    + y2 * (-1.9841269841e-4 + y2 * (2.7557319224e-6 - y2 * 2.5052108385e-8)))));
  x[i] = p.shift + p.scale * radius * (1.0 - 2.0 * s * s);
}`,
});

function fill(
  kernel: typeof normalKernel,
  device: Device,
  x: DeviceBuffer,
  size: number,
  { seed, stream }: FillStream,
  numbers: { scale: number; shift: number },
): void {
  const key1 = hashText(stream);
  device.run(kernel, { x }, { size, key0: seed, key1, ...numbers }, {
    groups: Math.ceil(size / 64),
    items: size,
    align: 8,
    work: size * 60,
    scratch: 16,
  });
}

/** Fills x with uniform numbers in [low, high). */
export function randomUniform(
  device: Device,
  x: DeviceBuffer,
  size: number,
  stream: FillStream,
  { low, high }: { low: number; high: number },
): void {
  fill(uniformKernel, device, x, size, stream, {
    scale: high - low,
    shift: low,
  });
}

/** Fills x with normal numbers. */
export function randomNormal(
  device: Device,
  x: DeviceBuffer,
  size: number,
  stream: FillStream,
  { mean, std }: { mean: number; std: number },
): void {
  fill(normalKernel, device, x, size, stream, { scale: std, shift: mean });
}
