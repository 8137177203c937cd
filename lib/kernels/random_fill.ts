/**
 * Random fills by Threefry-2x32 (lib/util/random.ts), with 24 of the 32 bits:
 *
 *     uniform: x[i] = low + (high - low) u,   u = (word i >> 8) / 2^24
 *     normal:  x[i] = mean + std sqrt(-2 ln(1 - u)) cos(2π u'),
 *              u, u' from words 2i and 2i + 1 (Box and Muller)
 *
 * Uniform numbers are the same bits on both devices.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { hashText, threefry } from "../util/mod.ts";

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

const WGSL_THREEFRY = /* wgsl */ `
fn rotate(x: u32, bits: u32) -> u32 { return (x << bits) | (x >> (32u - bits)); }
fn threefry(counter: u32) -> vec2u {
  var keys = array<u32, 3>(p.key0, p.key1, 0x1bd11bdau ^ p.key0 ^ p.key1);
  var rotations = array<u32, 8>(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x = vec2u(counter + p.key0, p.key1);
  for (var round = 0u; round < 20u; round++) {
    x.x += x.y;
    x.y = rotate(x.y, rotations[round & 7u]) ^ x.x;
    if ((round & 3u) == 3u) {
      let inject = (round >> 2u) + 1u;
      x.x += keys[inject % 3u];
      x.y += keys[(inject + 1u) % 3u] + inject;
    }
  }
  return x;
}
fn unit(word: u32) -> f32 { return f32(word >> 8u) * 0x1p-24; }`;

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
  // cos(2πt) = 1 - 2 sin²(πt): WGSL promises too little for its own cosine.
  wgsl: /* wgsl */ `${WGSL_THREEFRY}
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  let words = threefry(i);
  let radius = sqrt(-2.0 * log(1.0 - unit(words.x)));
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
    align: 4,
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
