/**
 * Dropout: the mask of the seed, the same on both devices and both ways.
 */
import assert from "node:assert/strict";
import { dropoutReference } from "../../../lib/kernels/mod.ts";
import * as t from "../../../lib/tensor/mod.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { devices, deviceTest } from "../../support/devices.ts";
import { operatorTest, randomShapes } from "../operator_case.ts";

for (const rate of [0, 0.1, 0.5, 0.9]) {
  operatorTest(
    `dropout of ${rate}`,
    [...randomShapes("dropout", 2), [0]].map((shape) => ({
      shapes: [shape],
      out: shape,
      run: (x) => t.dropout(x!, { rate, seed: 7, stream: "layer 1" }),
      exact: (x) => dropoutReference(x!, { rate, seed: 7, stream: "layer 1" }),
    })),
  );
}

deviceTest("dropout() drops its share and keeps the mean", async (device) => {
  await t.scoped(async () => {
    const x = t.ones([100_000], { device });
    const y = t.dropout(x, { rate: 0.3, seed: 1 });
    const dropped = await t.mean(t.equal(y, 0)).item();
    // Four standard deviations of a share of 0.3 among 100,000.
    assertClose(dropped, 0.3, { atol: 4 * Math.sqrt(0.21 / 1e5) });
    assertClose(await t.mean(y).item(), 1, { atol: 0.01 });
    const other = t.dropout(x, { rate: 0.3, seed: 2 });
    assert.ok(await t.mean(t.equal(y, other)).item() < 0.7);
  });
});

deviceTest("dropout() refuses a rate outside of [0, 1)", async (device) => {
  using x = t.ones([2], { device });
  for (const rate of [-0.1, 1, NaN]) {
    await assertFails(
      () => t.dropout(x, { rate, seed: 1 }),
      ConfigError,
      /rate must lie in \[0, 1\)/,
    );
  }
});

Deno.test("dropout() drops the same on all devices", async () => {
  const results = await Promise.all(
    devices.map((device) =>
      t.scoped(async () => {
        const x = t.ones([10_001], { device });
        return [...await t.dropout(x, { rate: 0.5, seed: 5 }).data()];
      })
    ),
  );
  for (const other of results) assert.deepEqual(other, results[0]);
});
