/** Held-out loss where documents are masked, alone and in a run. */
import assert from "node:assert/strict";
import { heldOutLoss } from "../../lib/eval/mod.ts";
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
