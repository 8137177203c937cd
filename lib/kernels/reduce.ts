/**
 * Sum and maximum over one axis. A tensor is seen as (outer, n, inner):
 *
 *     out[o, c, i] = reduce over j in chunk c of x[o, j, i]
 *
 * with chunks of `chunk` elements, so that a long axis is reduced in two
 * passes, in parallel, and always in the same order.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import { LOWEST, WORKGROUP_SUM, WORKGROUP_TOP } from "./wgsl.ts";

/** How values are put together. */
export type Reduction = "sum" | "max";

/** A tensor seen as (outer, n, inner). */
export interface ReduceSizes {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** The formula in plain loops, over the whole axis. */
export function reduceReference(
  reduction: Reduction,
  x: ArrayLike<number>,
  { outer, n, inner }: ReduceSizes,
): Float64Array {
  const out = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = reduction === "sum" ? 0 : -Infinity;
      for (let j = 0; j < n; j++) {
        const value = x[(o * n + j) * inner + i]!;
        total = reduction === "sum" ? total + value : Math.max(total, value);
      }
      out[o * inner + i] = total;
    }
  }
  return out;
}

/** Longest run that one workgroup or one CPU item reduces. */
const CHUNK = 8192;
const WORKGROUP = 64;

function reduceKernel(name: "reduceSum" | "reduceMax") {
  const [start, join, joinAll, library] = name === "reduceSum"
    ? ["0.0", (x: string) => `total + ${x}`, "workgroupSum", WORKGROUP_SUM]
    : [
      LOWEST,
      (x: string) => `max(total, ${x})`,
      "workgroupTop",
      WORKGROUP_TOP,
    ];
  return defineKernel({
    name,
    buffers: { x: "read f32", y: "write f32" },
    params: {
      outer: "u32",
      n: "u32",
      inner: "u32",
      chunk: "u32",
      chunks: "u32",
    },
    workgroupSize: WORKGROUP,
    cpu: {
      family: "reduce",
      source: new URL("./cpu/reduce.ts", import.meta.url),
    },
    // One workgroup a result: lanes stride over the chunk, then a tree.
    wgsl: /* wgsl */ `${library}
fn kernel(group: u32, lane: u32) {
  if (group >= p.outer * p.chunks * p.inner) { return; }
  let i = group % p.inner;
  let c = (group / p.inner) % p.chunks;
  let o = group / (p.inner * p.chunks);
  let end = min(p.n, (c + 1u) * p.chunk);
  var total = ${start};
  for (var j = c * p.chunk + lane; j < end; j += WORKGROUP) {
    total = ${join("x[(o * p.n + j) * p.inner + i]")};
  }
  total = ${joinAll}(total, lane);
  if (lane == 0u) { y[group] = total; }
}`,
  });
}

const kernels = {
  sum: reduceKernel("reduceSum"),
  max: reduceKernel("reduceMax"),
};

/** y (outer, inner) = reduction of x (outer, n, inner); n is at least 1. */
export function reduce(
  device: Device,
  reduction: Reduction,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  sizes: ReduceSizes,
): void {
  const { outer, n, inner } = sizes;
  const chunks = Math.ceil(n / CHUNK);
  const pass = (
    x: DeviceBuffer,
    y: DeviceBuffer,
    params: ReduceSizes & { chunk: number; chunks: number },
  ) =>
    device.run(kernels[reduction], { x, y }, { ...params }, {
      groups: outer * params.chunks * inner,
      items: outer * params.chunks * (inner === 1 ? 1 : Math.ceil(inner / 4)),
      work: outer * params.n * inner,
    });
  if (chunks === 1) {
    pass(buffers.x, buffers.y, { ...sizes, chunk: n, chunks });
    return;
  }
  const partial = device.allocate(outer * chunks * inner * 4, "reduce");
  pass(buffers.x, partial, { ...sizes, chunk: CHUNK, chunks });
  reduce(device, reduction, { x: partial, y: buffers.y }, {
    outer,
    n: chunks,
    inner,
  });
  device.free(partial);
}
