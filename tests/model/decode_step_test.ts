/** Tokens that a device replays are those that it launches, to the bit. */
import assert from "node:assert/strict";
import type { Device } from "../../lib/device/mod.ts";
import { checkNumbers } from "../../lib/kernels/mod.ts";
import { DecodeStep } from "../../lib/model/decode_step.ts";
import { KvCache } from "../../lib/model/kv_cache.ts";
import { Llama, llamaConfig, quantizeLlama } from "../../lib/model/mod.ts";
import { ShapeError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const CONFIG = llamaConfig("tiny-64", {
  vocabSize: 96,
  numHiddenLayers: 2,
  numKeyValueHeads: 1,
  maxPositionEmbeddings: 40,
  initializerRange: 0.3,
});

/** Logits behind the tokens 1, 2, 3, …, and whether each was a replay. */
async function decode(
  device: Device,
  options: { batch?: number; dtype?: "int8" | "int4" },
) {
  const { batch = 1, dtype } = options;
  const plain = Llama.create(CONFIG, { seed: 0, device });
  using model = dtype ? quantizeLlama(plain, dtype) : plain;
  using cache = new KvCache(CONFIG, { device, batch, capacity: 12 });
  using step = new DecodeStep(model, cache, batch);
  const logits: number[][] = [];
  const replays: boolean[] = [];
  for (let i = 0; i < 12; i++) {
    replays.push(step.isRecorded);
    const ids = Array.from({ length: batch }, (_, row) => 1 + i + 40 * row);
    logits.push([...await step.next(ids)]);
    assert.equal(cache.length, i + 1);
  }
  await assertFails(
    () => step.next(Array<number>(batch).fill(1)),
    ShapeError,
    /behind 12 tokens of caches/,
  );
  return { logits, replays };
}

for (const options of [{}, { batch: 2 }, { dtype: "int4" as const }]) {
  const name = JSON.stringify(options);
  deviceTest(`DecodeStep replays what it launched ${name}`, async (device) => {
    using other = checkNumbers(device);
    const launched = await decode(other, options);
    const replayed = await decode(device, options);
    assert.deepEqual(replayed.logits, launched.logits);
    assert.ok(!launched.replays.includes(true));
    const count = replayed.replays.filter((isReplay) => isReplay).length;
    assert.equal(count, device.record ? 9 : 0); // all but three
  });
}
