/**
 * Place of the largest or smallest element along one axis. A tensor is seen as
 * (outer, n, inner):
 *
 *     y[o, i] = the first j at which x[o, j, i] is largest (smallest)
 *
 * NaN is not looked for: where there is one, y is some index within the axis.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { ReduceSizes } from "./reduce.ts";
import { HIGHEST, LOWEST } from "./wgsl.ts";

/** Which end is looked for. */
export type ArgReduction = "argmax" | "argmin";

/** The formula in plain loops. */
export function argReduceReference(
  reduction: ArgReduction,
  x: ArrayLike<number>,
  { outer, n, inner }: ReduceSizes,
): Int32Array {
  const sign = reduction === "argmax" ? 1 : -1;
  const out = new Int32Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let best = 0;
      const at = (j: number) => sign * x[(o * n + j) * inner + i]!;
      for (let j = 1; j < n; j++) if (at(j) > at(best)) best = j;
      out[o * inner + i] = best;
    }
  }
  return out;
}

const WORKGROUP = 64;

function argKernel(name: ArgReduction) {
  const [start, better] = name === "argmax" ? [LOWEST, ">"] : [HIGHEST, "<"];
  return defineKernel({
    name,
    buffers: { x: "read f32", y: "write i32" },
    params: { outer: "u32", n: "u32", inner: "u32" },
    workgroupSize: WORKGROUP,
    cpu: {
      family: "arg_reduce",
      source: new URL("./cpu/arg_reduce.ts", import.meta.url),
    },
    // One workgroup a result: each lane keeps its best, then a tree. A lane
    // without elements starts at n and loses every tie.
    wgsl: /* wgsl */ `
var<workgroup> values: array<f32, WORKGROUP>;
var<workgroup> places: array<u32, WORKGROUP>;
fn kernel(group: u32, lane: u32) {
  if (group >= p.outer * p.inner) { return; }
  let base = (group / p.inner) * p.n * p.inner + group % p.inner;
  var best = ${start};
  var place = min(lane, p.n);
  for (var j = lane; j < p.n; j += WORKGROUP) {
    let value = x[base + j * p.inner];
    if (value ${better} best) { best = value; place = j; }
  }
  values[lane] = best;
  places[lane] = place;
  for (var step = WORKGROUP / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) {
      let other = values[lane + step];
      let isFirst = other == values[lane] &&
        places[lane + step] < places[lane];
      if (other ${better} values[lane] || isFirst) {
        values[lane] = other;
        places[lane] = places[lane + step];
      }
    }
  }
  if (lane == 0u) { y[group] = i32(places[0]); }
}`,
  });
}

const kernels = { argmax: argKernel("argmax"), argmin: argKernel("argmin") };

/** y (outer, inner), int32, from x (outer, n, inner); n is at least 1. */
export function argReduce(
  device: Device,
  reduction: ArgReduction,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  { outer, n, inner }: ReduceSizes,
): void {
  device.run(kernels[reduction], buffers, { outer, n, inner }, {
    groups: outer * inner,
    items: outer * inner,
    work: outer * n * inner * 2,
  });
}
