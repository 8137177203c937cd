/**
 * Rows of a table by index, and the sum of gradients back into the table.
 *
 *     y[n, c] = weight[ids[n], c]
 *     dWeight[v, c] = Σ over n with ids[n] = v of dY[n, c]
 *
 * The backward pass adds in the order of n: it gives the same bits every time.
 * An index outside 0..V-1 reads zeros and adds nothing; the operator checks
 * indices where it can see them.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Number of indices, width of a row, rows of the table. */
export interface EmbeddingSizes {
  readonly count: number;
  readonly cols: number;
  readonly vocab: number;
}

/** The formula in plain loops. */
export function embeddingReference(
  weight: ArrayLike<number>,
  ids: ArrayLike<number>,
  { count, cols }: EmbeddingSizes,
): Float64Array {
  const y = new Float64Array(count * cols);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < cols; c++) {
      y[n * cols + c] = weight[ids[n]! * cols + c]!;
    }
  }
  return y;
}

const PARAMS = { count: "u32", cols: "u32", vocab: "u32" } as const;
const CPU = {
  family: "embedding",
  source: `export function embedding(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const weight = load<usize>(args), ids = load<usize>(args, 4);
  const vocab = load<u32>(args, 20);
  const bytes = load<usize>(args, 16) << 2;
  for (let n = begin; n < end; n++) {
    const id = load<u32>(ids + ((n as usize) << 2));
    const to = load<usize>(args, 8) + (n as usize) * bytes;
    if (id < vocab) memory.copy(to, weight + (id as usize) * bytes, bytes);
    else memory.fill(to, 0, bytes);
  }
}
/** Columns begin..end of the whole table. */
export function embeddingBackward(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const ids = load<usize>(args), dY = load<usize>(args, 4);
  const dWeight = load<usize>(args, 8);
  const count = load<i32>(args, 12), cols = load<i32>(args, 16);
  const vocab = load<u32>(args, 20);
  const bytes = (cols as usize) << 2;
  const first = (begin as usize) << 2, size = (end - begin as usize) << 2;
  for (let v: u32 = 0; v < vocab; v++) {
    memory.fill(dWeight + (v as usize) * bytes + first, 0, size);
  }
  for (let n = 0; n < count; n++) {
    const id = load<u32>(ids + ((n as usize) << 2));
    if (id >= vocab) continue;
    const from = dY + (n as usize) * bytes + first;
    const to = dWeight + (id as usize) * bytes + first;
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) {
      v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
    }
    for (; i < size; i += 4) {
      store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
    }
  }
}
`,
};

const forwardKernel = defineKernel({
  name: "embedding",
  buffers: { weight: "read f32", ids: "read u32", y: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.count * p.cols) { return; }
  let id = ids[i / p.cols];
  if (id < p.vocab) { y[i] = weight[id * p.cols + i % p.cols]; }
  else { y[i] = 0.0; }
}`,
});

const backwardKernel = defineKernel({
  name: "embeddingBackward",
  buffers: { ids: "read u32", dY: "read f32", dWeight: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  // A workgroup owns one row of the table. Lanes look through the indices
  // together, then add each row that was found, column by column.
  wgsl: /* wgsl */ `
var<workgroup> found: array<u32, WORKGROUP>;
fn kernel(group: u32, lane: u32) {
  if (group >= p.vocab) { return; }
  for (var c = lane; c < p.cols; c += WORKGROUP) {
    dWeight[group * p.cols + c] = 0.0;
  }
  for (var start = 0u; start < p.count; start += WORKGROUP) {
    let n = start + lane;
    workgroupBarrier();
    found[lane] = select(0u, 1u, n < p.count && ids[min(n, p.count - 1u)] == group);
    workgroupBarrier();
    for (var i = 0u; i < WORKGROUP; i++) {
      if (found[i] == 0u) { continue; }
      for (var c = lane; c < p.cols; c += WORKGROUP) {
        dWeight[group * p.cols + c] += dY[(start + i) * p.cols + c];
      }
    }
  }
}`,
});

/** y (count, cols) from weight (vocab, cols) and ids (count). */
export function embedding(
  device: Device,
  buffers: Record<"weight" | "ids" | "y", DeviceBuffer>,
  sizes: EmbeddingSizes,
): void {
  device.run(forwardKernel, buffers, { ...sizes }, {
    groups: Math.ceil(sizes.count * sizes.cols / 64),
    items: sizes.count,
    work: sizes.count * sizes.cols,
  });
}

/** dWeight (vocab, cols) from dY (count, cols) and ids (count). */
export function embeddingBackward(
  device: Device,
  buffers: Record<"ids" | "dY" | "dWeight", DeviceBuffer>,
  sizes: EmbeddingSizes,
): void {
  device.run(backwardKernel, buffers, { ...sizes }, {
    groups: sizes.vocab,
    items: sizes.cols,
    align: 16,
    work: (sizes.count + sizes.vocab) * sizes.cols,
  });
}
