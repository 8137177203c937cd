/**
 * Matrix products without workgroup memory or barriers: each invocation reads
 * what it needs. The choice for software drivers, where barriers are dear, and
 * the plain version that the tiled variants are measured against.
 *
 * - `matmul`: any shape; 4 x 4 outputs an invocation; the CPU's kernel too.
 * - `matmulVec4NN`, `NT`, `TN`: sizes that are multiples of 4 where vectors lie;
 *   4 x 8 outputs an invocation. About 4 times the scalar rate on lavapipe.
 *
 * @module
 */
import { defineKernel } from "../device/mod.ts";
import {
  hasWholeVectors,
  MATMUL_PARAMS,
  matmulBuffers,
  type MatmulKernel,
  matmulLayout,
  type MatmulSizes,
  type MatmulVariant,
  tilePlace,
  unroll,
} from "./matmul_variant.ts";

/** Rows and columns of a workgroup's tile: 8 x 8 invocations. */
const SCALAR_TILE = { rows: 32, columns: 32 };
const VEC4_TILE = { rows: 32, columns: 64 };

/** Place of an invocation in C. */
function invocationPlace({ rows, columns }: typeof SCALAR_TILE): string {
  return `${tilePlace(rows, columns)}
  let row = top + (lane / 8u) * ${rows / 8}u;
  let column = left + (lane % 8u) * ${columns / 8}u;
  if (row >= p.m || column >= p.n) { return; }`;
}

/** The kernel for any shape, on both devices. */
export const matmulScalar: MatmulKernel = defineKernel({
  name: "matmul",
  buffers: matmulBuffers(false),
  params: MATMUL_PARAMS,
  workgroupSize: 64,
  cpu: {
    family: "matmul",
    source: new URL("./cpu/matmul.ts", import.meta.url),
  },
  wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  ${invocationPlace(SCALAR_TILE)}
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
  for (var k = first; k < last; k++) {
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

const LANES = ["x", "y", "z", "w"];

/**
 * Four rows of C by two vectors of columns. `body` adds the products of one
 * step of four k (or of one k when A is transposed) to `c<i>_<j>`.
 */
function vec4Kernel(layout: "NN" | "NT" | "TN", body: string): MatmulKernel {
  return defineKernel({
    name: `matmulVec4${layout}`,
    buffers: matmulBuffers(true),
    params: MATMUL_PARAMS,
    workgroupSize: 64,
    wgsl: /* wgsl */ `
fn kernel(group: u32, lane: u32) {
  ${invocationPlace(VEC4_TILE)}
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
  `for (var k = first / 4u; k < last / 4u; k++) {
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
  `for (var k = first; k < last; k++) {
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
  for (var k = first / 4u; k < last / 4u; k++) {
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

const SCALAR: MatmulVariant = {
  kernel: matmulScalar,
  ...SCALAR_TILE,
  depth: 1,
};
const VEC4: Readonly<Record<string, MatmulVariant>> = {
  NN: { kernel: matmulVec4NN, ...VEC4_TILE, depth: 4 },
  NT: { kernel: matmulVec4NT, ...VEC4_TILE, depth: 4 },
  TN: { kernel: matmulVec4TN, ...VEC4_TILE, depth: 4 },
};

/** The variant that takes any shape. */
export function scalarVariant(): MatmulVariant {
  return SCALAR;
}

/** The vectors of four where the sizes allow them, else the scalar variant. */
export function directVariant(s: MatmulSizes): MatmulVariant {
  return (hasWholeVectors(s) ? VEC4[matmulLayout(s)] : undefined) ?? SCALAR;
}
