/**
 * Recorded work against the same work given anew: values, memory, the profile,
 * and what must be refused.
 */
import assert from "node:assert/strict";
import type { Device, DeviceBuffer } from "../../../lib/device/mod.ts";
import { accumulate, affine } from "../../../lib/kernels/mod.ts";
import { DeviceError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";
import { KernelBuffers } from "../../support/kernel_buffers.ts";

const WEBGPU = ["webgpu"] as const;
const SIZE = 300;

/** y = 2 x + 1, through a buffer that is freed at once. */
function doubled(device: Device, x: DeviceBuffer, y: DeviceBuffer): void {
  const between = device.allocate(4 * SIZE, "between");
  affine(device, { x, y: between }, { size: SIZE, scale: 2, shift: 0 });
  affine(device, { x: between, y }, { size: SIZE, scale: 1, shift: 1 });
  device.free(between);
}

const filled = (value: number) => new Float32Array(SIZE).fill(value);

deviceTest(
  "a recording computes with what its buffers hold",
  async (device) => {
    using buffers = new KernelBuffers(device);
    const x = buffers.put(filled(3));
    const [result, recording] = device.record!(() => {
      const y = device.allocate(4 * SIZE, "y");
      doubled(device, x, y);
      return y;
    });
    using _ = recording;
    assert.equal(recording.length, 2);
    assert.deepEqual(await buffers.get(result), filled(7));
    for (const value of [5, -1]) {
      device.write(x, filled(value));
      recording.replay();
      assert.deepEqual(await buffers.get(result), filled(2 * value + 1));
    }
    device.free(result);
  },
  WEBGPU,
);

deviceTest("a recording shares its memory with nobody", async (device) => {
  using buffers = new KernelBuffers(device);
  const { liveBytes } = device.memory();
  const x = buffers.put(filled(1)), y = buffers.empty(SIZE);
  const [, recording] = device.record!(() => doubled(device, x, y));
  // As large as what the recording has freed, which must not be given out.
  const others = [1, 2, 3].map((value) => buffers.put(filled(value)));
  recording.replay();
  for (const [i, other] of others.entries()) {
    assert.deepEqual(await buffers.get(other), filled(i + 1));
  }
  const { pooledBytes } = device.memory();
  recording[Symbol.dispose]();
  assert.equal(device.memory().pooledBytes, pooledBytes);
  const reused = device.allocate(4 * SIZE, "reused");
  assert.ok(device.memory().pooledBytes < pooledBytes);
  device.free(reused);
  assert.equal(device.memory().liveBytes - liveBytes, 5 * 4 * SIZE);
}, WEBGPU);

deviceTest("a recording of every kind of command", async (device) => {
  using buffers = new KernelBuffers(device);
  const [x, y, z] = [
    buffers.put(filled(4)),
    buffers.empty(SIZE),
    buffers.empty(SIZE),
  ];
  const constant = filled(10);
  const [, recording] = device.record!(() => {
    device.write(z, constant);
    affine(device, { x, y }, { size: SIZE, scale: 1, shift: 0 });
    accumulate(device, { x: z, y }, SIZE);
    device.copy(y, 0, z, 0, 4 * SIZE);
    device.clear(x);
    device.write(y, Float32Array.of(1)); // overtakes nothing
  });
  using _ = recording;
  constant.fill(0); // what was written is kept
  for (const value of [4, 6]) {
    if (value !== 4) {
      device.write(x, filled(value));
      recording.replay();
    }
    assert.deepEqual(await buffers.get(z), filled(value + 10));
    assert.deepEqual(await buffers.get(x), filled(0));
    assert.equal((await buffers.get(y))[0], 1);
    assert.equal((await buffers.get(y))[1], value + 10);
  }
}, WEBGPU);

deviceTest("a recording is longer than a submission", async (device) => {
  using buffers = new KernelBuffers(device);
  const [one, x] = [buffers.put(filled(1)), buffers.put(filled(0))];
  const [, recording] = device.record!(() => {
    for (let i = 0; i < 700; i++) accumulate(device, { x: one, y: x }, SIZE);
  });
  using _ = recording;
  recording.replay();
  recording.replay();
  assert.deepEqual(await buffers.get(x), filled(2100));
}, WEBGPU);

deviceTest("a profile counts what is replayed", async (device) => {
  using buffers = new KernelBuffers(device);
  const x = buffers.put(filled(0)), y = buffers.empty(SIZE);
  const [, recording] = device.record!(() => doubled(device, x, y));
  using _ = recording;
  device.startProfile!();
  recording.replay();
  const rows = await device.stopProfile!();
  assert.deepEqual(rows.map(({ kernel, calls }) => [kernel, calls]), [
    ["affine", 2],
  ]);
}, WEBGPU);

deviceTest("record() refuses what a replay could not do", async (device) => {
  using buffers = new KernelBuffers(device);
  const x = buffers.put(filled(1)), y = device.allocate(4 * SIZE, "lost");
  const within = (fn: () => unknown) => () =>
    Promise.resolve().then(() => device.record!(fn)[0]);
  await assertFails(
    () => device.record!(() => ({ reading: device.read(x, 0, 4) }))[0].reading,
    DeviceError,
    /Cannot read "test" while work is recorded/,
  );
  await assertFails(
    within(() => device.record!(() => {})),
    DeviceError,
    /Cannot record while/,
  );
  const broken = within(() => {
    device.free(device.allocate(1 << 20, "broken"));
    throw new Error("broken");
  });
  await assertFails(broken, Error, /broken/);
  const [, recording] = device.record!(() => doubled(device, x, y));
  assert.ok(recording.isAlive);
  device.free(y);
  assert.ok(!recording.isAlive);
  assert.throws(
    () => recording.replay(),
    /Cannot replay 2 commands: buffer "lost" was freed/,
  );
  recording[Symbol.dispose]();
  assert.throws(() => recording.replay(), DeviceError);
  // The device is as it was.
  const result = buffers.empty(SIZE);
  doubled(device, x, result);
  assert.deepEqual(await buffers.get(result), filled(3));
}, WEBGPU);
