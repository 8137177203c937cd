/**
 * Batched matrix product, C[b] = op(A[b]) op(B[b]), without transposed copies.
 *
 *     C[b, m, n] = Σ_k A[b, m, k] B[b, k, n]
 *
 * A is stored (M, K), or (K, M) when transposed; B is (K, N), or (N, K); C is
 * (M, N). A batch stride of 0 uses one matrix for the whole batch.
 *
 * The CPU's kernel and the plain WGSL ones are in `matmul_direct.ts`, the tiled
 * ones in `matmul_tiled.ts`, those for matrix units in `matmul_matrix.ts`; which
 * one runs is decided in `matmul_choose.ts`.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import { chooseMatmul, type MatmulPrecision } from "./matmul_choose.ts";
import { matmulScalar } from "./matmul_direct.ts";
import {
  type MatmulBuffers,
  runMatmulVariant,
  splitParts,
} from "./matmul_launch.ts";
import type { MatmulSizes, MatmulVariant } from "./matmul_variant.ts";

export type { MatmulPrecision, MatmulSizes };

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

/** Bytes of packed panels; GEMM_SCRATCH of cpu/gemm.ts. */
export const GEMM_SCRATCH = 4 * (192 * 256 + 1024 * 256 + 128);

/** Rows or columns of a block: what the CPU's threads share out. */
const CPU_BLOCK = 32;

/** How a product is computed. */
export interface MatmulLaunchOptions {
  /** What factors are rounded to; "float32" without it. */
  readonly precision?: MatmulPrecision;
  /** WebGPU: this variant and no other (tests and benches). */
  readonly variant?: MatmulVariant;
}

/** C = op(A) op(B); see the head of this file for the layouts. */
export function matmul(
  device: Device,
  buffers: MatmulBuffers,
  sizes: MatmulSizes,
  { precision = "float32", variant }: MatmulLaunchOptions = {},
): void {
  if (device.kind === "webgpu") {
    const chosen = variant ?? chooseMatmul(device, sizes, precision);
    const parts = device.isSoftware ? 1 : splitParts(sizes);
    runMatmulVariant(device, buffers, sizes, chosen, parts);
    return;
  }
  const { batch, m, n, k } = sizes;
  // The CPU cuts the longer side, so that little of the other is packed twice.
  const blockM = m >= n ? CPU_BLOCK : m;
  const blockN = m >= n ? n : CPU_BLOCK;
  device.run(matmulScalar, buffers, {
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
    parts: 1,
    partK: k,
  }, {
    groups: 0,
    items: batch * Math.ceil(m / blockM) * Math.ceil(n / blockN),
    work: batch * m * n * k,
    flops: 2 * batch * m * n * k,
    scratch: GEMM_SCRATCH,
  });
}
