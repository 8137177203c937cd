/**
 * The matrix product for hardware GPUs: a workgroup brings a piece of A and of
 * B into its shared memory, each invocation multiplies from there into
 * registers.
 *
 *     tileA (depth, rows), tileB (depth, columns)      k outside, so that a
 *     invocation: perRows x perColumns of C            vector holds four rows
 *
 * Whatever the layout, the tiles look the same: an operand stored with k inside
 * is transposed in registers on its way, four vectors at a time. So one inner
 * loop serves NN, NT, TN and TT, and every C is summed in the order of k: the
 * result does not depend on the tile, bit for bit.
 *
 * Rows of a tile are one vector longer than needed, and an invocation's vectors
 * lie apart by the number of invocations, which keeps neighbours on different
 * banks of the shared memory.
 *
 * With factors of f16 the pieces are rounded to 11 bits as they are brought in
 * and take half of the shared memory and of its traffic; products and sums are
 * of single precision all the same.
 *
 * @module
 */
import { defineKernel } from "../device/mod.ts";
import {
  fetchFunctions,
  hasWholeVectors,
  MATMUL_PARAMS,
  matmulBuffers,
  type MatmulKernel,
  matmulLayout,
  type MatmulSizes,
  type MatmulVariant,
  storeFunction,
  tilePlace,
  unroll,
} from "./matmul_variant.ts";

/** A tile: what a workgroup makes, and what each invocation of it makes. */
export interface MatmulTile {
  readonly rows: number;
  readonly columns: number;
  /** Steps of k that are brought in at once, a multiple of 4. */
  readonly depth: number;
  /** Rows of C an invocation makes, a multiple of 4. */
  readonly perRows: number;
  readonly perColumns: number;
}

/**
 * The table of tiles. Flat ones are for a C of few rows or columns, small ones
 * for a C that would otherwise keep only a part of the GPU busy.
 */
export const MATMUL_TILES = {
  flat: { rows: 8, columns: 128, depth: 16, perRows: 4, perColumns: 4 },
  tall: { rows: 128, columns: 8, depth: 16, perRows: 4, perColumns: 4 },
  small: { rows: 32, columns: 32, depth: 16, perRows: 4, perColumns: 4 },
  middle: { rows: 64, columns: 64, depth: 16, perRows: 4, perColumns: 4 },
  dense: { rows: 64, columns: 64, depth: 16, perRows: 8, perColumns: 8 },
  high: { rows: 128, columns: 64, depth: 16, perRows: 8, perColumns: 4 },
  wide: { rows: 64, columns: 128, depth: 16, perRows: 4, perColumns: 8 },
  large: { rows: 128, columns: 128, depth: 8, perRows: 8, perColumns: 8 },
  deep: { rows: 128, columns: 128, depth: 16, perRows: 8, perColumns: 8 },
} as const satisfies Record<string, MatmulTile>;

/** Names of tiles. */
export type MatmulTileName = keyof typeof MATMUL_TILES;

/** Invocations of a workgroup. */
export function tileInvocations(t: MatmulTile): number {
  return (t.rows / t.perRows) * (t.columns / t.perColumns);
}

/** Type of the factors in shared memory. */
export type TileFactor = "f32" | "f16";

/** Bytes of shared memory that a workgroup takes. */
export function tileBytes(
  { rows, columns, depth }: MatmulTile,
  factor: TileFactor,
): number {
  const bytes = factor === "f16" ? 2 : 4;
  return bytes * depth * (rows + 4 + columns + 4);
}

/**
 * WGSL that brings an operand's piece into its tile of `size` rows or columns,
 * as vectors of that type. Invocation `shift` is the first to work.
 */
function stage(
  name: "A" | "B",
  isKInside: boolean,
  size: number,
  tile: MatmulTile,
  vector: string,
  shift: number,
): string {
  const { depth } = tile;
  const lanes = tileInvocations(tile);
  const pitch = size / 4 + 1;
  const [edge, corner] = name === "A" ? ["p.m", "top"] : ["p.n", "left"];
  const units = isKInside ? (size / 4) * (depth / 4) : (size / 4) * depth;
  const lane = shift === 0 ? "lane" : `(lane + ${lanes - shift}u) % ${lanes}u`;
  const loop = `for (var t = ${lane}; t < ${units}u; t += ${lanes}u)`;
  if (!isKInside) {
    return `${loop} {
      let q = t % ${size / 4}u; let k = t / ${size / 4}u;
      tile${name}[k * ${pitch}u + q] = ${vector}(fetch${name}(
        base${name}, ${edge}, k0 + k, ${corner} + q * 4u, last, ${edge}));
    }`;
  }
  return `${loop} {
      let k = (t % ${depth / 4}u) * 4u; let q = t / ${depth / 4}u;
      ${
    unroll(4, (i) =>
      `let v${i} = fetch${name}(base${name}, p.k, ${corner} + q * 4u + ${i}u,
        k0 + k, ${edge}, last);`)
  }
      ${
    unroll(4, (i) =>
      `tile${name}[(k + ${i}u) * ${pitch}u + q] =
        ${vector}(vec4f(v0[${i}], v1[${i}], v2[${i}], v3[${i}]));`)
  }
    }`;
}

/** The kernel of a tile; reads and writes whole vectors, or single numbers. */
function tiledText(
  tile: MatmulTile,
  factor: TileFactor,
  layout: string,
  isVector: boolean,
) {
  const vector = factor === "f16" ? "vec4h" : "vec4f";
  const { rows, columns, depth, perRows, perColumns } = tile;
  const [lanesM, lanesN] = [rows / perRows, columns / perColumns];
  const [vectorsM, vectorsN] = [perRows / 4, perColumns / 4];
  const [pitchA, pitchB] = [rows / 4 + 1, columns / 4 + 1];
  const isKInsideA = layout[0] === "N", isKInsideB = layout[1] === "T";
  const unitsA = (rows / 4) * (isKInsideA ? depth / 4 : depth);
  // B starts at the invocations that A leaves idle.
  const shift = unitsA % (lanesM * lanesN);
  const each = (text: (row: number, j: number) => string) =>
    unroll(
      perRows,
      (row) =>
        Array.from({ length: vectorsN }, (_, j) => text(row, j)).join(""),
    );
  return /* wgsl */ `
var<workgroup> tileA: array<${vector}, ${depth * pitchA}>;
var<workgroup> tileB: array<${vector}, ${depth * pitchB}>;
${fetchFunctions(isVector)}
${storeFunction(isVector)}
fn kernel(group: u32, lane: u32) {
  ${tilePlace(rows, columns)}
  let r = lane / ${lanesN}u;
  let s = lane % ${lanesN}u;
  ${each((row, j) => `var c${row}_${j} = vec4f(); `)}
  for (var k0 = first; k0 < last; k0 += ${depth}u) {
    ${stage("A", isKInsideA, rows, tile, vector, 0)}
    ${stage("B", isKInsideB, columns, tile, vector, shift)}
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
      ${
    unroll(
      vectorsM,
      (i) => `let a${i} = vec4f(tileA[k * ${pitchA}u + r + ${i * lanesM}u]);`,
    )
  }
      ${
    unroll(
      vectorsN,
      (j) => `let b${j} = vec4f(tileB[k * ${pitchB}u + s + ${j * lanesN}u]);`,
    )
  }
      ${
    each((row, j) =>
      `c${row}_${j} = fma(vec4f(a${row >> 2}[${
        row & 3
      }]), b${j}, c${row}_${j}); `
    )
  }
    }
    workgroupBarrier();
  }
  ${
    each((row, j) =>
      `storeC(baseC, top + (r + ${(row >> 2) * lanesM}u) * 4u + ${row & 3}u,
      left + (s + ${j * lanesN}u) * 4u, c${row}_${j}); `
    )
  }
}`;
}

const kernels = new Map<string, MatmulKernel>();

/**
 * The variant of a tile for these sizes: "matmulTiled", the tile's name, f16
 * where factors are rounded to it, the layout, and a 4 where vectors are whole.
 */
export function tiledVariant(
  tileName: MatmulTileName,
  sizes: MatmulSizes,
  factor: TileFactor = "f32",
): MatmulVariant {
  const tile = MATMUL_TILES[tileName];
  const { rows, columns, depth } = tile;
  const layout = matmulLayout(sizes), isVector = hasWholeVectors(sizes);
  const isHalf = factor === "f16";
  const name = `matmulTiled_${tileName}_${isHalf ? "f16_" : ""}${layout}` +
    (isVector ? "4" : "");
  let kernel = kernels.get(name);
  if (!kernel) {
    kernel = defineKernel({
      name,
      buffers: matmulBuffers(isVector),
      params: MATMUL_PARAMS,
      workgroupSize: tileInvocations(tile),
      wgsl: tiledText(tile, factor, layout, isVector),
      ...(isHalf && { directives: "enable f16;" }),
    });
    kernels.set(name, kernel);
  }
  return { kernel, rows, columns, depth };
}
