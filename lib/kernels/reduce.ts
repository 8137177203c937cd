/**
 * Sum, maximum and minimum over one axis. A tensor is seen as (outer, n,
 * inner):
 *
 *     out[o, c, i] = reduce over j in chunk c of x[o, j, i]
 *
 * with chunks of `chunk` elements, so that a long axis is reduced in two
 * passes, in parallel, and always in the same order. There are two variants:
 * for inner = 1 a workgroup walks along one chunk; else, and for short axes,
 * each of its lanes walks down a column, so that neighbours read neighbours.
 * NaN stays in a sum; whether it stays in an extremum is up to the device.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import {
  HIGHEST,
  LOWEST,
  WORKGROUP_BOTTOM,
  WORKGROUP_SUM,
  WORKGROUP_TOP,
} from "./wgsl.ts";

/** How values are put together. */
export type Reduction = "sum" | "max" | "min";

/** A tensor seen as (outer, n, inner). */
export interface ReduceSizes {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

interface Rule {
  /** The result of no elements at all. */
  readonly start: number;
  readonly join: (a: number, b: number) => number;
  readonly wgslStart: string;
  readonly wgslJoin: (a: string, b: string) => string;
  /** Over the workgroup: name and text. */
  readonly wgslAll: readonly [name: string, library: string];
}

const RULES: Record<Reduction, Rule> = {
  sum: {
    start: 0,
    join: (a, b) => a + b,
    wgslStart: "0.0",
    wgslJoin: (a, b) => `${a} + ${b}`,
    wgslAll: ["workgroupSum", WORKGROUP_SUM],
  },
  max: {
    start: -Infinity,
    join: Math.max,
    wgslStart: LOWEST,
    wgslJoin: (a, b) => `max(${a}, ${b})`,
    wgslAll: ["workgroupTop", WORKGROUP_TOP],
  },
  min: {
    start: Infinity,
    join: Math.min,
    wgslStart: HIGHEST,
    wgslJoin: (a, b) => `min(${a}, ${b})`,
    wgslAll: ["workgroupBottom", WORKGROUP_BOTTOM],
  },
};

/** The formula in plain loops, over the whole axis. */
export function reduceReference(
  reduction: Reduction,
  x: ArrayLike<number>,
  { outer, n, inner }: ReduceSizes,
): Float64Array {
  const { start, join } = RULES[reduction];
  const out = new Float64Array(outer * inner).fill(start);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const to = o * inner + i;
      for (let j = 0; j < n; j++) {
        out[to] = join(out[to]!, x[(o * n + j) * inner + i]!);
      }
    }
  }
  return out;
}

const WORKGROUP = 64;
/** Longest run that one workgroup or one CPU item reduces. */
const ROW_CHUNK = 8192;
/** Longest piece of a column that one lane or CPU item reduces. */
const COLUMN_CHUNK = 128;
/** Columns of a CPU item: a cache line of every row. */
const COLUMNS = 16;
/** Rows up to this length are too short for a workgroup. */
const SHORT_ROW = 16;

const capital = (name: string) => name[0]!.toUpperCase() + name.slice(1);
const COMMON = {
  buffers: { x: "read f32", y: "write f32" },
  params: { outer: "u32", n: "u32", inner: "u32", chunk: "u32", chunks: "u32" },
  workgroupSize: WORKGROUP,
  cpu: {
    family: "reduce",
    source: new URL("./cpu/reduce.ts", import.meta.url),
  },
} as const;

/** Along rows: inner is 1 and n more than a few. */
function rowKernel(reduction: Reduction) {
  const { wgslStart, wgslJoin, wgslAll: [joinAll, library] } = RULES[reduction];
  return defineKernel({
    ...COMMON,
    name: `reduce${capital(reduction)}`,
    wgsl: /* wgsl */ `${library}
fn kernel(group: u32, lane: u32) {
  if (group >= p.outer * p.chunks) { return; }
  let first = (group % p.chunks) * p.chunk;
  let base = (group / p.chunks) * p.n;
  let end = min(p.n, first + p.chunk);
  var total = ${wgslStart};
  for (var j = first + lane; j < end; j += WORKGROUP) {
    total = ${wgslJoin("total", "x[base + j]")};
  }
  total = ${joinAll}(total, lane);
  if (lane == 0u) { y[group] = total; }
}`,
  });
}

/** Down columns. */
function columnKernel(reduction: Reduction) {
  const { wgslStart, wgslJoin } = RULES[reduction];
  return defineKernel({
    ...COMMON,
    name: `reduceColumns${capital(reduction)}`,
    wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let at = group * WORKGROUP + lane;
  if (at >= p.outer * p.chunks * p.inner) { return; }
  let row = at / p.inner;
  let first = (row % p.chunks) * p.chunk;
  let base = (row / p.chunks) * p.n * p.inner + at % p.inner;
  let end = min(p.n, first + p.chunk);
  var total = ${wgslStart};
  for (var j = first; j < end; j++) {
    total = ${wgslJoin("total", "x[base + j * p.inner]")};
  }
  y[at] = total;
}`,
  });
}

const rows = {
  sum: rowKernel("sum"),
  max: rowKernel("max"),
  min: rowKernel("min"),
};
const columns = {
  sum: columnKernel("sum"),
  max: columnKernel("max"),
  min: columnKernel("min"),
};

/** One pass: y (outer, chunks, inner) from x (outer, n, inner). */
function pass(
  device: Device,
  reduction: Reduction,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  { outer, n, inner }: ReduceSizes,
  chunk: number,
  chunks: number,
): void {
  const params = { outer, n, inner, chunk, chunks };
  const results = outer * chunks * inner;
  const work = outer * n * inner;
  if (inner === 1 && n > SHORT_ROW) {
    const launch = { groups: results, items: results, work };
    device.run(rows[reduction], buffers, params, launch);
  } else {
    device.run(columns[reduction], buffers, params, {
      groups: Math.ceil(results / WORKGROUP),
      items: outer * chunks * Math.ceil(inner / COLUMNS),
      work,
    });
  }
}

/**
 * y (outer, inner) = reduction of x (outer, n, inner). With n = 0 a sum is 0,
 * the others are undefined.
 */
export function reduce(
  device: Device,
  reduction: Reduction,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  sizes: ReduceSizes,
): void {
  const { outer, n, inner } = sizes;
  const longest = inner === 1 ? ROW_CHUNK : COLUMN_CHUNK;
  const chunks = Math.max(1, Math.ceil(n / longest));
  if (chunks === 1) {
    pass(device, reduction, buffers, sizes, n, 1);
    return;
  }
  const partial = device.allocate(outer * chunks * inner * 4, "reduce");
  const first = { x: buffers.x, y: partial };
  pass(device, reduction, first, sizes, longest, chunks);
  const second = { x: partial, y: buffers.y };
  reduce(device, reduction, second, { outer, n: chunks, inner });
  device.free(partial);
}
