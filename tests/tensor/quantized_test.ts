/**
 * Weights stored in 8 and 4 bits: their memory, the results of the float32
 * numbers that they stand for, and an error from what does not read them.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import { DTypeError, FreedError, ShapeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

const FORMATS = ["int8", "int4"] as const;

deviceTest("cast() to 8 and 4 bits and back rounds once", async (device) => {
  for (const [dtype, bytes] of [["int8", 3 * 136], ["int4", 3 * 68]] as const) {
    await t.scoped(async () => {
      const data = randomData(3 * 136);
      const x = t.tensor(data, { shape: [3, 136], device });
      const before = device.memory().liveBytes;
      const codes = t.cast(x, dtype);
      const scales = 3 * 2 * 4; // two groups a row
      assert.equal(device.memory().liveBytes - before, bytes + scales);
      assert.equal(codes.dtype, dtype);
      const rounded = kernels.quantizedReference(data, 136, dtype);
      const host = await codes.data();
      assertClose(host, rounded, { atol: 1e-6 });
      const wide = t.cast(codes, "float32");
      assertClose(await wide.data(), host, { rtol: 1e-7, atol: 0 });
      // What has the levels already keeps them.
      const again = await t.cast(wide, dtype).data();
      assertClose(again, host, { rtol: 1e-6, atol: 1e-6 });
      const half = t.cast(codes, "bfloat16");
      assert.equal(t.cast(half, dtype).dtype, dtype);
    });
  }
});

deviceTest("linear() reads 8 and 4 bits", async (device) => {
  for (const dtype of FORMATS) {
    // Up to 16 rows read the codes (8 on WebGPU), more widen them.
    for (const [rows, K] of [[1, 136], [3, 24], [9, 40], [17, 40]] as const) {
      await t.scoped(async () => {
        const N = 6;
        const weight = t.randomNormal([N, K], { seed: 2, device });
        const codes = t.cast(weight, dtype);
        const run = async (weight: t.Tensor) => {
          const x = t.tensor(randomData(rows * K), {
            shape: [rows, K],
            device,
            requiresGrad: true,
          });
          const y = t.linear(x, weight);
          t.backward(t.sum(t.square(y)));
          const targets = t.tensor(new Int32Array(rows).fill(2), { device });
          const loss = t.linearCrossEntropy(x, weight, targets);
          return await Promise.all([y, x.grad!, loss].map((r) => r.data()));
        };
        const wide = await run(t.cast(codes, "float32"));
        for (const [i, actual] of (await run(codes)).entries()) {
          // The CPU rounds x to 16 bits: 1.5e-5 of the largest, in up to 136
          // products, then twice that and six sums in the gradient.
          assertClose(actual, wide[i]!, { rtol: 1e-5, atol: 2e-3 });
        }
      });
    }
  }
});

deviceTest("what does not read 8 and 4 bits says so", async (device) => {
  await t.scoped(async () => {
    const codes = t.cast(t.ones([2, 16], { device }), "int4");
    const only = /of int4: cast\(\) and linear\(\) alone/;
    const ids = t.tensor(Int32Array.of(1), { device });
    for (
      const run of [
        () => t.add(codes, codes),
        () => t.embedding(codes, ids),
        () => t.transpose(codes),
        () => t.slice(codes, 0, { end: 1 }),
      ]
    ) await assertFails(run, DTypeError, only);
    const make = () => t.zeros([2, 8], { device, dtype: "int8" });
    await assertFails(make, DTypeError, /cast\(x, "int8"\)/);
    const write = () => codes.write(new Float32Array(32));
    await assertFails(write, DTypeError, /Cannot write Float32Array/);
    const odd = () => t.cast(t.ones([2, 12], { device }), "int8");
    await assertFails(odd, ShapeError, /\(2, 12\) as int8.* multiple of 8/);
    const flat = () => t.reshape(codes, [32]);
    await assertFails(flat, ShapeError, /share scales/);
    const short = () => t.linear(t.ones([1, 8], { device }), codes);
    await assertFails(short, ShapeError, /inner sizes/);
    codes.dispose();
    const late = () => t.cast(codes, "float32");
    await assertFails(late, FreedError, /dispose/);
  });
});
