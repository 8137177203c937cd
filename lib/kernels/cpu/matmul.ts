/**
 * Batched matrix product; see lib/kernels/matmul.ts. An item is one block of
 * one product of the batch; neighbours are computed as one, so that their
 * common operand is packed once. AssemblyScript.
 */
import { fourDots } from "./dots";
import { gemm } from "./gemm";

/** Rows of A below which packing B costs more than it brings. */
const FEW_ROWS: i32 = 4;

/**
 * C (m, n) = A (m, k) B (n, k)ᵀ for few rows, by dot products: B is read once
 * and not packed. That is generation, which waits for memory: four rows of B
 * are read side by side, since more streams keep more of it in flight.
 */
function dots(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  rowC: usize,
): void {
  const row = (k as usize) << 2;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    for (let i = 0; i < m; i++) {
      const x = a + (i as usize) * row;
      v128.store(
        c + (i as usize) * rowC + ((j as usize) << 2),
        fourDots(row, x, b, b + row, b + 2 * row, b + 3 * row),
      );
    }
    b += 4 * row;
  }
  for (; j < n; j++) {
    for (let i = 0; i < m; i++) {
      const x = a + (i as usize) * row;
      const dot = f32x4.extract_lane(fourDots(row, x, b, b, b, b), 0);
      store<f32>(c + (i as usize) * rowC + ((j as usize) << 2), dot);
    }
    b += row;
  }
}

export function matmul(
  args: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const a = load<usize>(args), b = load<usize>(args, 4);
  const c = load<usize>(args, 8);
  const m = load<i32>(args, 12), n = load<i32>(args, 16);
  const k = load<i32>(args, 20);
  const transposeA = load<i32>(args, 24), transposeB = load<i32>(args, 28);
  const strideA = load<i32>(args, 32), strideB = load<i32>(args, 36);
  const blockM = load<i32>(args, 40), blockN = load<i32>(args, 44);
  const rowA: usize = transposeA ? 4 : (k as usize) << 2;
  const colA: usize = transposeA ? (m as usize) << 2 : 4;
  const rowB: usize = transposeB ? 4 : (n as usize) << 2;
  const colB: usize = transposeB ? (k as usize) << 2 : 4;
  const rowC = (n as usize) << 2;
  const blocksN = (n + blockN - 1) / blockN;
  const blocks = blocksN * ((m + blockM - 1) / blockM);
  for (let item = begin; item < end;) {
    const batch = item / blocks, block = item % blocks;
    const count = min(end - item, blocks - block); // one of the sides is whole
    const m0 = (block / blocksN) * blockM, n0 = (block % blocksN) * blockN;
    const rows = blocksN == 1 ? min(count * blockM, m - m0) : m;
    const columns = blocksN == 1 ? n : min(count * blockN, n - n0);
    const fromA = a + (((batch as usize) * (strideA as usize)) << 2) +
      (m0 as usize) * rowA;
    const fromB = b + (((batch as usize) * (strideB as usize)) << 2) +
      (n0 as usize) * colB;
    const to = c + (((batch as usize) * (m as usize) * (n as usize)) << 2) +
      (m0 as usize) * rowC + ((n0 as usize) << 2);
    item += count;
    if (m < FEW_ROWS && transposeB && !transposeA) {
      dots(rows, columns, k, fromA, fromB, to, rowC);
      continue;
    }
    gemm(
      rows, columns, k,
      fromA, rowA, colA,
      fromB, rowB, colB,
      to, rowC, false, scratch,
    );
  }
}
