/** Both packings against plain loops over whole lists. */
import assert from "node:assert/strict";
import { trainBpe } from "../../../lib/text/bpe_trainer.ts";
import {
  type PackedChunk,
  type PackingOptions,
  TokenPacker,
} from "../../../lib/text/corpus/token_packing.ts";
import { ConfigError, Random } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";

const tokenizer = trainBpe(["um gato e um rato"], { vocabSize: 275 });
const random = new Random(9, "packing");
const TEXTS = Array.from(
  { length: 57 },
  () => "um gato e um rato ".repeat(random.int(4)).trim(),
);

function pack(options: PackingOptions): PackedChunk[] {
  const packer = new TokenPacker(tokenizer, options);
  return [...TEXTS.map((text) => packer.push(text)), packer.end()]
    .filter((chunk) => chunk !== undefined);
}

Deno.test("TokenPacker continuous puts BOS before each document", () => {
  const chunks = pack({});
  assert.equal(chunks.length, TEXTS.length);
  for (const [i, { tokens, starts, documents, bytes }] of chunks.entries()) {
    assert.deepEqual(tokens, tokenizer.encode(TEXTS[i]!, { bos: true }));
    assert.deepEqual([starts, documents], [[0], 1]);
    assert.equal(bytes, TEXTS[i]!.length);
  }
  const [first] = pack({ bos: false, eos: true });
  assert.deepEqual(first!.tokens, tokenizer.encode(TEXTS[0]!, { eos: true }));
});

Deno.test("TokenPacker ttl cuts batches as tokenize-dataset.py does", () => {
  const blockLength = 8, batchDocuments = 10;
  const chunks = pack({ packing: "ttl", blockLength, batchDocuments });
  assert.equal(chunks.length, 6);
  for (const [b, chunk] of chunks.entries()) {
    const batch = TEXTS.slice(b * batchDocuments, (b + 1) * batchDocuments);
    const ids = batch.map((text) => [...tokenizer.encode(text, { bos: true })]);
    const all = ids.flat();
    all.pop(); // the script drops the last token of each batch
    const blocks: number[] = [];
    for (let i = 0; i + blockLength <= all.length; i += blockLength) {
      blocks.push(...all.slice(i, i + blockLength));
    }
    assert.deepEqual([...chunk.tokens], blocks);
    let place = 0;
    const starts = ids.map((list) => (place += list.length) - list.length)
      .filter((start) => start < blocks.length);
    assert.deepEqual(chunk.starts, starts);
    assert.equal(chunk.documents, starts.length);
  }
});

Deno.test("TokenPacker refuses lengths that make no sense", () =>
  assertFails(
    () => new TokenPacker(tokenizer, { blockLength: 0 }),
    ConfigError,
    /blockLength 0: wanted a whole number from 1/,
  ));
