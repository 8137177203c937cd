/** Batches against the stream that they are cut from, token by token. */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import {
  packDocuments,
  TokenBatches,
  type TokenBatchesOptions,
} from "../../lib/text/token_batches.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const tokenizer = trainBpe(["um gato e um rato"], { vocabSize: 280 });
const DOCUMENTS = [{ text: "um gato" }, { text: "" }, { text: "um rato" }];

/** Tokens 0..102: each target is its input plus one. */
const TOKENS = Uint16Array.from({ length: 103 }, (_, i) => i);
const OPTIONS: TokenBatchesOptions = {
  batchSize: 3,
  contextLength: 5,
  vocabSize: 103,
  seed: 1,
};

Deno.test("packDocuments() puts BOS before each document", () => {
  const { bosId } = tokenizer;
  assert.deepEqual(Array.from(packDocuments(DOCUMENTS, tokenizer)), [
    bosId,
    ...tokenizer.encode("um gato"),
    bosId,
    bosId,
    ...tokenizer.encode("um rato"),
  ]);
});

Deno.test("packDocuments() puts EOS behind, or neither, when asked", () => {
  const { eosId } = tokenizer;
  const first = DOCUMENTS.slice(0, 1), gato = tokenizer.encode("um gato");
  const pack = (options: { bos?: boolean; eos?: boolean }) =>
    Array.from(packDocuments(first, tokenizer, options));
  assert.deepEqual(pack({ bos: false }), [...gato]);
  assert.deepEqual(pack({ bos: false, eos: true }), [...gato, eosId]);
});

Deno.test("packDocuments() takes two bytes a token where they are enough", () => {
  assert.ok(packDocuments(DOCUMENTS, tokenizer) instanceof Uint16Array);
  const names = Array.from({ length: 65_400 }, (_, i) => `<${i}>`);
  const large = tokenizer.withSpecialTokens(names);
  assert.ok(packDocuments(DOCUMENTS, large) instanceof Int32Array);
});

Deno.test("TokenBatches covers every whole block once an epoch", () => {
  const batches = new TokenBatches(TOKENS, OPTIONS);
  assert.equal(batches.stepsPerEpoch, 6); // 20 blocks of 5, 3 in a batch
  for (const epoch of [0, 1, 2]) {
    const starts: number[] = [];
    for (let step = 0; step < batches.stepsPerEpoch; step++) {
      assert.equal(batches.epoch, epoch);
      const { inputs, targets, B, T } = batches.next();
      assert.deepEqual([inputs.length, B, T], [15, 3, 5]);
      assert.deepEqual(targets, inputs.map((id) => id + 1));
      for (let b = 0; b < B; b++) {
        const row = inputs.subarray(b * T, (b + 1) * T);
        assert.deepEqual(row, row.map((_, t) => row[0]! + t));
        starts.push(row[0]!);
      }
    }
    assert.ok(starts.every((start) => start % 5 === 0));
    assert.equal(new Set(starts).size, 18); // no block twice
  }
});

Deno.test("TokenBatches has another order each epoch and for each seed", () => {
  const epochOf = (seed: number, epoch: number) => {
    const batches = new TokenBatches(TOKENS, { ...OPTIONS, seed });
    return Array.from(
      { length: batches.stepsPerEpoch },
      (_, i) =>
        Array.from(batches.at(epoch * batches.stepsPerEpoch + i).inputs),
    );
  };
  assert.deepEqual(epochOf(1, 0), epochOf(1, 0));
  assert.notDeepEqual(epochOf(1, 0), epochOf(1, 1));
  assert.notDeepEqual(epochOf(1, 0), epochOf(2, 0));
});

Deno.test("TokenBatches goes on where another one stopped", () => {
  const whole = new TokenBatches(TOKENS, OPTIONS);
  const all = Array.from({ length: 20 }, () => whole.next());
  assert.equal(whole.position, 20);
  for (const position of [0, 5, 6, 17]) {
    const resumed = new TokenBatches(TOKENS, OPTIONS);
    resumed.position = position;
    for (let i = position; i < 20; i++) {
      assert.deepEqual(resumed.next(), all[i]);
    }
  }
});

Deno.test("TokenBatches takes tokens for exactly one batch, and no fewer", async () => {
  const tokens = TOKENS.subarray(0, 16);
  const { inputs } = new TokenBatches(tokens, OPTIONS).next();
  assert.deepEqual(inputs.toSorted(), Int32Array.from(tokens.subarray(0, 15)));
  await assertFails(
    () => new TokenBatches(tokens.subarray(0, 15), OPTIONS),
    DataError,
    /batch of 3 x 5: there are 15 tokens, one batch takes 16/,
  );
});

Deno.test("TokenBatches refuses tokens outside of the vocabulary", async () => {
  const make = (tokens: Uint16Array | Int32Array, vocabSize: number) => () =>
    new TokenBatches(tokens, { ...OPTIONS, vocabSize });
  await assertFails(
    make(TOKENS, 100),
    DataError,
    /token 100 at place 100 is not in a vocabulary of 100/,
  );
  const negative = Int32Array.from(TOKENS);
  negative[7] = -1;
  await assertFails(make(negative, 103), DataError, /token -1 at place 7/);
});

Deno.test("TokenBatches refuses sizes and positions that make no sense", async () => {
  for (const bad of [0, -1, 1.5, NaN]) {
    await assertFails(
      () => new TokenBatches(TOKENS, { ...OPTIONS, batchSize: bad }),
      ConfigError,
      new RegExp(`batchSize ${bad}: wanted a whole number from 1`),
    );
    await assertFails(
      () => new TokenBatches(TOKENS, { ...OPTIONS, contextLength: bad }),
      ConfigError,
      /contextLength/,
    );
  }
  const batches = new TokenBatches(TOKENS, OPTIONS);
  batches.position = -2;
  await assertFails(() => batches.next(), ConfigError, /batch -2/);
});
