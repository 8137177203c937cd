/**
 * Tensors from numbers, of both types, and random ones, which must not depend
 * on the device.
 */
import assert from "node:assert/strict";
import * as t from "../../lib/tensor/mod.ts";
import { DTypeError, ShapeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { devices, deviceTest } from "../support/devices.ts";

deviceTest("tensors are made of both types", async (device) => {
  await t.scoped(async () => {
    const cases: [t.Tensor, number[], number[]][] = [
      [t.tensor(3, { device }), [], [3]],
      [t.tensor([[1, 2], [3, 4]], { device }), [2, 2], [1, 2, 3, 4]],
      [t.tensor(Int32Array.of(7, -7), { device }), [2], [7, -7]],
      [t.zeros([3], { device }), [3], [0, 0, 0]],
      [t.full([2], -100, { device, dtype: "int32" }), [2], [-100, -100]],
      [t.ones([1, 2], { device }), [1, 2], [1, 1]],
      [t.arange(4, { device, dtype: "int32" }), [4], [0, 1, 2, 3]],
      [t.zeros([0], { device, dtype: "int32" }), [0], []],
    ];
    for (const [x, shape, numbers] of cases) {
      assert.deepEqual(x.shape, shape);
      assert.deepEqual([...await x.data()], numbers);
    }
    assert.deepEqual(
      cases.map(([x]) => x.dtype === "int32"),
      [false, false, true, false, true, false, true, true],
    );
  });
});

deviceTest("tensors refuse what does not fit", async (device) => {
  using _ = t.scope();
  await assertFails(
    () => t.tensor(new Float32Array(3), { device, shape: [2] }),
    ShapeError,
    /3 numbers the shape \(2\)/,
  );
  await assertFails(
    () => t.full([1], 1.5, { device, dtype: "int32" }),
    DTypeError,
    /an int32 of 1\.5/,
  );
  await assertFails(
    () => t.zeros([1], { device, dtype: "int32", requiresGrad: true }),
    DTypeError,
    /gradient of a tensor of int32/,
  );
});

Deno.test("random fills do not depend on the device", async () => {
  const fills = await Promise.all(
    devices.map((device) =>
      t.scoped(async () => ({
        uniform: await t.randomUniform([10_001], { device, seed: 5 }).data(),
        range: await t.randomUniform([10_001], {
          device,
          seed: 5,
          low: -0.3,
          high: 0.7,
        }).data(),
        normal: await t.randomNormal([10_001], { device, seed: 5 }).data(),
      }))
    ),
  );
  for (const { uniform, range, normal } of fills) {
    const first = fills[0]!;
    assert.deepEqual(uniform, first.uniform);
    // A driver may fuse the product and the sum: one rounding.
    assertClose(range, first.range, { atol: 1.2e-7 });
    // Logarithm, root and cosine differ in the last places.
    assertClose(normal, first.normal, { atol: 5e-6 });
  }
});
