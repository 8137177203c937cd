/** Counts of parameters against published models. */
import assert from "node:assert/strict";
import {
  countByConvention,
  hoffmannModels,
  shapeParameters,
  ttlArchitectures,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("countByConvention() has the 50 models of Hoffmann's Table A9", async () => {
  const models = await hoffmannModels();
  assert.equal(models.length, 50);
  const errors = models.map((model) =>
    Math.abs(countByConvention(model, "all") / model.parameters - 1)
  );
  // The rule 5 d k h + 2 d ffw a layer and 32000 d: norms add 0.02 %.
  assert.equal(errors.filter((error) => error < 0.004).length, 48);
  assert.ok(Math.max(...errors) < 0.008);
});

Deno.test("countByConvention() has TTL's published counts", async () => {
  const heads = [12, 16, 16]; // the chat model is the larger one
  const models = await ttlArchitectures();
  assert.deepEqual(models.map(({ parameters }) => parameters), [
    162_417_408,
    468_239_360,
    468_243_456,
  ]);
  for (const [i, model] of models.entries()) {
    const shape = {
      numLayers: model.numLayers,
      hiddenSize: model.hiddenSize,
      feedForwardSize: model.intermediateSize,
      numHeads: heads[i]!,
      vocabSize: model.vocabSize,
      isGated: true,
    };
    assert.equal(countByConvention(shape, "all"), model.parameters);
    const vocabulary = model.vocabSize * model.hiddenSize;
    assert.equal(
      countByConvention(shape, "with head"),
      model.parameters - vocabulary,
    );
    assert.equal(
      countByConvention(shape, "without embeddings"),
      model.parameters - 2 * vocabulary,
    );
  }
});

Deno.test("shapeParameters() counts grouped heads, ties and positions", () => {
  // Llama 2's third preset of TTL's script: 22 layers, 4 of 32 key heads.
  const shape = {
    numLayers: 22,
    hiddenSize: 2048,
    feedForwardSize: 5632,
    numHeads: 32,
    numKvHeads: 4,
    vocabSize: 32000,
    isGated: true,
  };
  const parts = shapeParameters(shape);
  assert.deepEqual(parts, {
    embedding: 65_536_000,
    attention: 22 * (2 * 2048 * 2048 + 2 * 2048 * 256),
    positions: 0,
    feedForward: 22 * 3 * 2048 * 5632,
    norms: 45 * 2048,
    head: 65_536_000,
  });
  // TinyLlama has this shape and 1,100,048,384 parameters.
  assert.equal(countByConvention(shape, "all"), 1_100_048_384);
  const tied = { ...shape, isTied: true, hasRelativePositions: true };
  assert.equal(shapeParameters(tied).head, 0);
  assert.equal(shapeParameters(tied).positions, 22 * 2048 * 2048);
  assertClose(
    countByConvention(tied, "with head"),
    countByConvention(tied, "all"),
    { rtol: 0 },
  );
});

Deno.test("shapeParameters() rejects sizes that are no counts", async () => {
  const shape = {
    numLayers: 2,
    hiddenSize: 64,
    feedForwardSize: 128,
    numHeads: 4,
    vocabSize: 100,
  };
  await assertFails(
    () => shapeParameters({ ...shape, numLayers: 1.5 }),
    ConfigError,
    /numLayers 1.5/,
  );
  await assertFails(
    () => shapeParameters({ ...shape, vocabSize: 0 }),
    ConfigError,
    /vocabSize 0/,
  );
});
