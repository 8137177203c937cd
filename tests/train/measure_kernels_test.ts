/** What is counted for each kernel, by hand; times are only sane. */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import { measureKernels } from "../../lib/train/mod.ts";
import { deviceTest } from "../support/devices.ts";

const wayOf = (device: Device) => (
  { name: "here", device, precision: "float32" } as const
);

deviceTest("measureKernels() measures below its own limits", async (device) => {
  const named: string[] = [];
  const options = { seconds: 1e-4, megabytes: 0.1, largest: 256 };
  const speed = await measureKernels(
    wayOf(device),
    options,
    (kernel) => named.push(kernel),
  );
  assert.equal(speed.way, "here");
  const kernels = new Map(speed.kernels.map((row) => [row.kernel, row]));
  assert.deepEqual(named.toSorted(), [...kernels.keys()].toSorted());
  const counts = (kernel: string) => {
    const { flops, bytes } = kernels.get(kernel)!;
    return [flops, bytes];
  };
  assert.deepEqual(counts("product 64"), [524288, 3 * 64 * 64 * 4]);
  // 8 heads of 64: two products with half of the 256 x 256 scores each.
  assert.deepEqual(counts("attention 256"), [
    2 * 8 * 2 * 64 * 256 * 256 / 2,
    4 * 256 * 8 * 64 * 4,
  ]);
  // 33 rows of 768 are nearest to 0.1 MB.
  assert.deepEqual(counts("x + 1"), [33 * 768, 2 * 33 * 768 * 4]);
  assert.equal(kernels.has("product 1024"), false);
  const { bytesPerSecond, flopsPerSecond } = speed.limits;
  for (const { kernel, flops, bytes, seconds } of speed.kernels) {
    assert.ok(seconds > 0 && seconds < 60, `${kernel} ${seconds}`);
    assert.ok(flops / seconds <= flopsPerSecond, kernel);
    const isStream = /RMSNorm|softmax|x \+ 1/.test(kernel);
    if (isStream) assert.ok(bytes / seconds <= bytesPerSecond, kernel);
  }
});
