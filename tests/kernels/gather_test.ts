/**
 * Picking and adding by index against plain loops, the same bits on every
 * device: one element is only ever added to in one order.
 */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { Random } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { devices, deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

// outer, n, count, inner: ones, odd, larger than a workgroup, none to pick
const SIZES: readonly [number, number, number, number][] = [
  [1, 1, 1, 1],
  [3, 7, 5, 1],
  [2, 5, 9, 3],
  [1, 3, 300, 1],
  [70, 131, 1, 1],
  [2, 4, 0, 5],
];

for (const [outer, n, count, inner] of SIZES) {
  const sizes = { outer, n, count, inner };
  const random = new Random(1, "ids");
  const ids = Int32Array.from(
    { length: outer * count * inner },
    () => random.int(n),
  );
  const label = Object.values(sizes).join(" ");

  deviceTest(`gatherAxis() of ${label} picks elements`, async (device) => {
    using buffers = new KernelBuffers(device);
    const data = randomData(outer * n * inner);
    const y = buffers.empty(ids.length);
    const all = { x: buffers.put(data), ids: buffers.put(ids), y };
    kernels.gatherAxis(device, all, sizes);
    const expected = kernels.gatherAxisReference(data, ids, sizes);
    assertClose(await buffers.get(y), expected, {});
  });

  deviceTest(`scatterAdd() of ${label} adds in order`, async (device) => {
    using buffers = new KernelBuffers(device);
    const [base, data] = [
      randomData(outer * n * inner, 1),
      randomData(ids.length, 2),
    ];
    const y = buffers.put(base);
    const all = { x: buffers.put(data), ids: buffers.put(ids), y };
    kernels.scatterAdd(device, all, sizes);
    const exact = kernels.scatterAddReference(base, data, ids, sizes);
    // Up to 100 terms at one place.
    assertClose(await buffers.get(y), exact, { rtol: 1e-5, atol: 1e-5 });
  });
}

deviceTest("indices outside pick zero and add nothing", async (device) => {
  using buffers = new KernelBuffers(device);
  const sizes = { outer: 1, n: 2, count: 3, inner: 1 };
  const ids = buffers.put(Int32Array.of(2, -1, 1));
  const x = buffers.put(Float32Array.of(5, 6));
  const picked = buffers.empty(3);
  kernels.gatherAxis(device, { x, ids, y: picked }, sizes);
  assert.deepEqual([...await buffers.get(picked)], [0, 0, 6]);
  const source = buffers.put(Float32Array.of(10, 20, 30));
  kernels.scatterAdd(device, { x: source, ids, y: x }, sizes);
  assert.deepEqual([...await buffers.get(x)], [5, 36]);
});

Deno.test("scatterAdd() and embeddingBackward() give the same bits", async () => {
  const sizes = { outer: 1, n: 3, count: 500, inner: 1 };
  const random = new Random(1, "ids");
  const ids = Int32Array.from({ length: 500 }, () => random.int(3));
  const results = await Promise.all(devices.map(async (device) => {
    using buffers = new KernelBuffers(device);
    const x = buffers.put(randomData(500));
    const [added, table] = [buffers.put(new Float32Array(3)), buffers.empty(3)];
    const places = buffers.put(ids);
    kernels.scatterAdd(device, { x, ids: places, y: added }, sizes);
    kernels.embeddingBackward(
      device,
      { ids: places, dY: x, dWeight: table },
      { count: 500, cols: 1, vocab: 3 },
    );
    return [await buffers.get(added), await buffers.get(table)];
  }));
  for (const sums of results.flat()) assert.deepEqual(sums, results[0]![0]);
});
