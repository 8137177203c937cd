/** Batches against the stream that they are cut from, token by token. */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import {
  packDocuments,
  packWithStarts,
  type TokenBatch,
  TokenBatches,
  type TokenBatchesOptions,
} from "../../lib/text/token_batches.ts";
import { withDocumentStarts } from "../../lib/text/token_source.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
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

Deno.test("TokenBatches gives no block twice in an epoch", () => {
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

/** Rows of a batch as [inputs and the last target] in text form. */
function rowsOf({ inputs, targets, B, T }: TokenBatch): string[] {
  return Array.from({ length: B }, (_, b) => {
    const row = inputs.subarray(b * T, (b + 1) * T);
    assert.deepEqual(
      targets.subarray(b * T, (b + 1) * T - 1),
      row.subarray(1),
      "targets are the inputs one token on",
    );
    return `${row.join(" ")} ${targets[(b + 1) * T - 1]}`;
  });
}

Deno.test("TokenBatches cuts any stream as a plain loop does", () => {
  const random = new Random(9, "token batches test");
  for (let trial = 0; trial < 40; trial++) {
    const B = 1 + random.int(4), T = 1 + random.int(6);
    const length = B * T + 1 + random.int(60);
    const tokens = Int32Array.from({ length }, () => random.int(1e6));
    const blocks: string[] = []; // T inputs and one token beyond
    for (let i = 0; i + T < length; i += T) {
      blocks.push(tokens.slice(i, i + T + 1).join(" "));
    }
    const batches = new TokenBatches(tokens, {
      batchSize: B,
      contextLength: T,
      vocabSize: 1e6,
      seed: trial,
    });
    const perEpoch = Math.floor(blocks.length / B);
    assert.equal(batches.stepsPerEpoch, perEpoch);
    const steps = Array.from({ length: 3 * perEpoch }, () => batches.next());
    for (const epoch of [0, 1, 2]) {
      const left = [...blocks];
      for (const step of steps.slice(epoch * perEpoch).slice(0, perEpoch)) {
        for (const row of rowsOf(step)) {
          const at = left.indexOf(row);
          assert.ok(at >= 0, `"${row}" is no block that was left`);
          left.splice(at, 1);
        }
      }
      assert.equal(left.length, blocks.length % B);
    }
    const index = random.int(steps.length); // any one, in any order
    assert.deepEqual(batches.at(index), steps[index]);
    assert.equal(batches.position, steps.length);
  }
});

Deno.test("TokenBatches leaves out other blocks in other epochs", () => {
  // 5 blocks of 4, 2 in a batch: one block is left out of each epoch. Not
  // once in 60 epochs has each a chance of (4/5)^60, one in a million.
  const batches = new TokenBatches(TOKENS.subarray(0, 21), {
    ...OPTIONS,
    batchSize: 2,
    contextLength: 4,
  });
  const leftOut = new Set<number>();
  for (let epoch = 0; epoch < 60; epoch++) {
    const starts = new Set([0, 4, 8, 12, 16]);
    for (let step = 0; step < 2; step++) {
      const { inputs } = batches.next();
      starts.delete(inputs[0]!);
      starts.delete(inputs[4]!);
    }
    assert.equal(starts.size, 1);
    for (const start of starts) leftOut.add(start);
  }
  assert.equal(leftOut.size, 5);
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
    await assertFails(
      () => new TokenBatches(TOKENS, { ...OPTIONS, vocabSize: bad }),
      ConfigError,
      /vocabSize/,
    );
  }
  const batches = new TokenBatches(TOKENS, OPTIONS);
  batches.position = -2;
  await assertFails(() => batches.next(), ConfigError, /batch -2/);
});

Deno.test("packWithStarts() says where documents begin", () => {
  const packed = packWithStarts(DOCUMENTS, tokenizer);
  const length = tokenizer.encode("um gato").length + 1;
  assert.deepEqual([...packed.starts], [0, length, length + 1]);
  assert.deepEqual([...packed.documentStarts(1, length + 1)], [length]);
  assert.deepEqual(packed.tokens, packDocuments(DOCUMENTS, tokenizer));
});

Deno.test("TokenBatches numbers the documents of each sequence", async () => {
  const packed = packWithStarts(
    Array.from({ length: 40 }, (_, i) => ({ text: "um gato ".repeat(i % 4) })),
    tokenizer,
  );
  const options = {
    batchSize: 2,
    contextLength: 13,
    vocabSize: tokenizer.vocabSize,
    seed: 1,
  };
  const batches = new TokenBatches(packed, {
    ...options,
    numberDocuments: true,
  });
  for (let step = 0; step < batches.stepsPerEpoch; step++) {
    const { inputs, documents, B, T } = batches.next();
    for (let b = 0; b < B; b++) {
      let number = 0; // BOS begins each document, so the tokens tell as well
      for (let t = 0; t < T; t++) {
        if (t > 0 && inputs[b * T + t] === tokenizer.bosId) number++;
        assert.equal(documents![b * T + t], number);
      }
    }
  }
  assert.equal(new TokenBatches(packed, options).next().documents, undefined);
  await assertFails(
    () => new TokenBatches(TOKENS, { ...OPTIONS, numberDocuments: true }),
    ConfigError,
    /where they begin is not known; wanted packWithStarts or shards/,
  );
});

Deno.test("withDocumentStarts() begins a document at each BOS", () => {
  const stream = Uint16Array.of(1, 5, 6, 1, 1, 7);
  const bos = { bosId: 1, vocabSize: 16 };
  const packed = withDocumentStarts(stream, bos);
  assert.deepEqual(Array.from(packed.documentStarts!(0, 6)), [0, 3, 4]);
  assert.deepEqual(Array.from(packed.documentStarts!(1, 4)), [3]);
  assert.equal(packed.vocabSize, 16);
  assert.equal(withDocumentStarts(packed, { ...bos, bosId: 5 }), packed);
  const none = withDocumentStarts(stream, { ...bos, bosId: 9 });
  assert.equal(none.documentStarts!(0, 6).length, 0);
});
