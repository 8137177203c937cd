/**
 * Gradient of the weight of a normalisation (rms_norm.ts, layer_norm.ts):
 *
 *     dWeight[c] = Σ_r dY[r, c] (x[r, c] - mean[r]) scale[r]
 *
 * Rows are taken in chunks whose sums are added in order: parallel over chunks
 * and columns, and the same bits every time. RMS normalisation has no mean; its
 * variant leaves it out.
 *
 * @module
 */
import {
  type BufferRole,
  defineKernel,
  type Device,
  type DeviceBuffer,
} from "../device/mod.ts";
import { reduce } from "./reduce.ts";
import type { RowSizes } from "./softmax.ts";

/** Rows of a chunk. */
const CHUNK = 128;
/** Columns of a CPU item: a cache line of every row. */
const COLUMNS = 16;
const WORKGROUP = 64;

function weightKernel(
  name: "rmsNormBackwardWeight" | "layerNormBackwardWeight",
) {
  const isCentred = name === "layerNormBackwardWeight";
  const buffers: Record<string, BufferRole> = {
    x: "read f32",
    ...(isCentred && { mean: "read f32" }),
    scale: "read f32",
    dY: "read f32",
    partial: "write f32",
  };
  return defineKernel({
    name,
    buffers,
    params: { rows: "u32", cols: "u32", chunks: "u32" },
    workgroupSize: WORKGROUP,
    cpu: {
      family: "norm_weight",
      source: new URL("./cpu/norm_weight.ts", import.meta.url),
    },
    // One invocation a column of a chunk: neighbours read neighbours.
    wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let at = group * WORKGROUP + lane;
  if (at >= p.chunks * p.cols) { return; }
  let c = at % p.cols;
  let first = at / p.cols * ${CHUNK}u;
  var total = 0.0;
  for (var r = first; r < min(p.rows, first + ${CHUNK}u); r++) {
    total += dY[r * p.cols + c] * (x[r * p.cols + c] - ${
      isCentred ? "mean[r]" : "0.0"
    }) * scale[r];
  }
  partial[at] = total;
}`,
  });
}

const rmsKernel = weightKernel("rmsNormBackwardWeight");
const layerKernel = weightKernel("layerNormBackwardWeight");

/** dWeight (cols) of both normalisations; with `mean`, of layer norm. */
export function normBackwardWeight(
  device: Device,
  { dWeight, ...buffers }:
    & Record<"x" | "scale" | "dY" | "dWeight", DeviceBuffer>
    & { readonly mean?: DeviceBuffer },
  { rows, cols }: RowSizes,
): void {
  const chunks = Math.max(1, Math.ceil(rows / CHUNK));
  const partial = chunks === 1
    ? dWeight
    : device.allocate(chunks * cols * 4, "norm weight");
  const kernel = buffers.mean ? layerKernel : rmsKernel;
  const all: Record<string, DeviceBuffer> = { ...buffers, partial };
  device.run(kernel, all, { rows, cols, chunks }, {
    groups: Math.ceil(chunks * cols / WORKGROUP),
    items: chunks * Math.ceil(cols / COLUMNS),
    work: rows * cols * 3,
  });
  if (chunks === 1) return;
  const sizes = { outer: 1, n: chunks, inner: cols };
  reduce(device, "sum", { x: partial, y: dWeight }, sizes);
  device.free(partial);
}
