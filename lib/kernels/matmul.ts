/**
 * Batched matrix product, C[b] = op(A[b]) op(B[b]), without transposed copies.
 *
 *     C[b, m, n] = Σ_k A[b, m, k] B[b, k, n]
 *
 * A is stored (M, K), or (K, M) when transposed; B is (K, N), or (N, K); C is
 * (M, N). A batch stride of 0 uses one matrix for the whole batch.
 *
 * Variants on WebGPU (the chooser is `chooseVariant`):
 * - `matmulScalar`: any shape; 4 x 4 outputs an invocation.
 * - `matmulVec4NN`, `NT`, `TN`: sizes that are multiples of 4 where vectors lie;
 *   4 x 8 outputs an invocation, vec4 loads. About 4 times the scalar rate on
 *   a software driver.
 *
 * @module
 */
import {
  defineKernel,
  type Device,
  type DeviceBuffer,
  type Kernel,
} from "../device/mod.ts";

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

/** The formula in plain loops. */
export function matmulReference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  s: MatmulSizes,
): Float64Array {
  const c = new Float64Array(s.batch * s.m * s.n);
  for (let batch = 0; batch < s.batch; batch++) {
    for (let m = 0; m < s.m; m++) {
      for (let n = 0; n < s.n; n++) {
        let sum = 0;
        for (let k = 0; k < s.k; k++) {
          const i = s.transposeA ? k * s.m + m : m * s.k + k;
          const j = s.transposeB ? n * s.k + k : k * s.n + n;
          sum += a[batch * s.strideA + i]! * b[batch * s.strideB + j]!;
        }
        c[(batch * s.m + m) * s.n + n] = sum;
      }
    }
  }
  return c;
}

const PARAMS = {
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
} as const;

/** Rows and columns of a workgroup's tile: 8 x 8 invocations. */
const SCALAR_TILE = { rows: 32, columns: 32 };
const VEC4_TILE = { rows: 32, columns: 64 };

/** Place of an invocation in C; the same head for every variant. */
function head(tile: { rows: number; columns: number }): string {
  return `
  let tilesN = (p.n + ${tile.columns - 1}u) / ${tile.columns}u;
  let tiles = tilesN * ((p.m + ${tile.rows - 1}u) / ${tile.rows}u);
  let batch = group / tiles;
  if (batch >= p.batch) { return; }
  let tile = group % tiles;
  let row = (tile / tilesN) * ${tile.rows}u + (lane / 8u) * ${tile.rows / 8}u;
  let column = (tile % tilesN) * ${tile.columns}u
    + (lane % 8u) * ${tile.columns / 8}u;
  let baseA = batch * p.strideA;
  let baseB = batch * p.strideB;
  let baseC = batch * p.m * p.n;
  if (row >= p.m || column >= p.n) { return; }`;
}

const matmulScalar = defineKernel({
  name: "matmul",
  buffers: { a: "read f32", b: "read f32", c: "write f32" },
  params: PARAMS,
  workgroupSize: 64,
  cpu: {
    family: "matmul",
    source: new URL("./cpu/matmul.ts", import.meta.url),
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  ${head(SCALAR_TILE)}
  let stepA = select(1u, p.m, p.transposeA == 1u);
  let rowA = select(p.k, 1u, p.transposeA == 1u);
  let stepB = select(p.n, 1u, p.transposeB == 1u);
  let columnB = select(1u, p.k, p.transposeB == 1u);
  var sums: array<vec4f, 4>;
  // Rows and columns past the end repeat the last one and are not stored.
  var rows: array<u32, 4>;
  var columns: vec4u;
  for (var i = 0u; i < 4u; i++) {
    rows[i] = baseA + min(row + i, p.m - 1u) * rowA;
    columns[i] = baseB + min(column + i, p.n - 1u) * columnB;
  }
  for (var k = 0u; k < p.k; k++) {
    let at = columns + vec4u(k * stepB);
    let y = vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
    for (var i = 0u; i < 4u; i++) {
      sums[i] = fma(vec4f(a[rows[i] + k * stepA]), y, sums[i]);
    }
  }
  for (var i = 0u; i < min(4u, p.m - row); i++) {
    for (var j = 0u; j < min(4u, p.n - column); j++) {
      c[baseC + (row + i) * p.n + column + j] = sums[i][j];
    }
  }
}`,
});

/** Text repeated for i in 0..n-1. */
function unroll(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join("\n    ");
}

const LANES = ["x", "y", "z", "w"];

/**
 * Four rows of C by two vectors of columns. `body` adds the products of one
 * step of four k (or of one k when A is transposed) to `c<i>_<j>`.
 */
function vec4Kernel(
  layout: "NN" | "NT" | "TN",
  body: string,
): Kernel<"a" | "b" | "c", keyof typeof PARAMS> {
  return defineKernel({
    name: `matmulVec4${layout}`,
    buffers: { a: "read vec4f", b: "read vec4f", c: "write vec4f" },
    params: PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  ${head(VEC4_TILE)}
  let k4 = p.k / 4u;
  let n4 = p.n / 4u;
  let m4 = p.m / 4u;
  let q = column / 4u;
  let hasTwo = q + 1u < n4;
  let second = select(0u, 1u, hasTwo); // the last vector may stand alone
  ${unroll(4, (i) => `let row${i} = min(row + ${i}u, p.m - 1u);`)}
  ${unroll(4, (i) => `var c${i}_0 = vec4f(); var c${i}_1 = vec4f();`)}
  ${body}
  ${
      unroll(4, (i) =>
        `if (row + ${i}u < p.m) {
      let to = baseC / 4u + (row + ${i}u) * n4 + q;
      c[to] = c${i}_0;
      if (hasTwo) { c[to + 1u] = c${i}_1; }
    }`)
    }
}`,
  });
}

const matmulVec4NN = vec4Kernel(
  "NN",
  `for (var k = 0u; k < k4; k++) {
    ${unroll(4, (i) => `let a${i} = a[baseA / 4u + row${i} * k4 + k];`)}
    ${
    unroll(4, (u) =>
      `{ let at = baseB / 4u + (k * 4u + ${u}u) * n4 + q;
      let b0 = b[at]; let b1 = b[at + second];
      ${
        unroll(4, (i) =>
          `c${i}_0 = fma(vec4f(a${i}.${LANES[u]}), b0, c${i}_0);
        c${i}_1 = fma(vec4f(a${i}.${LANES[u]}), b1, c${i}_1);`)
      } }`)
  }
  }`,
);

const matmulVec4TN = vec4Kernel(
  "TN",
  `for (var k = 0u; k < p.k; k++) {
    let rows = a[baseA / 4u + k * m4 + row / 4u];
    let at = baseB / 4u + k * n4 + q;
    let b0 = b[at]; let b1 = b[at + second];
    ${
    unroll(4, (i) =>
      `c${i}_0 = fma(vec4f(rows.${LANES[i]}), b0, c${i}_0);
    c${i}_1 = fma(vec4f(rows.${LANES[i]}), b1, c${i}_1);`)
  }
  }`,
);

const matmulVec4NT = vec4Kernel(
  "NT",
  `${
    unroll(8, (j) =>
      `let column${j} = baseB / 4u + min(column + ${j}u, p.n - 1u) * k4;`)
  }
  for (var k = 0u; k < k4; k++) {
    ${unroll(4, (i) => `let a${i} = a[baseA / 4u + row${i} * k4 + k];`)}
    ${
    unroll(8, (j) =>
      `{ let bj = b[column${j} + k];
      ${
        unroll(4, (i) => `c${i}_${j >> 2}.${LANES[j & 3]} += dot(a${i}, bj);`)
      } }`)
  }
  }`,
);

/** The fastest WGSL variant that takes these sizes. */
function chooseVariant(s: MatmulSizes) {
  const fits = (...sizes: number[]) => sizes.every((size) => size % 4 === 0);
  if (fits(s.n, s.k, s.strideA, s.strideB)) {
    if (!s.transposeA && !s.transposeB) return matmulVec4NN;
    if (!s.transposeA) return matmulVec4NT;
  }
  const isTN = s.transposeA && !s.transposeB;
  if (isTN && fits(s.m, s.n, s.strideA, s.strideB)) return matmulVec4TN;
  return matmulScalar;
}

/** Bytes of packed panels; GEMM_SCRATCH of cpu/gemm.ts. */
export const GEMM_SCRATCH = 4 * (192 * 256 + 1024 * 256 + 32);

/** Ranges that the CPU cuts a product into, so that every thread has some. */
const CPU_BLOCKS = 8;

/** Size of a block: the size over `parts`, a multiple of 8, at least 64. */
function blockSize(size: number, parts: number): number {
  return Math.max(64, Math.ceil(size / parts / 8) * 8);
}

/** C = op(A) op(B); see the head of this file for the layouts. */
export function matmul(
  device: Device,
  buffers: { a: DeviceBuffer; b: DeviceBuffer; c: DeviceBuffer },
  sizes: MatmulSizes,
  variant?: "scalar",
): void {
  const { batch, m, n, k } = sizes;
  const isScalar = device.kind === "cpu" || variant === "scalar";
  const kernel = isScalar ? matmulScalar : chooseVariant(sizes);
  const tile = kernel === matmulScalar ? SCALAR_TILE : VEC4_TILE;
  // The CPU cuts the longer side, so that the other operand is packed once.
  const parts = Math.ceil(CPU_BLOCKS / batch);
  const blockM = m >= n ? blockSize(m, parts) : m;
  const blockN = m >= n ? n : blockSize(n, parts);
  device.run(kernel, buffers, {
    m,
    n,
    k,
    transposeA: Number(sizes.transposeA),
    transposeB: Number(sizes.transposeB),
    strideA: sizes.strideA,
    strideB: sizes.strideB,
    blockM,
    blockN,
    batch,
  }, {
    groups: batch * Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns),
    items: batch * Math.ceil(m / blockM) * Math.ceil(n / blockN),
    work: batch * m * n * k,
    scratch: GEMM_SCRATCH,
  });
}
