/** Keys and values behind others, against plain loops, to the bit. */
import assert from "node:assert/strict";
import * as kernels from "../../lib/kernels/mod.ts";
import { appendCache, zeros } from "../../lib/tensor/mod.ts";
import { ShapeError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { KernelBuffers, randomData } from "../support/kernel_buffers.ts";

deviceTest("appendCache() equals its reference", async (device) => {
  for (
    const sizes of [
      { batch: 1, time: 1, width: 1, capacity: 1, start: 0 },
      { batch: 2, time: 3, width: 24, capacity: 7, start: 4 },
      { batch: 3, time: 1, width: 65, capacity: 40, start: 17 },
    ]
  ) {
    const { batch, time, width, capacity } = sizes;
    using buffers = new KernelBuffers(device);
    const [k, v] = [1, 2].map((seed) => randomData(batch * time * width, seed));
    const before = randomData(batch * capacity * width, 3);
    const all = {
      ...{ k: buffers.put(k!), v: buffers.put(v!) },
      ...{ keys: buffers.put(before), values: buffers.put(before) },
    };
    kernels.appendCache(device, all, sizes);
    for (const [x, name] of [[k!, "keys"], [v!, "values"]] as const) {
      const expected = Float64Array.from(before);
      kernels.appendCacheReference(expected, x, sizes);
      assert.deepEqual([...await buffers.get(all[name])], [...expected]);
    }
  }
});

deviceTest("appendCache() refuses what does not fit", async (device) => {
  const make = (...shape: number[]) => zeros(shape, { device });
  using stack = new DisposableStack();
  const use = (...shape: number[]) => stack.use(make(...shape));
  const cache = { keys: use(2, 5, 1, 4), values: use(2, 5, 1, 4) };
  for (
    const [shape, start] of [
      [[2, 2, 1, 4], 4],
      [[1, 2, 1, 4], 0],
      [[2, 2, 4], 0],
      [[2, 2, 1, 4], -1],
    ] as const
  ) {
    const added = { keys: use(...shape), values: use(...shape) };
    const append = () => Promise.try(() => appendCache(cache, added, start));
    await assertFails(append, ShapeError, /behind -?\d tokens of caches/);
  }
});
