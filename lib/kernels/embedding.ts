/**
 * Rows of a table by index, and the sum of gradients back into the table; of
 * several tables (o) with the same indices.
 *
 *     y[o, n, c] = weight[o, ids[n], c]
 *     dWeight[o, v, c] = Σ over n with ids[n] = v of dY[o, n, c]
 *
 * The backward pass adds in the order of n: it gives the same bits every time.
 * An index outside 0..V-1 reads zeros and adds nothing; the operator checks
 * indices where it can see them.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Number of indices, width of a row, rows of a table. */
export interface EmbeddingSizes {
  readonly count: number;
  readonly cols: number;
  readonly vocab: number;
  /** Number of tables; 1 without it. */
  readonly tables?: number;
}

/** The formula in plain loops. */
export function embeddingReference(
  weight: ArrayLike<number>,
  ids: ArrayLike<number>,
  { count, cols, vocab, tables = 1 }: EmbeddingSizes,
): Float64Array {
  const y = new Float64Array(tables * count * cols);
  for (let o = 0; o < tables; o++) {
    for (let n = 0; n < count; n++) {
      for (let c = 0; c < cols; c++) {
        y[(o * count + n) * cols + c] =
          weight[(o * vocab + ids[n]!) * cols + c]!;
      }
    }
  }
  return y;
}

const PARAMS = {
  count: "u32",
  cols: "u32",
  vocab: "u32",
  tables: "u32",
} as const;
const CPU = {
  family: "embedding",
  source: new URL("./cpu/embedding.ts", import.meta.url),
};

const forwardKernel = defineKernel({
  name: "embedding",
  // Words: integers pass unharmed.
  buffers: { weight: "read u32", ids: "read u32", y: "write u32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  let row = i / p.cols;
  if (row >= p.tables * p.count) { return; }
  let id = ids[row % p.count];
  let place = (row / p.count * p.vocab + id) * p.cols + i % p.cols;
  if (id < p.vocab) { y[i] = weight[place]; } else { y[i] = 0u; }
}`,
});

/** The sum for the CPU: a thread owns columns and goes through the indices. */
const columnsKernel = defineKernel({
  name: "embeddingBackward",
  buffers: { ids: "read u32", dY: "read f32", dWeight: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
});

/**
 * For WebGPU, links between equal indices: links[n] is the next place of the
 * index at n, or `count`; links[count + n] tells whether n is its first.
 */
const linksKernel = defineKernel({
  name: "embeddingLinks",
  buffers: { ids: "read u32", links: "write u32" },
  params: { count: "u32", vocab: "u32" },
  workgroupSize: 64,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let n = group * WORKGROUP + lane;
  if (n >= p.count) { return; }
  let id = ids[n];
  var next = n + 1u;
  while (next < p.count && ids[next] != id) { next++; }
  var earlier = 0u;
  while (earlier < n && ids[earlier] != id) { earlier++; }
  links[n] = next;
  links[p.count + n] = select(0u, 1u, earlier == n && id < p.vocab);
}`,
});

/** The sum for WebGPU: an invocation owns a column of one index. */
const linkedKernel = defineKernel({
  name: "embeddingBackwardLinked",
  buffers: {
    ids: "read u32",
    links: "read u32",
    dY: "read f32",
    dWeight: "write f32",
  },
  params: PARAMS,
  workgroupSize: 64,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let blocks = (p.cols + WORKGROUP - 1u) / WORKGROUP;
  let c = group % blocks * WORKGROUP + lane;
  let first = group / blocks % p.count;
  let table = group / blocks / p.count;
  if (table >= p.tables || c >= p.cols || links[p.count + first] == 0u) {
    return;
  }
  var total = 0.0;
  for (var n = first; n < p.count; n = links[n]) {
    total += dY[(table * p.count + n) * p.cols + c];
  }
  dWeight[(table * p.vocab + ids[first]) * p.cols + c] = total;
}`,
});

/** y (tables, count, cols) from weight (tables, vocab, cols), ids (count). */
export function embedding(
  device: Device,
  buffers: Record<"weight" | "ids" | "y", DeviceBuffer>,
  { count, cols, vocab, tables = 1 }: EmbeddingSizes,
): void {
  const rows = tables * count;
  device.run(forwardKernel, buffers, { count, cols, vocab, tables }, {
    groups: Math.ceil(rows * cols / 64),
    items: rows,
    work: rows * cols,
  });
}

/** dWeight (tables, vocab, cols) from dY (tables, count, cols), ids (count). */
export function embeddingBackward(
  device: Device,
  buffers: Record<"ids" | "dY" | "dWeight", DeviceBuffer>,
  { count, cols, vocab, tables = 1 }: EmbeddingSizes,
): void {
  const sizes = { count, cols, vocab, tables };
  if (device.kind === "cpu") {
    device.run(columnsKernel, buffers, sizes, {
      groups: 0,
      items: cols,
      align: 16,
      work: tables * (count + vocab) * cols,
    });
    return;
  }
  const links = device.allocate(2 * count * 4, "embedding links");
  const work = tables * count * cols;
  device.run(linksKernel, { ids: buffers.ids, links }, { count, vocab }, {
    groups: Math.ceil(count / 64),
    items: count,
    work,
  });
  device.clear(buffers.dWeight);
  device.run(linkedKernel, { ...buffers, links }, sizes, {
    groups: tables * count * Math.ceil(cols / 64),
    items: count,
    work,
  });
  device.free(links);
}
