/** The dial: shapes that fit, and rules worked out by hand. */
import assert from "node:assert/strict";
import { countParameters } from "../../lib/model/mod.ts";
import { depthPlan, resolveTrainConfig } from "../../lib/train/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

Deno.test("depthPlan() grows everything with the depth", () => {
  let before = { tokens: 0, perStep: 0, rate: Infinity };
  for (const depth of [1, 2, 4, 8, 16, 24]) {
    const { model, train } = depthPlan(depth);
    const config = resolveTrainConfig(train, model);
    assert.equal(model.hiddenSize, 32 * depth);
    assert.equal(config.tokens, 20 * countParameters(model).total);
    const perStep = config.tokensPerStep;
    assert.ok(config.tokens > before.tokens && perStep >= before.perStep);
    assert.ok(config.learningRate <= before.rate && config.batchSize <= 16);
    before = { tokens: config.tokens, perStep, rate: config.learningRate };
  }
});

Deno.test("depthPlan() follows its rules", () => {
  // Depth 24 is 768 wide, as TTL-160m.
  const { model, train } = depthPlan(24, { vocabSize: 32000 });
  const { total } = countParameters(model);
  const block = 4 * 768 ** 2 + 3 * 768 * 2048 + 2 * 768;
  assert.equal(total, 24 * block + 2 * 32000 * 768 + 768);
  assert.equal(train.learningRate, 1e-3); // 8e-3 * 96 / 768
  assert.equal(depthPlan(3).train.learningRate, 8e-3);
  const perStep = train.batchSize! * train.accumulation! * 256;
  const batch = Math.exp(Math.log(0.58) + 0.571 * Math.log(20 * total));
  assert.ok(Math.abs(perStep / batch - 1) < 0.05, `${perStep} ${batch}`);
});

Deno.test("depthPlan() lets fields be chosen, and refuses bad depths", async () => {
  const { model, train } = depthPlan(3, { maxPositionEmbeddings: 64 });
  assert.equal(model.maxPositionEmbeddings, 64);
  assert.equal(train.contextLength, 64);
  for (const depth of [0, 1.5, 65]) {
    await assertFails(() => depthPlan(depth), ConfigError, /wanted 1 to 64/);
  }
});
