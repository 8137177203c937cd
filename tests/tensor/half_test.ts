/**
 * Weights stored in 16 bits: half of the memory, the results of the float32
 * numbers that they were rounded to, and an error from what does not read them.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import * as t from "../../lib/tensor/mod.ts";
import {
  DataError,
  DTypeError,
  FreedError,
  ShapeError,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

const FORMATS = ["float16", "bfloat16"] as const;

deviceTest("cast() to 16 bits and back rounds once", async (device) => {
  for (const dtype of FORMATS) {
    await t.scoped(async () => {
      const data = randomData(21);
      const x = t.tensor(data, { shape: [3, 7], device });
      const before = device.memory().liveBytes;
      const half = t.cast(x, dtype);
      assert.equal(device.memory().liveBytes - before, 44); // 11 words
      assert.equal(half.dtype, dtype);
      assert.deepEqual(half.shape, [3, 7]);
      const rounded = kernels.halfReference(data, dtype);
      assert.deepEqual([...await half.data()], [...rounded]);
      const back = t.cast(half, "float32");
      assert.deepEqual([...await back.data()], [...rounded]);
      // What is representable stays as it is, through the host as well.
      half.write(Float32Array.from(rounded));
      assert.deepEqual([...await half.data()], [...rounded]);
      const whole = await t.cast(half, "int32").data();
      assert.deepEqual([...whole], [...rounded].map((v) => Math.trunc(v) + 0));
      const seven = t.cast(t.tensor(Int32Array.of(7), { device }), dtype);
      assert.equal(await seven.item(), 7);
    });
  }
});

deviceTest("linear() and embedding() read 16 bits", async (device) => {
  for (const dtype of FORMATS) {
    // One row reads the 16 bits themselves, if there is an even number.
    for (const [rows, K] of [[1, 10], [1, 11], [4, 12], [9, 7]] as const) {
      await t.scoped(async () => {
        const N = 6;
        const data = randomData(N * K, 2);
        const wide = t.tensor(
          Float32Array.from(kernels.halfReference(data, dtype)),
          { shape: [N, K], device },
        );
        const half = t.cast(t.tensor(data, { shape: [N, K], device }), dtype);
        const run = async (weight: t.Tensor) => {
          const x = t.tensor(randomData(rows * K), {
            shape: [rows, K],
            device,
            requiresGrad: true,
          });
          const y = t.linear(x, weight);
          t.backward(t.sum(t.square(y)));
          const ids = t.tensor(Int32Array.of(4, 0, 5), { device });
          const looked = t.embedding(weight, ids);
          assert.deepEqual(looked.shape, [3, K]);
          return await Promise.all([y, x.grad!, looked].map((r) => r.data()));
        };
        const [expected, actual] = [await run(wide), await run(half)];
        for (const [i, name] of ["y", "dX", "rows"].entries()) {
          const options = { rtol: 1e-5, atol: 1e-5, name };
          assertClose(actual[i]!, expected[i]!, options);
        }
        const targets = t.tensor(new Int32Array(rows).fill(2), { device });
        const x = t.tensor(randomData(rows * K), { shape: [rows, K], device });
        const loss = (weight: t.Tensor) =>
          t.linearCrossEntropy(x, weight, targets).item();
        assertClose(await loss(half), await loss(wide), { rtol: 1e-6 });
      });
    }
  }
});

deviceTest("what does not read 16 bits says so", async (device) => {
  await t.scoped(async () => {
    const half = t.cast(t.ones([2, 4], { device }), "bfloat16");
    const only = /of bfloat16: cast\(\), linear\(\) and embedding\(\)/;
    for (
      const run of [
        () => t.add(half, half),
        () => t.matmul(half, half, { transposeB: true }),
        () => t.slice(half, 0, { end: 1 }),
        () => t.concat([half, half], 0),
        () => t.transpose(half),
        () => t.broadcastTo(half, [3, 2, 4]),
      ]
    ) await assertFails(run, DTypeError, only);
    const make = () => t.zeros([2], { device, dtype: "float16" });
    await assertFails(make, DTypeError, /cast\(x, "float16"\)/);
    const x = t.ones([3, 5], { device });
    await assertFails(() => t.linear(x, half), ShapeError, /inner sizes/);
    const ids = t.tensor(Int32Array.of(2), { device });
    await assertFails(() => t.embedding(half, ids), DataError, /0\.\.1/);
    half.dispose();
    const late = () => t.cast(half, "float32");
    await assertFails(late, FreedError, /dispose/);
  });
});
