/**
 * Both devices fulfil the same interface: memory, copies, order, errors.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { currentDevice, openDevice } from "../../lib/device/mod.ts";
import { affine, matmul } from "../../lib/kernels/mod.ts";
import { DeviceError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { devices, deviceTest } from "../support/devices.ts";

deviceTest("write() and read() move bytes at an offset", async (device) => {
  const buffer = device.allocate(20, "test");
  device.write(buffer, Float32Array.of(1, 2, 3, 4, 5));
  device.write(buffer, Float32Array.of(8, 9), 4);
  const bytes = await device.read(buffer, 4, 12);
  assert.deepEqual([...new Float32Array(bytes)], [8, 9, 4]);
  assert.equal((await device.read(buffer, 0, 0)).byteLength, 0);
  device.free(buffer);
});

deviceTest("write() takes a part of an array", async (device) => {
  const buffer = device.allocate(8, "test");
  device.write(buffer, Float32Array.of(1, 2, 3, 4).subarray(1, 3));
  const bytes = await device.read(buffer, 0, 8);
  assert.deepEqual([...new Float32Array(bytes)], [2, 3]);
  device.free(buffer);
});

deviceTest(
  "commands run in the order in which they were given",
  async (device) => {
    const [x, y] = [device.allocate(4, "x"), device.allocate(4, "y")];
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      device.write(x, Float32Array.of(i));
      affine(device, { x, y }, { size: 1, scale: 10, shift: 1 });
      device.write(x, Float32Array.of(100)); // must not reach the kernel above
      seen.push(new Float32Array(await device.read(y, 0, 4))[0]!);
    }
    assert.deepEqual(seen, [1, 11, 21]);
    device.free(x);
    device.free(y);
  },
);

deviceTest("copy() and clear() work inside of buffers", async (device) => {
  const [a, b] = [device.allocate(16, "a"), device.allocate(16, "b")];
  device.write(a, Float32Array.of(1, 2, 3, 4));
  device.clear(b);
  device.copy(a, 4, b, 8, 8);
  const bytes = await device.read(b, 0, 16);
  assert.deepEqual([...new Float32Array(bytes)], [0, 0, 2, 3]);
  device.free(a);
  device.free(b);
});

deviceTest("memory() counts what is alive, by label", (device) => {
  const before = device.memory();
  const buffers = [100, 200].map((n) => device.allocate(n, "counted"));
  const during = device.memory();
  assert.equal(during.liveBytes, before.liveBytes + 300);
  assert.equal(during.liveBuffers, before.liveBuffers + 2);
  assert.ok(during.peakBytes >= during.liveBytes);
  const counted = during.byLabel.find(([label]) => label === "counted");
  assert.deepEqual(counted, ["counted", 300]);
  buffers.forEach((buffer) => device.free(buffer));
  assert.equal(device.memory().liveBytes, before.liveBytes);
});

deviceTest("a buffer that was freed is refused", async (device) => {
  const buffer = device.allocate(4, "gone");
  device.free(buffer);
  const text = /buffer "gone": it is not alive on this device/;
  await assertFails(() => device.free(buffer), DeviceError, text);
  await assertFails(() => device.read(buffer, 0, 4), DeviceError, text);
  await assertFails(() => device.clear(buffer), DeviceError, text);
});

deviceTest(
  "allocate() over the device's limit says both sizes",
  async (device) => {
    await assertFails(
      () => device.allocate(2 ** 40, "too much"),
      DeviceError,
      /Cannot allocate 1\.00 TiB for "too much".*(GiB|MiB)/s,
    );
    // The device goes on.
    const buffer = device.allocate(4, "small");
    device.write(buffer, Float32Array.of(7));
    const bytes = await device.read(buffer, 0, 4);
    assert.deepEqual([...new Float32Array(bytes)], [7]);
    device.free(buffer);
  },
);

deviceTest("memory is used again", (device) => {
  const sizes = [1000, 40, 100_000, 1000, 7];
  const round = () =>
    sizes.map((n) => device.allocate(n, "round"))
      .forEach((buffer) => device.free(buffer));
  round();
  const { pooledBytes } = device.memory();
  for (let i = 0; i < 100; i++) round();
  assert.equal(device.memory().pooledBytes, pooledBytes);
});

Deno.test("openDevice() makes a device of its own that closes", async () => {
  const device = await openDevice("cpu");
  assert.equal(currentDevice(), device);
  assert.match(device.description, /^CPU: WebAssembly SIMD, \d+ threads/);
  const x = device.allocate(4, "x");
  device.close();
  assert.ok(device.isClosed);
  const closed = /CPU device: it was closed/;
  await assertFails(() => device.allocate(4, "y"), DeviceError, closed);
  await assertFails(() => device.sync(), DeviceError, closed);
  device.free(x); // harmless: a scope may end after the device
  await assertFails(currentDevice, DeviceError, /await openDevice\(\) first/);
});

Deno.test("threads share one memory that grows", async () => {
  using device = await openDevice("cpu");
  const n = 256;
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
  for (const filler of [0, 30, 100, 300]) { // MiB that move the memory's end
    device.allocate(filler << 20, "filler");
    const [a, b, c] = [0, 1, 2].map(() => device.allocate(4 * n * n, "m"));
    device.write(a!, new Float32Array(n * n).fill(1));
    device.write(b!, new Float32Array(n * n).fill(2));
    matmul(device, { a: a!, b: b!, c: c! }, sizes);
    const result = new Float32Array(await device.read(c!, 0, 4 * n * n));
    assert.ok(result.every((x) => x === 2 * n));
  }
});

/** Runs a line of code in a process of its own, and its environment. */
async function runDeno(code: string, env: Record<string, string>) {
  const dir = fileURLToPath(new URL("..", import.meta.url));
  const file = await Deno.makeTempFile({ dir, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, code);
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", file],
      env: { NO_COLOR: "1", ...env },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      code: output.code,
      text: decode(output.stdout),
      error: decode(output.stderr),
    };
  } finally {
    await Deno.remove(file);
  }
}

const OPEN = `import { openDevice } from "../lib/device/mod.ts";
const device = await openDevice();
console.log(device.kind, device.isSoftware);`;

Deno.test("CADERNO_DEVICE forces a device, and a wrong name fails", async () => {
  const cpu = await runDeno(OPEN, { CADERNO_DEVICE: "cpu" });
  assert.equal(cpu.text.trim(), "cpu false");
  const wrong = await runDeno(OPEN, { CADERNO_DEVICE: "tpu" });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.error, /CADERNO_DEVICE=tpu: it is webgpu or cpu/);
});

Deno.test("a forced GPU that is not there fails loudly", async () => {
  const gone = { VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/no" };
  const forced = await runDeno(OPEN, { CADERNO_DEVICE: "webgpu", ...gone });
  if (forced.text.includes("webgpu false")) return; // a GPU without Vulkan
  assert.notEqual(forced.code, 0);
  assert.match(forced.error, /the device "webgpu" that was asked for: .*Dawn/s);
});

Deno.test("openDevice() never takes a software GPU by itself", async () => {
  const { text } = await runDeno(OPEN, { CADERNO_DEVICE: "" });
  assert.match(text, /^(cpu|webgpu) false$/m);
});

Deno.test("a script that leaves a device open ends by itself", async () => {
  for (const { kind } of devices) {
    const started = performance.now();
    const { code } = await runDeno(OPEN, { CADERNO_DEVICE: kind });
    assert.equal(code, 0);
    assert.ok(performance.now() - started < 30_000);
  }
});
