/** A peak that is one: no product on the device is faster. */
import assert from "node:assert/strict";
import { matmul, ones } from "../../lib/tensor/mod.ts";
import { measurePeakFlops } from "../../lib/train/mod.ts";
import { deviceTest } from "../support/devices.ts";

deviceTest("measurePeakFlops() is above a small product", async (device) => {
  const peak = await measurePeakFlops(device);
  using x = ones([8, 8], { device });
  const begun = performance.now();
  matmul(x, x).dispose();
  await device.sync();
  const rate = 2 * 8 ** 3 / ((performance.now() - begun) / 1000);
  assert.ok(peak > rate && peak < 1e16, `${peak} against ${rate}`);
});
