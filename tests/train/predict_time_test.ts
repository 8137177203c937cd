/** How steps are measured before a run; that they change nothing is in train_test. */
import assert from "node:assert/strict";
import { openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import { measureStepSeconds, resolveTrainConfig } from "../../lib/train/mod.ts";

const MODEL = llamaConfig("tiny-64", {
  numHiddenLayers: 1,
  vocabSize: 300,
  maxPositionEmbeddings: 32,
});

Deno.test("measureStepSeconds() repeats steps, and only those within around", async () => {
  using device = await openDevice("cpu");
  using model = Llama.create(MODEL, { seed: 0, device });
  const sizes = { batchSize: 2, contextLength: 32 };
  const config = resolveTrainConfig({ tokens: 640, ...sizes }, MODEL);
  let taken = 0;
  class Counted extends TokenBatches {
    override next() {
      taken++;
      return super.next();
    }
  }
  const tokens = Uint16Array.from({ length: 2000 }, (_, i) => i * 7 % 300);
  const batches = new Counted(tokens, { ...sizes, vocabSize: 300, seed: 0 });
  await measureStepSeconds(model, batches, config);
  assert.equal(taken, 2); // one that compiles, one that counts

  taken = 0;
  let inside = 0, seconds = 0;
  const perStep = await measureStepSeconds(model, batches, config, {
    seconds: 0.2,
    around: async (steps) => {
      assert.equal(taken, 1);
      const begun = performance.now();
      await steps();
      seconds = (performance.now() - begun) / 1e3;
      inside = taken - 1;
    },
  });
  assert.ok(seconds >= 0.2 && inside >= 1, `${inside} in ${seconds} s`);
  // The median of `inside` steps: half of them take at least as long.
  assert.ok(perStep > 0 && perStep * inside / 2 <= seconds);
  assert.equal(batches.position, 0);
});
