/**
 * Matrices turned over, plane by plane:
 *
 *     y[b, c, r] = x[offset + b planeStride + r rowStride + c]
 *
 * Both devices move square tiles, so that reading and writing both go along
 * rows. Elements are moved as 32-bit words.
 *
 * @module
 */
import { defineKernel, type Device, type DeviceBuffer } from "../device/mod.ts";

/** Sizes of x (planes, rows, cols), and where its planes and rows begin. */
export interface TransposeSizes {
  readonly planes: number;
  readonly rows: number;
  readonly cols: number;
  readonly planeStride: number;
  readonly rowStride: number;
  readonly offset: number;
}

/** Side of a tile on WebGPU; the CPU takes this many columns as an item. */
const TILE = 16;

const transposeKernel = defineKernel({
  name: "transposePlanes",
  buffers: { x: "read u32", y: "write u32" },
  params: {
    planes: "u32",
    rows: "u32",
    cols: "u32",
    planeStride: "u32",
    rowStride: "u32",
    offset: "u32",
  },
  workgroupSize: TILE * TILE,
  cpu: {
    family: "transpose",
    source: new URL("./cpu/transpose.ts", import.meta.url),
  },
  // One column more than the tile has: lanes of a column hit all banks.
  wgsl: /* wgsl */ `
const TILE = ${TILE}u;
var<workgroup> tile: array<u32, ${TILE * (TILE + 1)}>;
fn kernel(group: u32, lane: u32) {
  let across = (p.cols + TILE - 1u) / TILE;
  let down = (p.rows + TILE - 1u) / TILE;
  if (group >= p.planes * across * down) { return; }
  let c = group % across * TILE;
  let r = group / across % down * TILE;
  let plane = group / across / down;
  let i = lane / TILE;
  let j = lane % TILE;
  if (r + i < p.rows && c + j < p.cols) {
    tile[i * (TILE + 1u) + j] =
      x[p.offset + plane * p.planeStride + (r + i) * p.rowStride + c + j];
  }
  workgroupBarrier();
  if (r + j < p.rows && c + i < p.cols) {
    y[(plane * p.cols + c + i) * p.rows + r + j] =
      tile[j * (TILE + 1u) + i];
  }
}`,
});

/** y (planes, cols, rows) from x (planes, rows, cols). */
export function transposePlanes(
  device: Device,
  buffers: { x: DeviceBuffer; y: DeviceBuffer },
  sizes: TransposeSizes,
): void {
  const { planes, rows, cols } = sizes;
  const across = Math.ceil(cols / TILE);
  device.run(transposeKernel, buffers, { ...sizes }, {
    groups: planes * across * Math.ceil(rows / TILE),
    items: planes * across,
    work: planes * rows * cols * 2,
    scratch: TILE * TILE * 4,
  });
}
