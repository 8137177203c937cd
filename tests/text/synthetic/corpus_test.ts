/** The corpus against the stories that it is made of. */
import assert from "node:assert/strict";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import {
  syntheticDocument,
  syntheticStory,
} from "../../../lib/text/synthetic/story.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";

Deno.test("syntheticCorpus() gives as many documents as asked, from any start", () => {
  const stories = [...syntheticCorpus({ seed: 1, documents: 5, start: 7 })];
  assert.deepEqual(stories.map(({ index }) => index), [7, 8, 9, 10, 11]);
  assert.deepEqual(stories[2], syntheticStory(1, 9));
  assert.deepEqual([...syntheticCorpus({ seed: 1, documents: 0 })], []);
});

Deno.test("syntheticCorpus() ends with the document that reaches the bytes", () => {
  const sizes = [...syntheticCorpus({ seed: 2, bytes: 20_000 })]
    .map(({ text }) => new TextEncoder().encode(text).length);
  const total = sizes.reduce((a, b) => a + b);
  assert.ok(total >= 20_000 && total - sizes.at(-1)! < 20_000);
});

Deno.test("syntheticCorpus() makes a story when it is asked for", () => {
  const corpus = syntheticCorpus({
    seed: 3,
    documents: Infinity,
    split: "heldOut",
  });
  assert.deepEqual(
    corpus.next().value,
    syntheticStory(3, 0, { split: "heldOut" }),
  );
});

Deno.test("syntheticCorpus() makes other genres when it is asked for them", () => {
  const options = { genres: ["news", "story"], difficulty: 1 } as const;
  const documents = [...syntheticCorpus({ seed: 4, documents: 9, ...options })];
  assert.deepEqual(documents[5], syntheticDocument(4, 5, options));
  assert.deepEqual(
    new Set(documents.map(({ genre }) => genre)),
    new Set(options.genres),
  );
  const [harder] = syntheticCorpus({ seed: 4, documents: 1, difficulty: 3 });
  assert.deepEqual(harder, syntheticDocument(4, 0, { difficulty: 3 }));
});

Deno.test("syntheticCorpus() wants either documents or bytes", async () => {
  const cases = [{}, { documents: 1, bytes: 1 }, { bytes: -1 }, {
    documents: NaN,
  }];
  for (const options of cases) {
    await assertFails(
      () => syntheticCorpus({ seed: 1, ...options }).next(),
      ConfigError,
      /wanted one of the two, from 0/,
    );
  }
});
