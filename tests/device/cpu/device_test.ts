/** What only the CPU device does: threads that share out the same sums. */
import assert from "node:assert/strict";
import { openDevice } from "../../../lib/device/mod.ts";
import { matmul } from "../../../lib/kernels/mod.ts";
import { KernelBuffers, randomData } from "../../support/kernel_buffers.ts";
import { withEnv } from "./with_env.ts";

/** A batch of products by that many threads of our own kernel. */
async function products(
  threads: number,
  [m, n, k, batch]: readonly [number, number, number, number],
): Promise<Float32Array> {
  const env = {
    CADERNO_THREADS: String(threads),
    CADERNO_BLAS: "off", // a BLAS rounds as it likes
  };
  return await withEnv(env, async () => {
    using device = await openDevice("cpu");
    assert.match(device.description, new RegExp(`SIMD, ${threads} thread`));
    using buffers = new KernelBuffers(device);
    const a = buffers.put(randomData(batch * m * k, 1));
    const b = buffers.put(randomData(batch * k * n, 2));
    const c = buffers.empty(batch * m * n);
    const layout = { transposeA: false, transposeB: true };
    const strides = { strideA: m * k, strideB: n * k };
    matmul(device, { a, b, c }, { batch, m, n, k, ...layout, ...strides });
    return await buffers.get(c);
  });
}

Deno.test("products have the same bits on any number of threads", async () => {
  // Tall, wide, and a batch whose ranges end inside of a product.
  for (
    const sizes of [
      [300, 40, 50, 1],
      [40, 300, 50, 1],
      [70, 100, 30, 5],
    ] as const
  ) {
    const one = await products(1, sizes);
    assert.ok(one.every(Number.isFinite));
    for (const threads of [2, 3]) {
      assert.deepEqual(await products(threads, sizes), one);
    }
  }
});
