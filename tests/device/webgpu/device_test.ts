/**
 * What only a GPU does: it can be lost, run out of memory late, drop a
 * submission, and be read while it works.
 */
import assert from "node:assert/strict";
import { defineKernel } from "../../../lib/device/mod.ts";
import { BufferPool } from "../../../lib/device/webgpu/buffers.ts";
import { Checks } from "../../../lib/device/webgpu/checks.ts";
import {
  type Adapter,
  findAdapter,
} from "../../../lib/device/webgpu/adapter.ts";
import { WebGpuDevice } from "../../../lib/device/webgpu/device.ts";
import { affine } from "../../../lib/kernels/mod.ts";
import { DeviceError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";

/** A device of its own, and the GPU's own object under it. */
async function openRaw(): Promise<{ device: WebGpuDevice; raw: GPUDevice }> {
  const found = await findAdapter();
  const { adapter } = found;
  let raw: GPUDevice | undefined;
  const watched: Partial<GPUAdapter> = {
    info: adapter.info,
    limits: adapter.limits,
    features: adapter.features,
    requestDevice: async (descriptor) =>
      raw = await adapter.requestDevice(descriptor),
  };
  const device = await WebGpuDevice.open(
    { ...found, adapter: watched } as Adapter,
  );
  return { device, raw: raw! };
}

deviceTest("a lost GPU is an error at every use, with sizes", async () => {
  const { device, raw } = await openRaw();
  const buffer = device.allocate(4096, "weights");
  device.write(buffer, Float32Array.of(1));
  const reading = device.read(buffer, 0, 4);
  assert.equal(new Float32Array(await reading)[0], 1);
  raw.destroy();
  await raw.lost;
  const lost = /GPU .+ was lost with 4\.00 KiB in use/;
  await assertFails(() => device.read(buffer, 0, 4), DeviceError, lost);
  await assertFails(() => device.sync(), DeviceError, lost);
  await assertFails(() => device.allocate(4, "more"), DeviceError, lost);
  device.free(buffer); // a scope that ends later must not fail
  device.close();
  assert.ok(device.isClosed);
}, ["webgpu"]);

deviceTest("a read that is under way fails when the GPU is lost", async () => {
  const { device, raw } = await openRaw();
  const buffer = device.allocate(4, "x");
  const reading = device.read(buffer, 0, 4);
  raw.destroy();
  await assertFails(() => reading, DeviceError, /GPU .+ was lost/);
  device.close();
}, ["webgpu"]);

deviceTest(
  "a read that is under way fails when the device is closed",
  async () => {
    const { device } = await openRaw();
    const reading = device.read(device.allocate(4, "x"), 0, 4);
    device.close();
    await assertFails(
      () => reading,
      DeviceError,
      /WebGPU device .+ was closed/,
    );
  },
  ["webgpu"],
);

const invalid = defineKernel({
  name: "testInvalid",
  buffers: { y: "write f32" },
  params: { size: "u32" },
  workgroupSize: 1,
  wgsl: "fn kernel(group: u32, lane: u32) { y[0] = nothing; }",
});

deviceTest(
  "a kernel that does not compile is an error with its text",
  async (device) => {
    const [x, y] = [device.allocate(4, "x"), device.allocate(4, "y")];
    device.run(invalid, { y }, { size: 1 }, { groups: 1, items: 1, work: 1 });
    const message =
      /Cannot compile kernel "testInvalid".*nothing.*^ +\d+ fn kernel/ms;
    await assertFails(() => device.sync(), DeviceError, message);
    // The device goes on.
    device.write(x, Float32Array.of(2));
    affine(device, { x, y }, { size: 1, scale: 3, shift: 1 });
    assert.equal(new Float32Array(await device.read(y, 0, 4))[0], 7);
    device.free(x);
    device.free(y);
  },
  ["webgpu"],
);

deviceTest("reads overlap work and allocate nothing", async () => {
  const { device, raw } = await openRaw();
  const createBuffer = raw.createBuffer.bind(raw);
  let created = 0;
  raw.createBuffer = (descriptor) => {
    created++;
    return createBuffer(descriptor);
  };
  const [x, y] = [device.allocate(4, "x"), device.allocate(4, "y")];
  // A loss is read a step late: two reads are under way at once.
  const losses: number[] = [];
  let late: Promise<ArrayBuffer> | undefined;
  let afterTwo = 0;
  for (let step = 0; step < 40; step++) {
    device.write(x, Float32Array.of(step));
    affine(device, { x, y }, { size: 1, scale: 2, shift: 0 });
    const loss = device.read(y, 0, 4);
    if (late) losses.push(new Float32Array(await late)[0]!);
    late = loss;
    if (step === 2) afterTwo = created;
  }
  losses.push(new Float32Array(await late!)[0]!);
  assert.deepEqual(losses, Array.from({ length: 40 }, (_, i) => 2 * i));
  assert.ok(afterTwo > 0);
  assert.equal(created, afterTwo);
  device.close();
}, ["webgpu"]);

deviceTest(
  "write() and read() take bytes that are no whole word",
  async (device) => {
    const buffer = device.allocate(6, "half floats");
    device.write(buffer, Uint16Array.of(1, 2, 3));
    assert.deepEqual(
      [...new Uint16Array(await device.read(buffer, 0, 6))],
      [1, 2, 3],
    );
    device.free(buffer);
  },
  ["webgpu"],
);

/** A GPU with room for buffers of up to `room` bytes. */
function smallGpu(room: number) {
  const destroyed: number[] = [];
  let last = 0;
  const device = {
    limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 },
    addEventListener: () => {},
    pushErrorScope: () => {},
    popErrorScope: () =>
      Promise.resolve(last > room ? { message: "no room" } : null),
    createBuffer: ({ size }: { size: number }) => {
      last = size;
      return { size, destroy: () => destroyed.push(size) };
    },
  };
  return { device: device as unknown as GPUDevice, destroyed };
}

Deno.test("memory that the GPU has not is an error with sizes, and gives back", async () => {
  const { device, destroyed } = smallGpu(4096);
  const checks = new Checks(device);
  const pool: BufferPool = new BufferPool(device, checks, () => pool.trim());
  pool.free(pool.allocate(1024, "before"));
  const large = pool.allocate(2 ** 20, "logits");
  const message =
    /Cannot allocate 1\.00 MiB for "logits" \(1\.00 KiB held .*\): no room/;
  await assertFails(() => checks.settle(), DeviceError, message);
  assert.deepEqual(destroyed, [1024]); // what was held for reuse
  pool.free(large);
  assert.deepEqual(destroyed, [1024, 2 ** 20]); // it holds nothing
  assert.equal(pool.freeBytes, 0);
  pool.free(pool.allocate(1024, "after"));
  await checks.settle();
  assert.equal(pool.freeBytes, 1024);
});
