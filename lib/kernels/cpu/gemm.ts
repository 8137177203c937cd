/**
 * Single-precision matrix product of one thread, on operands of any layout:
 * C (M, N) = or += A (M, K) times B (K, N).
 *
 * A and B are packed into panels of MR rows and NR columns, K in blocks of KC,
 * so that the inner loop reads memory in order (Goto and van de Geijn, 2008,
 * "Anatomy of high-performance matrix multiplication"). The register tile is
 * 4 x 8: one load brings four values of A, spread by shuffles, since every
 * load is checked against the memory's bounds in code.
 * AssemblyScript; imported by the kernel families.
 */
import { fma4 } from "./math";

const MR: i32 = 4;
const NR: i32 = 8;
const KC: i32 = 256;
const MC: i32 = 192;
const NC: i32 = 1024;

/** Scratch bytes that {@link gemm} needs: packed A, packed B, one tile. */
export const GEMM_SCRATCH: usize = ((MC * KC + NC * KC + MR * NR) as usize) << 2;

/** Tile (4, 8) at c = or += panels a (k, 4) and b (k, 8); row step in bytes. */
function tile(
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  step: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let i = 0; i < k; i++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const rows = v128.load(a);
    let x = v128.shuffle<f32>(rows, rows, 0, 0, 0, 0);
    c00 = fma4(x, b0, c00);
    c01 = fma4(x, b1, c01);
    x = v128.shuffle<f32>(rows, rows, 1, 1, 1, 1);
    c10 = fma4(x, b0, c10);
    c11 = fma4(x, b1, c11);
    x = v128.shuffle<f32>(rows, rows, 2, 2, 2, 2);
    c20 = fma4(x, b0, c20);
    c21 = fma4(x, b1, c21);
    x = v128.shuffle<f32>(rows, rows, 3, 3, 3, 3);
    c30 = fma4(x, b0, c30);
    c31 = fma4(x, b1, c31);
    a += 16;
    b += 32;
  }
  const d = c + step, e = d + step, f = e + step;
  if (accumulate) {
    c00 = f32x4.add(v128.load(c), c00);
    c01 = f32x4.add(v128.load(c, 16), c01);
    c10 = f32x4.add(v128.load(d), c10);
    c11 = f32x4.add(v128.load(d, 16), c11);
    c20 = f32x4.add(v128.load(e), c20);
    c21 = f32x4.add(v128.load(e, 16), c21);
    c30 = f32x4.add(v128.load(f), c30);
    c31 = f32x4.add(v128.load(f, 16), c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(d, c10);
  v128.store(d, c11, 16);
  v128.store(e, c20);
  v128.store(e, c21, 16);
  v128.store(f, c30);
  v128.store(f, c31, 16);
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
    for (let i = 0; i < k; i++) {
      for (let w: usize = 0; w < row; w += 16) {
        v128.store(to + w, v128.load(from + w));
      }
      from += stepK;
      to += row;
    }
  } else if (lanes == width && stepK == 4) {
    for (let w = 0; w < width; w += 4) { // 4 x 4 transposes
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
