/**
 * New keys and values behind those of earlier tokens:
 *
 *     keys[b, start + t, :] = k[b, t, :],   values[b, start + t, :] = v[b, t, :]
 *
 * k and v are (B, T, G D), keys and values (B, capacity, G D). Both in one
 * launch, since there is one in every block of every generated token; `start`
 * is a parameter of its own, so that a replay can move it (device/recording.ts).
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Sizes; `width` is G D. */
export interface AppendCacheSizes {
  readonly batch: number;
  readonly time: number;
  readonly width: number;
  readonly capacity: number;
  /** Tokens that are there. */
  readonly start: number;
}

/** The formula in plain loops, of keys or values; changes `cache`. */
export function appendCacheReference(
  cache: Float64Array,
  x: ArrayLike<number>,
  { batch, time, width, capacity, start }: AppendCacheSizes,
): void {
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < time * width; i++) {
      cache[(b * capacity + start) * width + i] = x[b * time * width + i]!;
    }
  }
}

const appendCacheKernel = defineKernel({
  name: "appendCache",
  buffers: {
    k: "read f32",
    v: "read f32",
    keys: "write f32",
    values: "write f32",
  },
  params: {
    batch: "u32",
    time: "u32",
    width: "u32",
    capacity: "u32",
    start: "u32",
  },
  workgroupSize: 64,
  cpu: {
    family: "append_cache",
    source: `export function appendCache(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const time = load<i32>(args, 20), bytes = load<i32>(args, 24) << 2;
  const capacity = load<i32>(args, 28), start = load<i32>(args, 32);
  for (let row = begin; row < end; row++) { // b, t
    const from = (row as usize) * bytes;
    const at = (row / time) * capacity + start + row % time;
    const to = (at as usize) * bytes;
    memory.copy(load<usize>(args, 8) + to, load<usize>(args) + from, bytes);
    memory.copy(load<usize>(args, 12) + to, load<usize>(args, 4) + from, bytes);
  }
}
`,
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  let rows = p.time * p.width;
  if (i >= p.batch * rows) { return; }
  let at = (i / rows * p.capacity + p.start) * p.width + i % rows;
  keys[at] = k[i];
  values[at] = v[i];
}`,
});

/** Writes k and v behind the first `start` tokens. */
export function appendCache(
  device: Device,
  buffers: Record<"k" | "v" | "keys" | "values", DeviceBuffer>,
  sizes: AppendCacheSizes,
): void {
  const { batch, time, width } = sizes;
  const size = batch * time * width;
  device.run(appendCacheKernel, buffers, { ...sizes }, {
    groups: Math.ceil(size / 64),
    items: batch * time,
    work: size,
  });
}
