/** Shares of bytes against the weights, orders against the seed. */
import assert from "node:assert/strict";
import type { CorpusDocument } from "../../../lib/text/corpus/document.ts";
import {
  mixDocuments,
  type MixDocumentsOptions,
  shuffleDocuments,
} from "../../../lib/text/corpus/mix_documents.ts";
import { ConfigError, Random } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";

const random = new Random(8, "mix");
const corpus = (source: string, count: number, maxLength = 50) =>
  Array.from({ length: count }, (_, i): CorpusDocument => ({
    name: `${i}`,
    source,
    text: "x".repeat(1 + random.int(maxLength)),
  }));

function bytesOf(documents: readonly CorpusDocument[], source: string): number {
  return documents.filter((d) => d.source === source)
    .reduce((sum, { text }) => sum + text.length, 0);
}

Deno.test("mixDocuments() keeps every stretch near the weights", async () => {
  const sources = [
    { documents: corpus("text", 3000), weight: 60 },
    { documents: corpus("chat", 3000, 200), weight: 40 },
  ];
  const mixed = await Array.fromAsync(mixDocuments(sources));
  for (const end of [50, 500, mixed.length]) {
    const part = mixed.slice(0, end);
    const text = bytesOf(part, "text"), chat = bytesOf(part, "chat");
    // Nobody runs ahead by more than one document.
    assert.ok(Math.abs(text / 60 - chat / 40) <= 50 / 60 + 200 / 40, `${end}`);
  }
  assert.equal(new Set(mixed).size, mixed.length); // nothing twice
});

Deno.test("mixDocuments() stops, drains or repeats at the end of a source", async () => {
  const texts = (source: string, text: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}`, source, text }));
  const sources = [
    { documents: texts("a", "xx", 4), weight: 1 },
    { documents: texts("b", "xx", 1), weight: 1 },
  ];
  const order = async (options: MixDocumentsOptions) =>
    (await Array.fromAsync(mixDocuments(sources, options)))
      .map(({ source }) => source).join("");
  assert.equal(await order({}), "aba");
  assert.equal(await order({ whenEmpty: "drain" }), "abaaa");
  assert.equal(await order({ whenEmpty: "repeat" }), "abababab");
});

Deno.test("mixDocuments() refuses weights and repeats that cannot be", async () => {
  const all = (weight: number, documents: Iterable<CorpusDocument>) => () =>
    Array.fromAsync(
      mixDocuments([{ documents, weight }, {
        documents: corpus("b", 9),
        weight: 1,
      }], { whenEmpty: "repeat" }),
    );
  await assertFails(
    all(0, []),
    ConfigError,
    /source 1 with weight 0: wanted a number above 0/,
  );
  await assertFails(all(1, []), ConfigError, /it is empty/);
  const once = corpus("a", 1).values();
  await assertFails(all(1, once), ConfigError, /only once/);
});

Deno.test("mixDocuments() closes its sources when it is left early", async () => {
  let closed = 0;
  function* source() {
    try {
      yield* corpus("a", 5);
    } finally {
      closed++;
    }
  }
  const two = [{ documents: source(), weight: 1 }, {
    documents: source(),
    weight: 1,
  }];
  let count = 0;
  for await (const _ of mixDocuments(two)) if (++count === 2) break;
  assert.equal(closed, 2);
});

Deno.test("shuffleDocuments() gives each document once, by seed", async () => {
  const documents = corpus("a", 200);
  const order = async (seed: number, capacity: number) => {
    const shuffled = shuffleDocuments(documents, { seed, capacity });
    return (await Array.fromAsync(shuffled)).map(({ name }) => Number(name));
  };
  const once = await order(1, 20);
  assert.deepEqual(once.toSorted((a, b) => a - b), documents.map((_, i) => i));
  assert.deepEqual(await order(1, 20), once);
  assert.notDeepEqual(await order(2, 20), once);
  // A document comes at the earliest when the buffer has moved up to it.
  assert.ok(once.every((name, at) => at > name - 20));
  assert.deepEqual(await order(1, 1), documents.map((_, i) => i));
  await assertFails(() => order(1, 0), ConfigError, /room for 0 documents/);
});
