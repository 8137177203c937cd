/**
 * Batched matrix product; see lib/kernels/matmul.ts. An item is one block of
 * one product of the batch. AssemblyScript.
 */
import { gemm } from "./gemm";

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
  for (let item = begin; item < end; item++) {
    const batch = item / blocks, block = item % blocks;
    const m0 = (block / blocksN) * blockM, n0 = (block % blocksN) * blockN;
    gemm(
      min(blockM, m - m0),
      min(blockN, n - n0),
      k,
      a + (((batch as usize) * (strideA as usize)) << 2) +
        (m0 as usize) * rowA,
      rowA,
      colA,
      b + (((batch as usize) * (strideB as usize)) << 2) +
        (n0 as usize) * colB,
      rowB,
      colB,
      c + (((batch as usize) * (m as usize) * (n as usize)) << 2) +
        (m0 as usize) * rowC + ((n0 as usize) << 2),
      rowC,
      false,
      scratch,
    );
  }
}
