/**
 * Rotary position embedding (Su et al., 2021) in the layout of Hugging Face
 * Llama, which pairs element j with element j + D/2 ("rotate half"):
 *
 *     θ[t, j] = (start + t) base^(-2j/D),   j < D/2
 *     y[j]       = x[j] cos θ - x[j + D/2] sin θ
 *     y[j + D/2] = x[j + D/2] cos θ + x[j] sin θ
 *
 * x is (B, T, H, D). The backward pass is the rotation by -θ. Angles come from
 * a table of cosines and sines made in double precision.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Sizes of (B, T, H, D) and the position of the first token. */
export interface RopeSizes {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  readonly headSize: number;
  readonly start: number;
  /** -1 rotates back. */
  readonly direction: 1 | -1;
}

/**
 * The table of angles, (positions, D/2, 2): cosine and sine side by side.
 *
 * @param base `rope_theta` of the model's configuration
 * @param scale changes a frequency, for longer contexts
 */
export function ropeTable(
  positions: number,
  headSize: number,
  base: number,
  scale = (frequency: number) => frequency,
): Float32Array<ArrayBuffer> {
  const half = headSize / 2;
  const table = new Float32Array(positions * headSize);
  for (let j = 0; j < half; j++) {
    const frequency = scale(base ** (-2 * j / headSize));
    for (let t = 0; t < positions; t++) {
      table[(t * half + j) * 2] = Math.cos(t * frequency);
      table[(t * half + j) * 2 + 1] = Math.sin(t * frequency);
    }
  }
  return table;
}

/** The formula in plain loops. */
export function ropeReference(
  x: ArrayLike<number>,
  table: ArrayLike<number>,
  { batch, time, heads, headSize, start, direction }: RopeSizes,
): Float64Array {
  const y = new Float64Array(batch * time * heads * headSize);
  const half = headSize / 2;
  for (let row = 0; row < batch * time * heads; row++) {
    const t = start + Math.floor(row / heads) % time;
    for (let j = 0; j < half; j++) {
      const cos = table[(t * half + j) * 2]!;
      const sin = table[(t * half + j) * 2 + 1]! * direction;
      const a = x[row * headSize + j]!;
      const b = x[row * headSize + j + half]!;
      y[row * headSize + j] = a * cos - b * sin;
      y[row * headSize + j + half] = b * cos + a * sin;
    }
  }
  return y;
}

const ropeKernel = defineKernel({
  name: "rope",
  buffers: { x: "read f32", angles: "read f32", y: "write f32" },
  params: {
    rows: "u32",
    time: "u32",
    heads: "u32",
    half_size: "u32",
    start: "u32",
    direction: "f32",
  },
  workgroupSize: 64,
  cpu: { family: "rope", source: new URL("./cpu/rope.ts", import.meta.url) },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.rows * p.half_size) { return; }
  let row = i / p.half_size;
  let j = i % p.half_size;
  let t = p.start + (row / p.heads) % p.time;
  let at = (t * p.half_size + j) * 2u;
  let cosine = angles[at];
  let sine = angles[at + 1u] * p.direction;
  let low = row * p.half_size * 2u + j;
  let high = low + p.half_size;
  let a = x[low];
  let b = x[high];
  y[low] = a * cosine - b * sine;
  y[high] = b * cosine + a * sine;
}`,
});

/** y (B, T, H, D) = x rotated; the table reaches start + time positions. */
export function rope(
  device: Device,
  buffers: { x: DeviceBuffer; angles: DeviceBuffer; y: DeviceBuffer },
  { batch, time, heads, headSize, start, direction }: RopeSizes,
): void {
  const rows = batch * time * heads;
  device.run(ropeKernel, buffers, {
    rows,
    time,
    heads,
    half_size: headSize / 2,
    start,
    direction,
  }, {
    groups: Math.ceil(rows * headSize / 2 / 64),
    items: rows,
    work: rows * headSize * 3,
  });
}
