/** The plan of memory is what a run then takes, to the byte. */
import assert from "node:assert/strict";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { PackedTokens, TokenBatches } from "../../lib/text/mod.ts";
import { planMemory, resolveTrainConfig, train } from "../../lib/train/mod.ts";
import { deviceTest } from "../support/devices.ts";

const MODEL = llamaConfig("tiny-64", { vocabSize: 96, numHiddenLayers: 2 });

/** Each larger than the one before. */
const RUNS = [
  { accumulation: 3, batchSize: 1, contextLength: 7 },
  { accumulation: 1, batchSize: 2, contextLength: 32 },
  { accumulation: 1, batchSize: 2, contextLength: 32, maskDocuments: true },
];

deviceTest("planMemory() is what a run takes, to the byte", async (device) => {
  for (const { accumulation, maskDocuments = false, ...sizes } of RUNS) {
    const { batchSize, contextLength } = sizes;
    const config = resolveTrainConfig({
      tokens: 4 * batchSize * contextLength * accumulation,
      ...sizes,
      accumulation,
      maskDocuments,
      clip: 1,
    }, MODEL);
    const plan = await planMemory(MODEL, config, device.kind);
    const before = device.memory();
    using model = Llama.create(MODEL, { seed: 1, device });
    const stream = new Uint16Array(1000).map((_, i) => i % 96);
    const batches = new TokenBatches(
      new PackedTokens(stream, Int32Array.of(0, 96), 96),
      { ...sizes, vocabSize: 96, seed: 1, numberDocuments: maskDocuments },
    );
    let peak = 0;
    const larger = device.allocate(1 << 24, "before"); // not of the run
    device.free(larger);
    for await (const _ of train({ model, batches, config })) {
      const { liveBytes, peakBytes } = device.memory();
      assert.equal(liveBytes - before.liveBytes, plan.residentBytes);
      peak = peakBytes;
    }
    assert.equal(peak - before.liveBytes, plan.peakBytes);
    assert.ok(plan.launches > 50);
  }
});

Deno.test("planMemory() knows what gradient checkpointing saves", async () => {
  const model = llamaConfig("tiny-256");
  const peak = async (gradientCheckpointing: boolean) => {
    const knobs = { tokens: 1e5, batchSize: 8, gradientCheckpointing };
    const config = resolveTrainConfig(knobs, model);
    return (await planMemory(model, config, "cpu")).peakBytes;
  };
  assert.ok(await peak(true) < 0.75 * await peak(false));
});

Deno.test("planMemory() counts a model that this machine cannot hold", async () => {
  const model = llamaConfig("ttl-1.1b");
  const config = resolveTrainConfig({
    tokens: 1e6,
    batchSize: 1,
    contextLength: 512,
  }, model);
  const plan = await planMemory(model, config, "cpu");
  // Weights, two moments; the gradients come on top at the peak.
  assert.ok(plan.residentBytes > 12 * 1.09e9);
  assert.ok(plan.peakBytes > 16 * 1.09e9);
});
