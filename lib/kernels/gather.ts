/**
 * Elements by their place along one axis, and the sum of elements into such
 * places. Tensors are seen as (outer, n, inner), indices and what they pick as
 * (outer, count, inner):
 *
 *     gather:     y[o, k, i] = x[o, ids[o, k, i], i]
 *     scatterAdd: y[o, j, i] += Σ over k with ids[o, k, i] = j of x[o, k, i]
 *
 * Each is the other's gradient. The sum is in the order of k: the same bits
 * every time. WebGPU pays for that with a look at all indices of its column for
 * each element: cheap for few indices a column, as in a loss. An index outside
 * 0..n-1 reads zero and adds nothing; the operator checks indices where it can
 * see them.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Sizes; `n` is that of the indexed axis, `count` that of the indices. */
export interface GatherSizes {
  readonly outer: number;
  readonly n: number;
  readonly count: number;
  readonly inner: number;
}

/** Calls `fn` with the place of each pick and of the element it names. */
function eachPick(
  ids: ArrayLike<number>,
  { outer, n, count, inner }: GatherSizes,
  fn: (pick: number, element: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < inner; i++) {
        const pick = (o * count + k) * inner + i;
        fn(pick, (o * n + ids[pick]!) * inner + i);
      }
    }
  }
}

/** y of gather in plain loops. */
export function gatherAxisReference(
  x: ArrayLike<number>,
  ids: ArrayLike<number>,
  sizes: GatherSizes,
): Float64Array {
  const y = new Float64Array(ids.length);
  eachPick(ids, sizes, (pick, element) => y[pick] = x[element]!);
  return y;
}

/** y of scatterAdd in plain loops; `base` is y before. */
export function scatterAddReference(
  base: ArrayLike<number>,
  x: ArrayLike<number>,
  ids: ArrayLike<number>,
  sizes: GatherSizes,
): Float64Array {
  const y = Float64Array.from(base);
  eachPick(ids, sizes, (pick, element) => y[element]! += x[pick]!);
  return y;
}

const PARAMS = { outer: "u32", n: "u32", count: "u32", inner: "u32" } as const;
const CPU = {
  family: "gather",
  source: `export function gatherAxis(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), ids = load<usize>(args, 4);
  const y = load<usize>(args, 8), n = load<u32>(args, 16);
  const count = load<i32>(args, 20), inner = load<i32>(args, 24);
  for (let pick = begin; pick < end; pick++) {
    const at = (pick as usize) << 2;
    const id = load<u32>(ids + at);
    const row = pick / inner / count;
    const from = ((row as u32) * n + id) * (inner as u32) + pick % inner;
    store<u32>(y + at, id < n ? load<u32>(x + ((from as usize) << 2)) : 0);
  }
}
/** Columns begin..end of (outer, inner). */
export function scatterAdd(
  args: usize, begin: i32, end: i32, scratch: usize,
): void {
  const x = load<usize>(args), ids = load<usize>(args, 4);
  const y = load<usize>(args, 8), n = load<u32>(args, 16);
  const count = load<i32>(args, 20), inner = load<i32>(args, 24);
  for (let column = begin; column < end; column++) {
    const o = column / inner, i = column % inner;
    for (let k = 0; k < count; k++) {
      const pick = (((o * count + k) * inner + i) as usize) << 2;
      const id = load<u32>(ids + pick);
      if (id >= n) continue;
      const at = ((o as u32) * n + id) * (inner as u32) + i;
      const to = y + ((at as usize) << 2);
      store<f32>(to, load<f32>(to) + load<f32>(x + pick));
    }
  }
}
`,
};

// Elements are moved as words, so integers pass unharmed.
const gatherKernel = defineKernel({
  name: "gatherAxis",
  buffers: { x: "read u32", ids: "read u32", y: "write u32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let pick = group * WORKGROUP + lane;
  if (pick >= p.outer * p.count * p.inner) { return; }
  let id = ids[pick];
  let o = pick / p.inner / p.count;
  let place = (o * p.n + id) * p.inner + pick % p.inner;
  if (id < p.n) { y[pick] = x[place]; } else { y[pick] = 0u; }
}`,
});

const scatterKernel = defineKernel({
  name: "scatterAdd",
  buffers: { x: "read f32", ids: "read u32", y: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: CPU,
  // An invocation owns one element and looks through the indices of its
  // column: no two add to the same place.
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let at = group * WORKGROUP + lane;
  if (at >= p.outer * p.n * p.inner) { return; }
  let o = at / p.inner / p.n;
  let j = at / p.inner % p.n;
  let first = o * p.count * p.inner + at % p.inner;
  var total = y[at];
  for (var k = 0u; k < p.count; k++) {
    let pick = first + k * p.inner;
    if (ids[pick] == j) { total += x[pick]; }
  }
  y[at] = total;
}`,
});

/** y (outer, count, inner) from x (outer, n, inner) and ids like y. */
export function gatherAxis(
  device: Device,
  buffers: Record<"x" | "ids" | "y", DeviceBuffer>,
  { outer, n, count, inner }: GatherSizes,
): void {
  const size = outer * count * inner;
  device.run(gatherKernel, buffers, { outer, n, count, inner }, {
    groups: Math.ceil(size / 64),
    items: size,
    work: size * 8,
  });
}

/** Adds x (outer, count, inner) to y (outer, n, inner) at ids, of x's shape. */
export function scatterAdd(
  device: Device,
  buffers: Record<"x" | "ids" | "y", DeviceBuffer>,
  { outer, n, count, inner }: GatherSizes,
): void {
  device.run(scatterKernel, buffers, { outer, n, count, inner }, {
    groups: Math.ceil(outer * n * inner / 64),
    items: outer * inner,
    work: outer * count * inner * 8,
  });
}
