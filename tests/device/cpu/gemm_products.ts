/**
 * Products of one thread against plain loops in double precision, for tests of
 * the register tiles and of the system's BLAS.
 *
 * Tolerance: k products of numbers of size 1, each rounded to 24 bits, leave
 * about sqrt(k) 6e-8, whatever the order of the sums.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Sgemm } from "../../../lib/device/cpu/blas.ts";
import { gemmWith } from "../../../lib/device/cpu/choose_tile.ts";
import type { Tile } from "../../../lib/device/cpu/tile.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomData } from "../../support/kernel_buffers.ts";

/** Where the kernels' files lie. */
export const KERNELS = new URL("../../../lib/kernels/cpu/", import.meta.url);

/** m, n, k: one, less than a tile, edges, more than one block of each. */
const SIZES = [
  [1, 1, 1],
  [3, 5, 7],
  [24, 32, 16],
  [37, 29, 300],
  [13, 70, 9],
  [200, 48, 40],
  [17, 1030, 30],
] as const;

/** Floats between rows of C that no product may touch. */
const GAP = 3;

/** How far a product may be off; see the head of this file. */
export function productTolerance(k: number) {
  return { atol: 1.2e-6 * Math.sqrt(k), rtol: 1e-6 };
}

/** Memory for these tests: 16 MiB, shared. */
export function productMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
}

/** Checks all sizes, layouts, and C = A B as well as C += A B. */
export async function checkProducts(
  tile: Tile,
  memory: WebAssembly.Memory,
  sgemm?: Sgemm,
): Promise<void> {
  const gemm = await gemmWith(tile, KERNELS, memory, sgemm);
  const floats = new Float32Array(memory.buffer);
  const [scratch, a, b, c] = [1 << 20, 4 << 20, 6 << 20, 8 << 20];
  for (const [m, n, k] of SIZES) {
    const dataA = randomData(m * k, 1), dataB = randomData(k * n, 2);
    floats.set(dataA, a / 4);
    floats.set(dataB, b / 4);
    const width = n + GAP;
    const old = randomData(m * width, 3);
    for (const layout of ["NN", "NT", "TN", "TT"]) {
      const [rowA, colA] = layout[0] === "N" ? [k, 1] : [1, m];
      const [rowB, colB] = layout[1] === "N" ? [n, 1] : [1, k];
      for (const accumulate of [0, 1]) {
        const expected = Float64Array.from(old);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = accumulate * old[i * width + j]!;
            for (let l = 0; l < k; l++) {
              sum += dataA[i * rowA + l * colA]! * dataB[l * rowB + j * colB]!;
            }
            expected[i * width + j] = sum;
          }
        }
        floats.set(old, c / 4);
        gemm(
          ...[m, n, k] as const,
          ...[a, 4 * rowA, 4 * colA] as const,
          ...[b, 4 * rowB, 4 * colB] as const,
          ...[c, 4 * width, accumulate, scratch] as const,
        );
        const actual = floats.slice(c / 4, c / 4 + m * width);
        assertClose(actual, expected, {
          ...productTolerance(k),
          name: `${m}x${n}x${k} ${layout} ${accumulate ? "+=" : "="}`,
        });
        for (let i = 0; i < m; i++) {
          const gap = actual.subarray(i * width + n, (i + 1) * width);
          assert.deepEqual(gap, old.subarray(i * width + n, (i + 1) * width));
        }
      }
    }
  }
}
