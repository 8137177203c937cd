/**
 * Launching a variant of the matrix product on WebGPU, and splitting k: when C
 * is small and k is long, workgroups each sum a part of k into a C of their
 * own, and a second kernel adds those up in a fixed order.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";
import type { MatmulSizes, MatmulVariant } from "./matmul_variant.ts";

/** Operands and result of a product. */
export interface MatmulBuffers {
  readonly a: DeviceBuffer;
  readonly b: DeviceBuffer;
  readonly c: DeviceBuffer;
}

/** Tiles of 64 x 64 that keep a large GPU busy; below, k is split. */
const BUSY_TILES = 128;
/** Shortest part of k that is worth a C of its own, and for a C of few rows. */
const SHORTEST_PART = 512;
const SHORTEST_FLAT_PART = 64;

/**
 * Into how many parts k is cut: a power of two. It depends on the sizes alone,
 * so that every tile sums in the same order.
 */
export function splitParts({ batch, m, n, k }: MatmulSizes): number {
  const tiles = batch * Math.ceil(m / 64) * Math.ceil(n / 64);
  const isFlat = Math.min(m, n) <= 8;
  const shortest = isFlat ? SHORTEST_FLAT_PART : SHORTEST_PART;
  const most = Math.min(BUSY_TILES / tiles, k / shortest);
  return most < 2 ? 1 : 2 ** Math.floor(Math.log2(most));
}

const matmulSumParts = defineKernel({
  name: "matmulSumParts",
  buffers: { x: "read f32", y: "write f32" },
  params: { size: "u32", parts: "u32" },
  workgroupSize: 64,
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  let i = group * WORKGROUP + lane;
  if (i >= p.size) { return; }
  var total = 0.0;
  for (var part = 0u; part < p.parts; part++) {
    total += x[part * p.size + i];
  }
  y[i] = total;
}`,
});

/** Runs one variant, k cut into at most `wantedParts` parts. */
export function runMatmulVariant(
  device: Device,
  { a, b, c }: MatmulBuffers,
  sizes: MatmulSizes,
  variant: MatmulVariant,
  wantedParts = 1,
): void {
  const { batch, m, n, k } = sizes;
  const size = batch * m * n;
  const step = Math.max(4, variant.depth);
  const partK = Math.max(1, Math.ceil(k / wantedParts / step) * step);
  const parts = Math.max(1, Math.ceil(k / partK));
  const launch = (out: DeviceBuffer) =>
    device.run(variant.kernel, { a, b, c: out }, {
      m,
      n,
      k,
      transposeA: Number(sizes.transposeA),
      transposeB: Number(sizes.transposeB),
      strideA: sizes.strideA,
      strideB: sizes.strideB,
      blockM: m,
      blockN: n,
      batch,
      parts,
      partK,
    }, {
      groups: parts * batch * Math.ceil(m / variant.rows) *
        Math.ceil(n / variant.columns),
      items: batch,
      work: size * k,
      flops: 2 * size * k,
    });
  if (parts === 1) return launch(c);
  const partial = device.allocate(4 * parts * size, "matmul parts");
  launch(partial);
  device.run(matmulSumParts, { x: partial, y: c }, { size, parts }, {
    groups: Math.ceil(size / 64),
    items: size,
    work: size * parts,
  });
  device.free(partial);
}
