/**
 * Random fills and strided copies.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { Random, ShapeError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

deviceTest("randomUniform() gives the bits of Random", async (device) => {
  using buffers = new KernelBuffers(device);
  const stream = { seed: 42, stream: "weights" };
  const x = buffers.empty(1001);
  kernels.randomUniform(device, x, 1001, stream, { low: 0, high: 1 });
  const random = new Random(42, "weights");
  const expected = Float64Array.from(
    { length: 1001 },
    () => (random.uint32() >>> 8) / 2 ** 24,
  );
  assertClose(await buffers.get(x), expected, { atol: 0 });
  kernels.randomUniform(device, x, 1001, stream, { low: -2, high: 3 });
  const range = { low: -2, high: 3 };
  const scaled = kernels.randomUniformReference(1001, stream, range);
  assertClose(await buffers.get(x), scaled, { atol: 1e-6 });
});

deviceTest(
  "randomNormal() equals its reference and is normal",
  async (device) => {
    using buffers = new KernelBuffers(device);
    const size = 50_001;
    const stream = { seed: 7, stream: "embedding" };
    const numbers = { mean: 0.5, std: 2 };
    const x = buffers.empty(size);
    kernels.randomNormal(device, x, size, stream, numbers);
    const values = await buffers.get(x);
    const expected = kernels.randomNormalReference(size, stream, numbers);
    // log near 1 has few bits left: u is a multiple of 2^-24.
    assertClose(values, expected, { atol: 2e-5, rtol: 1e-5 });
    const mean = values.reduce((s, v) => s + v, 0) / size;
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / size;
    // Five standard errors: 2 / sqrt(50001) = 0.009, and 8 sqrt(2 / 50001) = 0.05.
    assertClose(mean, 0.5, { atol: 0.045 });
    assertClose(variance, 4, { atol: 0.13 });
  },
);

deviceTest("gatherStrided() transposes, slices and repeats", async (device) => {
  using buffers = new KernelBuffers(device);
  const data = Int32Array.from({ length: 60 }, (_, i) => i);
  const x = buffers.put(data);
  const views = [
    { shape: [4, 5, 3], strides: [1, 12, 4], offset: 0 }, // (5, 3, 4) turned
    { shape: [2, 3], strides: [20, 1], offset: 7 }, // a slice
    { shape: [3, 4], strides: [0, 1], offset: 8 }, // a repeated row
    { shape: [70], strides: [0], offset: 5 }, // a repeated scalar
    { shape: [1, 2, 1, 3, 2, 5], strides: [60, 30, 30, 10, 5, 1], offset: 0 },
    { shape: [], strides: [], offset: 59 },
  ];
  for (const view of views) {
    const expected = kernels.gatherReference(data, view);
    const y = buffers.empty(expected.length);
    kernels.gatherStrided(device, { x, y }, view);
    const words = new Int32Array(
      await device.read(y, 0, expected.length * 4),
    );
    assert.deepEqual([...words], [...expected]);
  }
});

deviceTest("scatterStrided() puts back what a gather took", async (device) => {
  using buffers = new KernelBuffers(device);
  const view = { shape: [4, 5, 3], strides: [1, 12, 4], offset: 0 };
  const data = randomData(60);
  const [x, y, z] = [buffers.put(data), buffers.empty(60), buffers.empty(60)];
  kernels.gatherStrided(device, { x, y }, view);
  kernels.scatterStrided(device, { x: y, y: z }, view);
  assertClose(await buffers.get(z), data, { atol: 0 });
});

deviceTest("gatherStrided() turns matrices of any size", async (device) => {
  // planes, rows, cols: ones, odd, larger than a tile, rows with a gap
  for (
    const [planes, rows, cols, gap] of [
      [1, 1, 7, 0],
      [1, 5, 3, 0],
      [3, 16, 17, 0],
      [2, 35, 50, 3],
      [1, 130, 4, 0],
    ] as const
  ) {
    using buffers = new KernelBuffers(device);
    const rowStride = cols + gap;
    const data = Int32Array.from(
      { length: planes * rows * rowStride + 2 },
      (_, i) => i,
    );
    const view = {
      shape: [planes, cols, rows],
      strides: [rows * rowStride, 1, rowStride],
      offset: 2,
    };
    const expected = kernels.gatherReference(data, view);
    const y = buffers.empty(expected.length);
    kernels.gatherStrided(device, { x: buffers.put(data), y }, view);
    const words = new Int32Array((await buffers.get(y)).buffer);
    assert.deepEqual([...words], [...expected], `${planes} ${rows} ${cols}`);
  }
});

deviceTest("gatherStrided() refuses seven axes", async (device) => {
  using buffers = new KernelBuffers(device);
  const x = buffers.empty(1);
  await assertFails(
    () =>
      kernels.gatherStrided(device, { x, y: x }, {
        shape: new Array(7).fill(2),
        strides: new Array(7).fill(1), // no two of them are one run
        offset: 0,
      }),
    ShapeError,
    /\(2, 2, 2, 2, 2, 2, 2\).*at most 6 axes/,
  );
});
