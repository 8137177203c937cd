/** Counts of FLOPs against Hoffmann's Table A4 and against each other. */
import assert from "node:assert/strict";
import {
  compareConventions,
  countByConvention,
  EPOCH_LAW,
  hoffmannFlopRatios,
  hoffmannFlops,
  kaplanFlops,
  optimalTokens,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const small = {
  numLayers: 2,
  hiddenSize: 8,
  feedForwardSize: 32,
  numHeads: 2,
  vocabSize: 100,
};

Deno.test("hoffmannFlops() has the ratios of Hoffmann's Table A4", async () => {
  const ratios = await hoffmannFlopRatios();
  // Computed independently; with the vocabulary counted they do not come out.
  const computed = [1.0264, 1.1019, 1.0838, 1.0447, 1.0335, 0.9944];
  const full = [1.58, 1.32, 1.23, 1.15, 1.12, 1.03];
  for (const [i, { shape, ratio }] of ratios.entries()) {
    const sixNd = 6 * countByConvention(shape, "all") * 1e9;
    const count = (hasVocabulary: boolean) =>
      hoffmannFlops(shape, 1e9, { sequenceLength: 2048, hasVocabulary }) /
      sixNd;
    assertClose(count(false), ratio, { atol: 0.006 });
    assertClose(count(false), computed[i]!, { atol: 3e-4 }); // norms add 2e-4
    assertClose(count(true), full[i]!, { atol: 0.006 });
  }
});

Deno.test("hoffmannFlops() adds up matrix by matrix", () => {
  // One sequence of 4 tokens, forward: in each of 2 layers four projections
  // of 2 4 8 8, scores and mixing of 2 4 4 8, softmax 3 2 4 4 and two
  // matrices of 2 4 8 32; embedding and logits of 2 4 100 8.
  const layer = 4 * 512 + 2 * 256 + 96 + 2 * 2048;
  const forward = 2 * layer + 2 * 6400;
  assert.equal(hoffmannFlops(small, 4, { sequenceLength: 4 }), 3 * forward);
  const gated = { ...small, isGated: true, numKvHeads: 1 };
  const change = 2 * (2048 - 512); // a third matrix, half the keys and values
  assert.equal(
    hoffmannFlops(gated, 4, { sequenceLength: 4 }),
    3 * (forward + change),
  );
});

Deno.test("kaplanFlops() is 6n and the context for each token", () => {
  const n = countByConvention(small, "without embeddings");
  assert.equal(
    kaplanFlops(small, 10, { sequenceLength: 16 }),
    10 * 6 * (n + 2 * 16 * 8),
  );
});

Deno.test("compareConventions() puts each count into the same law", () => {
  const shape = { ...small, numLayers: 12, hiddenSize: 768, numHeads: 12 };
  const rows = compareConventions(EPOCH_LAW, shape, {
    tokens: 1e9,
    sequenceLength: 1024,
  });
  assert.deepEqual(rows.map((row) => row.convention), [
    "all",
    "without embeddings",
    "with head",
  ]);
  for (const row of rows) {
    const { convention, parameters } = row;
    assert.equal(parameters, countByConvention(shape, convention));
    assert.equal(row.loss, predictLoss(EPOCH_LAW, { parameters, tokens: 1e9 }));
    assert.equal(row.optimalTokens, optimalTokens(EPOCH_LAW, parameters));
    assert.equal(row.budget, 6e9 * parameters);
    assertClose(row.tokensPerParameter * parameters, 1e9, { rtol: 1e-15 });
  }
  const [all, without] = rows;
  assert.ok(all!.shareOfFullCount > without!.shareOfFullCount);
});

Deno.test("FLOP counts reject numbers of 0", async () => {
  await assertFails(
    () => hoffmannFlops(small, 0, { sequenceLength: 4 }),
    ConfigError,
    /tokens 0/,
  );
  await assertFails(
    () => kaplanFlops(small, 1, { sequenceLength: 0 }),
    ConfigError,
    /sequenceLength 0/,
  );
});
