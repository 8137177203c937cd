/**
 * Single-precision matrix product of one thread, on operands of any layout:
 * C (M, N) = or += A (M, K) times B (K, N).
 *
 * A and B are packed into panels of MR rows and NR columns, K in blocks of KC,
 * so that the inner loop reads memory in order (Goto and van de Geijn, 2008,
 * "Anatomy of high-performance matrix multiplication"). The register tile is
 * the one that lib/device/cpu/choose_tile.ts found to be fastest here. Where
 * the system has a BLAS, larger products go there.
 * AssemblyScript; imported by the kernel families.
 */
import { MR, NR, tile } from "./tile";

const KC: i32 = 256;
const MC: i32 = 192;
const NC: i32 = 1024;
/** Floats of the largest tile, and words for {@link sgemm}. */
const EDGE: i32 = 128;

/** Scratch bytes that {@link gemm} needs: packed A, packed B, one tile. */
export const GEMM_SCRATCH: usize = ((MC * KC + NC * KC + EDGE) as usize) << 2;

/**
 * The system's BLAS on the same memory, C = or += A B; false when there is
 * none. The words are those of {@link callBlas}.
 */
// @ts-ignore: decorator
@external("env", "sgemm")
declare function sgemm(words: usize, a: usize, b: usize, c: usize): bool;

/** Multiplications below which the call costs more than BLAS brings. */
const BLAS_WORK: i64 = 24 * 24 * 24;

/** The product by BLAS; false when there is none or the layout is not its. */
function callBlas(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  rowA: usize,
  colA: usize,
  b: usize,
  rowB: usize,
  colB: usize,
  c: usize,
  rowC: usize,
  accumulate: bool,
  words: usize,
): bool {
  // BLAS wants neighbours in one direction and rows that do not overlap.
  const plainA = colA == 4 && rowA >= (k as usize) << 2;
  const plainB = colB == 4 && rowB >= (n as usize) << 2;
  if (!plainA && (rowA != 4 || colA < (m as usize) << 2)) return false;
  if (!plainB && (rowB != 4 || colB < (k as usize) << 2)) return false;
  store<i32>(words, m);
  store<i32>(words, n, 4);
  store<i32>(words, k, 8);
  store<usize>(words, (plainA ? rowA : colA) >> 2, 12);
  store<usize>(words, (plainB ? rowB : colB) >> 2, 16);
  store<usize>(words, rowC >> 2, 20);
  store<i32>(words, plainA ? 78 : 84, 24); // "N" or "T"
  store<i32>(words, plainB ? 78 : 84, 28);
  store<f32>(words, 1, 32);
  store<f32>(words, accumulate ? 1 : 0, 36);
  return sgemm(words, a, b, c);
}

/**
 * Packs `lanes` (of `width`, the rest zero) for k steps: element (i, lane) lies
 * at from + i * stepK + lane * stepLane bytes.
 */
// @ts-ignore: decorator
@inline
function pack(
  from: usize,
  stepK: usize,
  stepLane: usize,
  k: i32,
  lanes: i32,
  width: i32,
  to: usize,
): void {
  const row = (width as usize) << 2;
  if (lanes == width && stepLane == 4) {
    const whole = row & ~15;
    for (let i = 0; i < k; i++) {
      for (let w: usize = 0; w < whole; w += 16) {
        v128.store(to + w, v128.load(from + w));
      }
      for (let w = whole; w < row; w += 4) {
        store<f32>(to + w, load<f32>(from + w));
      }
      from += stepK;
      to += row;
    }
  } else if (lanes == width && stepK == 4) {
    const whole = width & ~3;
    for (let w = 0; w < whole; w += 4) { // 4 x 4 transposes
      let p = from + (w as usize) * stepLane, q = to + ((w as usize) << 2);
      let i = 0;
      for (; i + 4 <= k; i += 4) {
        const r0 = v128.load(p), r1 = v128.load(p + stepLane);
        const r2 = v128.load(p + 2 * stepLane);
        const r3 = v128.load(p + 3 * stepLane);
        const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(q, v128.shuffle<f64>(t0, t1, 0, 2));
        v128.store(q + row, v128.shuffle<f64>(t0, t1, 1, 3));
        v128.store(q + 2 * row, v128.shuffle<f64>(t2, t3, 0, 2));
        v128.store(q + 3 * row, v128.shuffle<f64>(t2, t3, 1, 3));
        p += 16;
        q += 4 * row;
      }
      for (; i < k; i++) {
        for (let lane: usize = 0; lane < 4; lane++) {
          store<f32>(q + (lane << 2), load<f32>(p + lane * stepLane));
        }
        p += 4;
        q += row;
      }
    }
    for (let w = whole; w < width; w++) {
      const p = from + (w as usize) * stepLane, q = to + ((w as usize) << 2);
      for (let i: usize = 0; i < (k as usize); i++) {
        store<f32>(q + i * row, load<f32>(p + (i << 2)));
      }
    }
  } else {
    for (let i = 0; i < k; i++) {
      for (let w = 0; w < width; w++) {
        const p = from + (w as usize) * stepLane;
        store<f32>(to + ((w as usize) << 2), w < lanes ? load<f32>(p) : 0);
      }
      from += stepK;
      to += row;
    }
  }
}

/**
 * C (m, n) = or += A B.
 *
 * @param a address; rowA, colA: bytes between rows (m) and columns (k)
 * @param b address; rowB, colB: bytes between rows (k) and columns (n)
 * @param c address; rowC: bytes between rows, columns are neighbours
 * @param scratch GEMM_SCRATCH bytes
 */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  rowA: usize,
  colA: usize,
  b: usize,
  rowB: usize,
  colB: usize,
  c: usize,
  rowC: usize,
  accumulate: bool,
  scratch: usize,
): void {
  if ((m as i64) * (n as i64) * (k as i64) >= BLAS_WORK) {
    const words = scratch + GEMM_SCRATCH - (EDGE << 2);
    if (
      callBlas(
        m, n, k,
        a, rowA, colA,
        b, rowB, colB,
        c, rowC, accumulate, words,
      )
    ) return;
  }
  const packedA = scratch;
  const packedB = packedA + ((MC * KC) << 2);
  const edge = packedB + ((NC * KC) << 2);
  for (let n0 = 0; n0 < n; n0 += NC) {
    const nc = min(NC, n - n0);
    for (let k0 = 0; k0 < k; k0 += KC) {
      const kc = min(KC, k - k0);
      const adds = accumulate || k0 > 0;
      const fromB = b + (k0 as usize) * rowB + (n0 as usize) * colB;
      for (let j = 0; j < nc; j += NR) {
        pack(
          fromB + (j as usize) * colB,
          rowB,
          colB,
          kc,
          min(NR, nc - j),
          NR,
          packedB + ((j * kc) << 2),
        );
      }
      for (let m0 = 0; m0 < m; m0 += MC) {
        const mc = min(MC, m - m0);
        const fromA = a + (m0 as usize) * rowA + (k0 as usize) * colA;
        for (let i = 0; i < mc; i += MR) {
          pack(
            fromA + (i as usize) * rowA,
            colA,
            rowA,
            kc,
            min(MR, mc - i),
            MR,
            packedA + ((i * kc) << 2),
          );
        }
        for (let j = 0; j < nc; j += NR) {
          const panelB = packedB + ((j * kc) << 2);
          for (let i = 0; i < mc; i += MR) {
            const panelA = packedA + ((i * kc) << 2);
            const to = c + ((m0 + i) as usize) * rowC +
              (((n0 + j) as usize) << 2);
            if (i + MR <= mc && j + NR <= nc) {
              tile(kc, panelA, panelB, to, rowC, adds);
              continue;
            }
            tile(kc, panelA, panelB, edge, (NR as usize) << 2, false);
            const rows = min(MR, mc - i), columns = min(NR, nc - j);
            for (let y = 0; y < rows; y++) {
              for (let x = 0; x < columns; x++) {
                const p = to + (y as usize) * rowC + ((x as usize) << 2);
                const v = load<f32>(edge + (((y * NR + x) as usize) << 2));
                store<f32>(p, adds ? load<f32>(p) + v : v);
              }
            }
          }
        }
      }
    }
  }
}
