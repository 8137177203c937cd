/**
 * What all variants of the matrix product share: its sizes, the parameters
 * that every kernel takes, and the record that describes a variant.
 *
 * @module
 */
import type { Kernel } from "../device/mod.ts";

/** Sizes of one batched product; strides in elements. */
export interface MatmulSizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly strideA: number;
  readonly strideB: number;
}

/** Parameters of every variant; the CPU's kernel reads the first ten. */
export const MATMUL_PARAMS = {
  m: "u32",
  n: "u32",
  k: "u32",
  transposeA: "u32",
  transposeB: "u32",
  strideA: "u32",
  strideB: "u32",
  blockM: "u32",
  blockN: "u32",
  batch: "u32",
  parts: "u32",
  partK: "u32",
} as const;

/** A kernel that multiplies. */
export type MatmulKernel = Kernel<"a" | "b" | "c", keyof typeof MATMUL_PARAMS>;

/** One way to multiply on WebGPU. */
export interface MatmulVariant {
  readonly kernel: MatmulKernel;
  /** Rows of C that a workgroup makes. */
  readonly rows: number;
  /** Columns of C that a workgroup makes. */
  readonly columns: number;
  /** Steps of k that the kernel takes at once. */
  readonly depth: number;
}

/** "NN", "NT", "TN" or "TT": which operands are stored transposed. */
export function matmulLayout(s: MatmulSizes): string {
  return (s.transposeA ? "T" : "N") + (s.transposeB ? "T" : "N");
}

/** Whether every row of A, B and C is made of whole vectors of four. */
export function hasWholeVectors(s: MatmulSizes): boolean {
  const rowA = s.transposeA ? s.m : s.k, rowB = s.transposeB ? s.k : s.n;
  return [rowA, rowB, s.n, s.strideA, s.strideB].every((x) => x % 4 === 0);
}

/** Text for each of 0 … n-1, a line each. */
export function unroll(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join("\n    ");
}

/**
 * WGSL that finds the place of a workgroup: `slab` is its C (one for each part
 * of k and product of the batch), `first` … `last` are its k, `top` and `left`
 * the corner of its tile, and `baseA`, `baseB`, `baseC` are offsets in elements.
 */
export function tilePlace(rows: number, columns: number): string {
  return `let tilesN = (p.n + ${columns - 1}u) / ${columns}u;
  let tiles = tilesN * ((p.m + ${rows - 1}u) / ${rows}u);
  let slab = group / tiles;
  if (slab >= p.parts * p.batch) { return; }
  let first = (slab / p.batch) * p.partK;
  let last = min(p.k, first + p.partK);
  let top = ((group % tiles) / tilesN) * ${rows}u;
  let left = ((group % tiles) % tilesN) * ${columns}u;
  let baseA = (slab % p.batch) * p.strideA;
  let baseB = (slab % p.batch) * p.strideB;
  let baseC = slab * p.m * p.n;`;
}

/**
 * WGSL of `fetchA` and `fetchB`: four neighbours of a row of the stored matrix,
 * zeros past its end. `row` and `column` count in the stored matrix of
 * `rowLength` elements a row.
 */
export function fetchFunctions(isVector: boolean): string {
  return ["a", "b"].map((name) => {
    const body = isVector
      ? `if (row >= rows || column >= columns) { return vec4f(); }
  return ${name}[(base + row * rowLength + column) / 4u];`
      : `var v = vec4f();
  if (row >= rows) { return v; }
  let at = base + row * rowLength + column;
  ${
        unroll(4, (i) =>
          `if (column + ${i}u < columns) { v[${i}] = ${name}[at + ${i}u]; }`)
      }
  return v;`;
    return `
fn fetch${name.toUpperCase()}(base: u32, rowLength: u32, row: u32, column: u32,
  rows: u32, columns: u32) -> vec4f {
  ${body}
}`;
  }).join("");
}

/** WGSL of `storeC`: four neighbours of row `row` of C, inside of it. */
export function storeFunction(isVector: boolean): string {
  const body = isVector
    ? `if (row < p.m && column < p.n) {
    c[(base + row * p.n + column) / 4u] = v;
  }`
    : `if (row >= p.m) { return; }
  let at = base + row * p.n + column;
  ${
      unroll(4, (i) =>
        `if (column + ${i}u < p.n) { c[at + ${i}u] = v[${i}]; }`)
    }`;
  return `
fn storeC(base: u32, row: u32, column: u32, v: vec4f) {
  ${body}
}`;
}

/** Buffer types of a kernel that reads and writes whole vectors, or not. */
export function matmulBuffers(isVector: boolean) {
  return isVector
    ? { a: "read vec4f", b: "read vec4f", c: "write vec4f" } as const
    : { a: "read f32", b: "read f32", c: "write f32" } as const;
}
