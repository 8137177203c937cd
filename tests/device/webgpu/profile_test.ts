/**
 * Profiles by timestamps: every launch is counted once, times are those of the
 * GPU, and a profile changes no result.
 */
import assert from "node:assert/strict";
import {
  DryDevice,
  formatRoofline,
  measureRoofline,
  profile,
} from "../../../lib/device/mod.ts";
import { affine, matmul } from "../../../lib/kernels/mod.ts";
import { DeviceError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import { KernelBuffers } from "../../support/kernel_buffers.ts";

deviceTest(
  "profile() counts launches, time, flops and bytes",
  async (device) => {
    using buffers = new KernelBuffers(device);
    const n = 128;
    const [a, b, c] = [1, 1, 0].map((x) =>
      buffers.put(new Float32Array(n * n).fill(x))
    );
    const sizes = {
      batch: 1,
      m: n,
      n,
      k: n,
      transposeA: false,
      transposeB: false,
      strideA: 0,
      strideB: 0,
    };
    const started = performance.now();
    // More launches than a submission holds.
    const rows = await profile(device, () => {
      for (let i = 0; i < 1100; i++) {
        affine(device, { x: a!, y: c! }, { size: 1, scale: 1, shift: 1 });
      }
      for (let i = 0; i < 3; i++) {
        matmul(device, { a: a!, b: b!, c: c! }, sizes);
      }
    });
    const elapsed = (performance.now() - started) / 1000;
    assert.deepEqual(
      rows.map(({ kernel, calls }) => [kernel, calls]).sort(),
      [["affine", 1100], ["matmulVec4NN", 3]],
    );
    const product = rows.find(({ kernel }) => kernel === "matmulVec4NN")!;
    assert.equal(product.flops, 3 * 2 * n ** 3);
    assert.equal(product.bytes, 3 * 3 * 4 * n * n);
    const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
    assert.ok(seconds > 0 && seconds < elapsed, `${seconds} of ${elapsed} s`);
    assert.ok((await buffers.get(c!)).every((x) => x === n));
  },
  ["webgpu"],
);

deviceTest("stopProfile() fails where none was started", async (device) => {
  const message = /Cannot stop the profile of WebGPU.*none was started/;
  await assertFails(() => device.stopProfile!(), DeviceError, message);
}, ["webgpu"]);

deviceTest(
  "measureRoofline() gives rates that a kernel's are shares of",
  async (device) => {
    const roofline = await measureRoofline(device);
    // Any machine of the last twenty years, and none of the next ten.
    assert.ok(roofline.bytesPerSecond > 1e8 && roofline.bytesPerSecond < 1e14);
    assert.ok(roofline.flopsPerSecond > 1e8 && roofline.flopsPerSecond < 1e16);
  },
  ["webgpu"],
);

Deno.test("measureRoofline() refuses a device that is no GPU", async () => {
  using device = new DryDevice("cpu");
  const message = /"dry run for cpu": it is no GPU/;
  await assertFails(() => measureRoofline(device), DeviceError, message);
});

Deno.test("formatRoofline() shows rates and shares of the limits", () => {
  const text = formatRoofline([
    { kernel: "slow", calls: 2, seconds: 0.003, flops: 3e9, bytes: 6e6 },
    { kernel: "quick", calls: 1, seconds: 0.001 },
  ], { bytesPerSecond: 4e9, flopsPerSecond: 2e12 });
  const [, , slow, quick] = text.split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(slow, [
    "slow",
    "2",
    "3",
    "75.0 %",
    "2.0",
    "50.0 %",
    "1000.0",
    "50.0 %",
  ]);
  assert.deepEqual(quick!.slice(3), ["25.0 %", "–", "–", "–", "–"]);
});
