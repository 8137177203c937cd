/** Several threads give what one thread gives, in its order. */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { EncodePool } from "../../lib/text/encode_pool.ts";
import { syntheticCorpus } from "../../lib/text/synthetic/corpus.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const TEXTS = Array.from(
  syntheticCorpus({ seed: 5, documents: 300 }),
  ({ text }) => text,
);
TEXTS.splice(7, 0, "", " ", "🙂\n</s>");

for (const kind of ["llama", "byte-level"] as const) {
  Deno.test(`EncodePool encodes as one thread does (${kind})`, async () => {
    const tokenizer = trainBpe(TEXTS.slice(0, 50), { vocabSize: 900, kind });
    using pool = await EncodePool.start(tokenizer, { threads: 2 });
    // Long ones among short ones, so that batches end out of order.
    const random = new Random(1, "lengths");
    const texts = TEXTS.map((text) =>
      random.int(40) === 0 ? text.repeat(300) : text
    );
    const options = { bos: true, eos: true, allowSpecial: true };
    let i = 0;
    for await (const ids of pool.encodeAll(texts, options)) {
      assert.deepEqual(ids, tokenizer.encode(texts[i]!, options));
      i++;
    }
    assert.equal(i, texts.length);
  });
}

Deno.test("EncodePool reads no further than its threads need", async () => {
  const tokenizer = trainBpe(["um gato"], { vocabSize: 300 });
  using pool = await EncodePool.start(tokenizer, { threads: 1 });
  let numRead = 0;
  function* endless() {
    for (;;) {
      numRead++;
      yield "um gato ".repeat(40_000); // more than a batch
    }
  }
  for await (const ids of pool.encodeAll(endless())) {
    assert.ok(ids.length > 0);
    break;
  }
  // One that is given out, two under way, one in hand.
  assert.ok(numRead <= 4, `${numRead} texts read`);
  // And the pool goes on afterwards.
  const [ids] = await Array.fromAsync(pool.encodeAll(["um gato"]));
  assert.deepEqual(ids, tokenizer.encode("um gato"));
});

Deno.test("EncodePool passes on what one text did, and goes on", async () => {
  const tokenizer = trainBpe(["um gato"], {
    vocabSize: 300,
    kind: "byte-level",
  });
  using pool = await EncodePool.start(tokenizer, { threads: 1 });
  await assertFails(
    () => Array.fromAsync(pool.encodeAll(["ж".repeat(1e7)])),
    DataError,
    /Cannot cut a text of 10000000 characters/,
  );
  const [ids] = await Array.fromAsync(pool.encodeAll(["um gato"]));
  assert.deepEqual(ids, tokenizer.encode("um gato"));
});

Deno.test("EncodePool passes on an error of the texts", async () => {
  const tokenizer = trainBpe(["um gato"], { vocabSize: 300 });
  using pool = await EncodePool.start(tokenizer, { threads: 1 });
  function* broken() {
    yield "um gato ".repeat(40_000);
    throw new RangeError("no more");
  }
  await assertFails(
    () => Array.fromAsync(pool.encodeAll(broken())),
    RangeError,
    /no more/,
  );
});

Deno.test("EncodePool says when it was ended or cannot start", async () => {
  const tokenizer = trainBpe(["um gato"], { vocabSize: 300 });
  const pool = await EncodePool.start(tokenizer, { threads: 1 });
  const ids = pool.encodeAll(["um gato ".repeat(1e6)]).next();
  await new Promise((resolve) => setTimeout(resolve, 5)); // it is sent
  pool[Symbol.dispose]();
  await assertFails(() => ids, Error, /Cannot encode: the pool was ended/);
  await assertFails(
    () => Array.fromAsync(pool.encodeAll(["um"])),
    Error,
    /Cannot encode: the pool was ended/,
  );
  await assertFails(
    () => EncodePool.start(tokenizer, { threads: 0 }),
    ConfigError,
    /Cannot encode on 0 threads/,
  );
});

Deno.test("EncodePool lets a program end that forgot about it", async () => {
  const file = new URL("../../lib/text/mod.ts", import.meta.url).href;
  const program = `
    import { EncodePool, trainBpe } from ${JSON.stringify(file)};
    const tokenizer = trainBpe(["um gato"], { vocabSize: 300 });
    const pool = await EncodePool.start(tokenizer, { threads: 2 });
    const all = await Array.fromAsync(pool.encodeAll(["um", "gato"]));
    console.log(all.length);`;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", program],
    cwd: new URL("../..", import.meta.url),
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.equal(new TextDecoder().decode(output.stdout), "2\n");
  assert.ok(output.success);
});
