/**
 * The matrix product on matrix units ("tensor cores"): workgroups stage pieces
 * of A and B in shared memory in the type that the units multiply, subgroups
 * multiply them into sums of single precision.
 *
 * Factors of f16 are rounded to 11 bits (and to infinity above 65,504); the
 * products and sums are not. Tiles keep the order in which an operand is
 * stored, the units read rows or columns as they come. Sums go through shared
 * memory to C, so that a tile may stand over the edge.
 *
 * A kernel is written in `matrix_words.ts`: natively for GPUs that list a shape
 * in their matrix units, in plain WGSL for tests.
 *
 * @module
 */
import { defineKernel, type GpuFacts, type MatrixUnit } from "../device/mod.ts";
import {
  emulatedMatrixWords,
  type FactorLayout,
  nativeMatrixWords,
} from "./matrix_words.ts";
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

/** Tile of a workgroup: subgroups, and what each of them makes. */
const TILES = {
  matrixSmall: { subgroups: [2, 2], perSubgroup: [32, 32] },
  matrixLarge: { subgroups: [2, 4], perSubgroup: [64, 32] },
} as const;

/** Names of tiles for matrix units. */
export type MatrixTileName = keyof typeof TILES;
export const MATRIX_TILE_NAMES = Object.keys(TILES) as MatrixTileName[];

/** Steps of k that are staged at once: a multiple of every unit's k. */
const DEPTH = 32;

/** A tile with its unit, and whether the unit is real. */
export interface MatrixChoice {
  readonly tile: MatrixTileName;
  readonly unit: MatrixUnit;
  readonly subgroupSize: number;
  /** Computes in plain WGSL what a unit would. */
  readonly isEmulated?: boolean;
}

/** Sizes that follow from a choice. */
function plan({ tile, unit, subgroupSize }: MatrixChoice) {
  const { subgroups: [down, across], perSubgroup: [high, wide] } = TILES[tile];
  return {
    rows: down * high,
    columns: across * wide,
    down: Math.ceil(high / unit.m),
    across: Math.ceil(wide / unit.n),
    subgroupsAcross: across,
    subgroups: down * across,
    lanes: down * across * subgroupSize,
    pad: unit.input === "f16" ? 8 : 4, // 16 bytes
    bytes: unit.input === "f16" ? 2 : 4,
  };
}

/** A tile (outer, inner) as the operand is stored, in elements. */
function tileOf(
  name: "A" | "B",
  isKInside: boolean,
  size: number,
  pad: number,
) {
  const [outer, inner] = isKInside ? [size, DEPTH] : [DEPTH, size];
  const factor: FactorLayout = {
    tile: `tile${name}`,
    pitch: inner + pad,
    isRowMajor: (name === "A") === isKInside,
  };
  return {
    name,
    isKInside,
    outer,
    inner,
    length: outer * (inner + pad),
    factor,
  };
}

/** Whether a GPU has the types and the room for a choice. */
export function fitsMatrixTile(choice: MatrixChoice, gpu: GpuFacts): boolean {
  const { unit } = choice;
  const { rows, columns, subgroups, lanes, pad, bytes } = plan(choice);
  // The larger of the two orders in which an operand may be stored.
  const most = (size: number) => size * DEPTH + pad * Math.max(size, DEPTH);
  const shared = bytes * (most(rows) + most(columns)) +
    4 * subgroups * unit.m * unit.n;
  const hasType = unit.input === "f32" || gpu.hasF16;
  return hasType && DEPTH % unit.k === 0 && lanes <= gpu.workgroupSize &&
    shared <= gpu.workgroupBytes;
}

/** WGSL that stages an operand; as in `matmul_tiled.ts`, without turning it. */
function stage(
  { name, isKInside, outer, inner, factor }: ReturnType<typeof tileOf>,
  input: MatrixUnit["input"],
  lanes: number,
): string {
  const [edge, corner] = name === "A" ? ["p.m", "top"] : ["p.n", "left"];
  const fetch = isKInside
    ? `fetch${name}(base${name}, p.k, ${corner} + row, k0 + column, ${edge}, last)`
    : `fetch${name}(base${name}, ${edge}, k0 + row, ${corner} + column, last, ${edge})`;
  return `for (var t = lane; t < ${outer * inner / 4}u; t += ${lanes}u) {
      let row = t / ${inner / 4}u; let column = (t % ${inner / 4}u) * 4u;
      let v = ${fetch};
      let at = row * ${factor.pitch}u + column;
      ${unroll(4, (i) => `${factor.tile}[at + ${i}u] = ${input}(v[${i}]);`)}
    }`;
}

/** Offset of an element of C's row or column and of k in an operand's tile. */
function offset(
  { isKInside, factor: { pitch } }: ReturnType<typeof tileOf>,
  place: string,
): string {
  return isKInside ? `(${place}) * ${pitch}u + k` : `k * ${pitch}u + ${place}`;
}

function matrixText(choice: MatrixChoice, layout: string, isVector: boolean) {
  const { unit: { input, m, n, k }, subgroupSize, isEmulated } = choice;
  const sizes = plan(choice);
  const a = tileOf("A", layout[0] === "N", sizes.rows, sizes.pad);
  const b = tileOf("B", layout[1] === "T", sizes.columns, sizes.pad);
  const words = (isEmulated ? emulatedMatrixWords : nativeMatrixWords)({
    unit: choice.unit,
    subgroupSize,
    patch: { tile: "patches", pitch: n },
  });
  const product = words.product("tile", a.factor, b.factor);
  const { down, across, lanes, subgroups, subgroupsAcross } = sizes;
  const each = (text: (i: number, j: number) => string) =>
    unroll(
      down,
      (i) =>
        Array.from({ length: across }, (_, j) => text(i, j)).join("\n    "),
    );
  const wgsl = /* wgsl */ `
var<workgroup> tileA: array<${input}, ${a.length}>;
var<workgroup> tileB: array<${input}, ${b.length}>;
var<workgroup> patches: array<f32, ${subgroups * m * n}>;
${words.declarations}${product.declarations}
${fetchFunctions(isVector)}
${storeFunction(isVector)}
// Copies a subgroup's stored sum to its place in C.
fn copyPatch(base: u32, row: u32, column: u32, patchAt: u32, lane: u32) {
  for (var t = lane % ${subgroupSize}u; t < ${
    m * n / 4
  }u; t += ${subgroupSize}u) {
    let at = patchAt + t * 4u;
    storeC(base, row + t / ${n / 4}u, column + (t % ${n / 4}u) * 4u,
      vec4f(patches[at], patches[at + 1u], patches[at + 2u], patches[at + 3u]));
  }
}
fn kernel(group: u32, lane: u32) {
  ${tilePlace(sizes.rows, sizes.columns)}
  ${words.begin}
  let subgroup = lane / ${subgroupSize}u;
  let r = (subgroup / ${subgroupsAcross}u) * ${down * m}u;
  let s = (subgroup % ${subgroupsAcross}u) * ${across * n}u;
  let patchAt = subgroup * ${m * n}u;
  ${each((i, j) => `var c${i}_${j} = Sum();`)}
  for (var k0 = first; k0 < last; k0 += ${DEPTH}u) {
    ${stage(a, input, lanes)}
    ${stage(b, input, lanes)}
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k += ${k}u) {
      ${
    unroll(
      down,
      (i) => `let a${i} = ${product.left(offset(a, `r + ${i * m}u`))};`,
    )
  }
      ${
    unroll(
      across,
      (j) => `let b${j} = ${product.right(offset(b, `s + ${j * n}u`))};`,
    )
  }
      ${each((i, j) => product.multiplyAdd(`a${i}`, `b${j}`, `c${i}_${j}`))}
    }
    workgroupBarrier();
  }
  ${
    each((i, j) =>
      `${words.store(`c${i}_${j}`, "patchAt")}
    workgroupBarrier();
    copyPatch(baseC, top + r + ${i * m}u, left + s + ${j * n}u, patchAt, lane);
    workgroupBarrier();`
    )
  }
}`;
  return { wgsl, directives: words.directives, workgroupSize: lanes };
}

const kernels = new Map<string, MatmulKernel>();

/** The variant of a choice for these sizes. */
export function matrixVariant(
  choice: MatrixChoice,
  sizes: MatmulSizes,
): MatmulVariant {
  const { tile, unit: { input, m, n, k }, subgroupSize, isEmulated } = choice;
  const { rows, columns } = plan(choice);
  const layout = matmulLayout(sizes), isVector = hasWholeVectors(sizes);
  const name = `matmul_${tile}_${input}_${m}x${n}x${k}_${subgroupSize}` +
    `_${layout}${isVector ? "4" : ""}${isEmulated ? "_emulated" : ""}`;
  let kernel = kernels.get(name);
  if (!kernel) {
    kernel = defineKernel({
      name,
      buffers: matmulBuffers(isVector),
      params: MATMUL_PARAMS,
      ...matrixText(choice, layout, isVector),
    });
    kernels.set(name, kernel);
  }
  return { kernel, rows, columns, depth: DEPTH };
}
