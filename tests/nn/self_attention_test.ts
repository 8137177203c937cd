/**
 * The masks of self-attention by what they are for: a token out of sight
 * changes nothing, packed documents equal documents on their own.
 */
import assert from "node:assert/strict";
import { ropeTable } from "../../lib/kernels/mod.ts";
import { selfAttention, type SelfAttentionOptions } from "../../lib/nn/mod.ts";
import { randomNormal, scoped, tensor, zeros } from "../../lib/tensor/mod.ts";
import type { Device } from "../../lib/device/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";
import { randomData } from "../support/kernel_buffers.ts";

const [C, D, TIME] = [16, 4, 12];

/** Runs the block on x (TIME, C) as one row. */
function run(
  device: Device,
  x: Float32Array<ArrayBuffer>,
  options: Partial<SelfAttentionOptions> = {},
) {
  const weight = (rows: number, seed: number) =>
    randomNormal([rows, C], { device, seed, std: 0.3 });
  const time = x.length / C;
  return selfAttention(tensor(x, { shape: [1, time, C], device }), {
    query: weight(C, 1),
    key: weight(C / 2, 2),
    value: weight(C / 2, 3),
    output: weight(C, 4),
  }, {
    headSize: D,
    angles: tensor(ropeTable(TIME, D, 100), {
      shape: [TIME, D / 2, 2],
      device,
    }),
    ...options,
  }).data();
}

deviceTest(
  "selfAttention() sees no further than its window",
  async (device) => {
    await scoped(async () => {
      const x = randomData(TIME * C);
      const whole = await run(device, x);
      assertClose(await run(device, x, { window: TIME }), whole, { atol: 0 });
      const narrow = await run(device, x, { window: 3 });
      const other = x.slice();
      other.fill(9, 0, C); // the first token, out of sight from the fourth on
      const changed = await run(device, other, { window: 3 });
      const from = (t: number, y: ArrayLike<number>) =>
        Array.from(y).slice(t * C);
      assert.deepEqual(from(3, changed), from(3, narrow));
      assert.notDeepEqual(from(2, changed), from(2, narrow));
      const unlimited = await run(device, other);
      assert.notDeepEqual(from(TIME - 1, unlimited), from(TIME - 1, whole));
    });
  },
);

deviceTest("selfAttention() keeps packed documents apart", async (device) => {
  await scoped(async () => {
    const x = randomData(TIME * C);
    const ids = Int32Array.from({ length: TIME }, (_, t) => t < 5 ? 7 : 2);
    const documents = tensor(ids, { shape: [1, TIME], device });
    const packed = await run(device, x, { documents });
    const alone = [
      ...await run(device, x.slice(0, 5 * C)),
      ...await run(device, x.slice(5 * C)),
    ];
    // Rotary positions differ by five: products of turned vectors do not.
    assertClose(packed, alone, { atol: 1e-5 });
  });
});

deviceTest("selfAttention() refuses documents with a cache", async (device) => {
  await scoped(async () => {
    const documents = tensor(new Int32Array(TIME), {
      shape: [1, TIME],
      device,
    });
    const [keys, values] = [1, 2].map(() => zeros([1, TIME, 2, D], { device }));
    const cache = { keys: keys!, values: values!, length: 0 };
    await assertFails(
      () => run(device, randomData(TIME * C), { cache, documents }),
      ConfigError,
      /cache and to documents/,
    );
  });
});
