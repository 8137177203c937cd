/**
 * Products against plain loops in double precision. Tolerance: k products of
 * numbers of size 1, each rounded to 24 bits, leave about sqrt(k) 6e-8.
 */
import { matmul, matmulReference } from "../../lib/kernels/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

// m, n, k, batch: ones, odd, multiples of 4, larger than every tile
const SIZES: readonly [number, number, number, number][] = [
  [1, 1, 1, 1],
  [1, 7, 5, 2],
  [3, 1, 9, 1],
  [5, 7, 300, 1],
  [8, 12, 16, 3],
  [33, 68, 20, 2],
  [36, 40, 17, 1],
  [70, 130, 261, 1],
  [200, 72, 1, 1],
  [100, 1032, 260, 1],
];

for (const layout of ["NN", "NT", "TN", "TT"]) {
  deviceTest(`matmul() ${layout} equals plain loops`, async (device) => {
    for (const [m, n, k, batch] of SIZES) {
      const a = randomData(batch * m * k, 1);
      const b = randomData(batch * k * n, 2);
      const sizes = {
        batch,
        m,
        n,
        k,
        transposeA: layout[0] === "T",
        transposeB: layout[1] === "T",
        strideA: m * k,
        strideB: k * n,
      };
      const expected = matmulReference(a, b, sizes);
      for (const variant of [undefined, "scalar"] as const) {
        using buffers = new KernelBuffers(device);
        const c = buffers.empty(expected.length);
        const inputs = { a: buffers.put(a), b: buffers.put(b), c };
        matmul(device, inputs, sizes, variant);
        assertClose(await buffers.get(c), expected, {
          atol: 4e-7 * Math.sqrt(k) * 3,
          rtol: 1e-5,
          name: `${m}x${n}x${k} ${variant ?? "chosen"}`,
        });
      }
    }
  });
}

deviceTest("matmul() with stride 0 repeats one matrix", async (device) => {
  using buffers = new KernelBuffers(device);
  const [m, n, k, batch] = [4, 8, 12, 3];
  const a = randomData(batch * m * k);
  const b = randomData(k * n, 2);
  const sizes = {
    batch,
    m,
    n,
    k,
    transposeA: false,
    transposeB: false,
    strideA: m * k,
    strideB: 0,
  };
  const c = buffers.empty(batch * m * n);
  matmul(device, { a: buffers.put(a), b: buffers.put(b), c }, sizes);
  const expected = matmulReference(a, b, sizes);
  assertClose(await buffers.get(c), expected, { atol: 1e-5 });
});
