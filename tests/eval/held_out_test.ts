/** Held-out loss where documents are masked, alone and in a run. */
import assert from "node:assert/strict";
import { averageLoss, heldOutLoss } from "../../lib/eval/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import {
  PackedTokens,
  TokenBatches,
  withDocumentStarts,
} from "../../lib/text/mod.ts";
import { resolveTrainConfig, train } from "../../lib/train/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const MODEL = llamaConfig("tiny-64", {
  vocabSize: 16,
  hiddenSize: 16,
  intermediateSize: 32,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 8,
  initializerRange: 0.5, // so that what attention sees makes a difference
});
/** Documents of four tokens, each beginning with 1 (BOS), which is nowhere else. */
const TOKENS = new Uint16Array(401)
  .map((_, i) => i % 4 === 0 ? 1 : 2 + i * i % 14);
const BOS = { bosId: 1, vocabSize: 16 };

deviceTest(
  "heldOutLoss() with masked documents is that of each alone",
  async (device) => {
    using model = Llama.create(MODEL, { seed: 3, device });
    const masked = await heldOutLoss(model, withDocumentStarts(TOKENS, BOS), {
      batchSize: 3,
      contextLength: 8,
      maskDocuments: true,
    });
    // Rotary positions are relative: a document is the same in the middle.
    const alone = await heldOutLoss(model, TOKENS, {
      batchSize: 7,
      contextLength: 4,
    });
    assert.deepEqual([masked.tokens, alone.tokens], [400, 400]);
    assertClose(masked.loss, alone.loss, { rtol: 1e-5 }); // single precision
    const across = await heldOutLoss(model, TOKENS, {
      batchSize: 3,
      contextLength: 8,
    });
    assert.ok(Math.abs(across.loss - alone.loss) > 0.01 * alone.loss);
    await assertFails(
      () =>
        heldOutLoss(model, TOKENS, {
          batchSize: 1,
          contextLength: 8,
          maskDocuments: true,
        }),
      ConfigError,
      /where the documents of these tokens begin is not known/,
    );
  },
);

deviceTest(
  "heldOutLoss() weighs tokens or batches the same",
  async (device) => {
    using model = Llama.create(MODEL, { seed: 3, device });
    // Three sequences in batches of two: the last one is a batch of its own.
    const tokens = TOKENS.slice(0, 3 * 8 + 1);
    const losses: number[] = [];
    for (const start of [0, 8, 16]) {
      const sequence = tokens.subarray(start, start + 9);
      const options = { batchSize: 1, contextLength: 8 };
      losses.push((await heldOutLoss(model, sequence, options)).loss);
    }
    const [a, b, c] = losses as [number, number, number];
    const options = { batchSize: 2, contextLength: 8 };
    const byToken = await heldOutLoss(model, tokens, options);
    const byBatch = await heldOutLoss(model, tokens, {
      ...options,
      average: "batches",
    });
    // Single precision over 24 tokens.
    assertClose([byToken.loss], [(a + b + c) / 3], { rtol: 1e-6 });
    assertClose([byBatch.loss], [((a + b) / 2 + c) / 2], { rtol: 1e-6 });
    assert.ok(Math.abs(byBatch.loss - byToken.loss) > 1e-3);
    assertClose([byBatch.perplexity], [Math.exp(byBatch.loss)], {
      rtol: 1e-12,
    });
    assert.equal(byBatch.tokens, 24);
  },
);

Deno.test("averageLoss() of batches is that of evaluation.py", () => {
  // Two full batches of 16 blocks and a last one of 4, worked out by hand.
  const batches = [
    { loss: 2.5, tokens: 16 },
    { loss: 2.75, tokens: 16 },
    { loss: 3.5, tokens: 4 },
  ];
  assertClose([averageLoss(batches)], [98 / 36], { rtol: 1e-15 });
  assertClose([averageLoss(batches, "batches")], [8.75 / 3], { rtol: 1e-15 });
});

deviceTest(
  "train() evaluates with masked documents when it trains so",
  async (device) => {
    using model = Llama.create(MODEL, { seed: 3, device });
    const config = resolveTrainConfig(
      { tokens: 64, batchSize: 4, maskDocuments: true },
      MODEL,
    );
    const batches = new TokenBatches(
      new PackedTokens(TOKENS, Int32Array.of(0, 4, 8), 16),
      { ...config, vocabSize: 16, numberDocuments: true },
    );
    const run = train({ model, batches, config, heldOut: TOKENS });
    const evaluation = (await Array.fromAsync(run)).at(-1)!;
    assert.ok(evaluation.kind === "evaluation");
    const { loss } = await heldOutLoss(model, withDocumentStarts(TOKENS, BOS), {
      ...config,
      maskDocuments: true,
    });
    assertClose(evaluation.loss, loss, { rtol: 1e-6 });
  },
);
