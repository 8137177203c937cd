/** The profiler counts launches, their arithmetic and their bytes. */
import assert from "node:assert/strict";
import { formatProfile, profile, ProfileMeter } from "../../lib/device/mod.ts";
import { affine, matmul } from "../../lib/kernels/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers } from "../support/kernel_buffers.ts";

deviceTest("profile() has a row for each kernel", async (device) => {
  if (!device.startProfile) return; // an adapter without timestamps
  using buffers = new KernelBuffers(device);
  const n = 64;
  const [a, b, c] = [n * n, n * n, n * n].map((size) => buffers.empty(size));
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
  const multiply = () => matmul(device, { a: a!, b: b!, c: c! }, sizes);
  multiply(); // not counted
  const rows = await profile(device, () => {
    for (let i = 0; i < 3; i++) multiply();
    affine(device, { x: a!, y: b! }, { size: n * n, scale: 1, shift: 0 });
  });
  assert.equal(rows.length, 2);
  const product = rows.find(({ kernel }) => kernel.startsWith("matmul"))!;
  assert.equal(product.calls, 3);
  assert.equal(product.flops, 3 * 2 * n ** 3);
  assert.equal(product.bytes, 3 * 3 * 4 * n * n);
  const scaled = rows.find(({ kernel }) => kernel === "affine")!;
  assert.equal(scaled.calls, 1);
  assert.equal(scaled.flops, undefined);
  assert.ok(rows.every(({ seconds }) => seconds >= 0 && seconds < 60));
  assert.ok(rows[0]!.seconds >= rows[1]!.seconds);
  // A second profile starts from nothing, also after an error.
  const stop = new Error("stop");
  const failing = profile(device, () => {
    multiply();
    throw stop;
  });
  await assert.rejects(failing, stop);
  assert.deepEqual(await profile(device, () => {}), []);
});

deviceTest("stopProfile() without a start is an error", async (device) => {
  if (!device.stopProfile) return;
  const stop = () => device.stopProfile!();
  await assertFails(stop, DeviceError, /Cannot stop the profile.*none was st/);
});

Deno.test("profile() refuses a device that does not measure", async () => {
  const device = { description: "stone tablet" };
  const run = () => profile(device, () => {});
  await assertFails(run, DeviceError, /Cannot profile "stone tablet"/);
});

Deno.test("formatProfile() makes rates from a hand calculation", () => {
  const meter = new ProfileMeter();
  meter.add("copy", 0.25, 0, 1e9);
  meter.add("product", 0.5, 20e9, 3e9);
  meter.add("product", 0.25, 10e9, 0);
  const lines = formatProfile(meter.rows()).split("\n");
  assert.equal(lines.length, 4);
  // 30 GFLOP and 3 GB in 0.75 s; 1 GB in 0.25 s.
  assert.match(lines[2]!, /^product +2 +750 +75\.0 % +40\.0 +4\.0$/);
  assert.match(lines[3]!, /^copy +1 +250 +25\.0 % +– +4\.0$/);
});
