/** The split against counting. */
import assert from "node:assert/strict";
import {
  heldOutJudge,
  splitDocuments,
} from "../../lib/text/split_documents.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const DOCUMENTS = Array.from({ length: 4000 }, (_, i) => ({
  name: `${i}`,
  text: `documento ${i % 2000}`, // each text twice
}));

Deno.test("splitDocuments() holds out about the share that is asked for", () => {
  const { train, heldOut } = splitDocuments(DOCUMENTS, {
    heldOutShare: 0.2,
    seed: 1,
  });
  assert.equal(train.length + heldOut.length, DOCUMENTS.length);
  // 2000 independent texts: the standard error is sqrt(0.2*0.8/2000) = 0.009.
  assertClose(heldOut.length / DOCUMENTS.length, 0.2, { atol: 4 * 0.009 });
});

Deno.test("splitDocuments() puts equal texts on one side", () => {
  const { train, heldOut } = splitDocuments(DOCUMENTS, {
    heldOutShare: 0.5,
    seed: 1,
  });
  const texts = new Set(train.map(({ text }) => text));
  assert.ok(heldOut.every(({ text }) => !texts.has(text)));
});

Deno.test("splitDocuments() judges a document by itself and the seed", () => {
  const options = { heldOutShare: 0.3, seed: 5 };
  const { heldOut } = splitDocuments(DOCUMENTS, options);
  const half = splitDocuments(DOCUMENTS.slice(0, 2000), options);
  assert.deepEqual(heldOut.slice(0, half.heldOut.length), half.heldOut);
  const other = splitDocuments(DOCUMENTS, { ...options, seed: 6 });
  assert.notDeepEqual(other.heldOut, heldOut);
});

Deno.test("splitDocuments() takes 0, 1 and nothing beyond", async () => {
  const split = (heldOutShare: number) =>
    splitDocuments(DOCUMENTS, { heldOutShare, seed: 0 });
  assert.equal(split(0).heldOut.length, 0);
  assert.equal(split(1).train.length, 0);
  await assertFails(
    () => split(1.5),
    ConfigError,
    /share of 1.5: wanted 0 to 1/,
  );
  await assertFails(() => split(NaN), ConfigError, /share of NaN/);
});

/** Pairs of texts of 60 words that differ in one. */
const PAIRS = Array.from({ length: 80 }, (_, i) => {
  const words = Array.from({ length: 60 }, (_, j) => `palavra${i}x${j}`);
  return [words, words.with(30, "outra")].map((w) => ({ text: w.join(" ") }));
}).flat();

Deno.test("splitDocuments() keeps near-duplicates together when asked", () => {
  const apart = (options: object) => {
    const { train } = splitDocuments(PAIRS, {
      heldOutShare: 0.5,
      seed: 2,
      ...options,
    });
    const inTrain = new Set(train);
    return PAIRS.filter((document, i) =>
      i % 2 === 0 && inTrain.has(document) !== inTrain.has(PAIRS[i + 1]!)
    ).length;
  };
  assert.ok(apart({}) > 20); // half of 80 by chance
  assert.equal(apart({ nearDuplicates: {} }), 0);
});

Deno.test("heldOutJudge() agrees with splitDocuments()", async () => {
  for (const more of [{}, { nearDuplicates: {} }]) {
    const options = { heldOutShare: 0.3, seed: 4, ...more };
    const judge = await heldOutJudge(() => PAIRS, options);
    const heldOut = PAIRS.filter(({ text }, i) => judge(text, i));
    assert.deepEqual(heldOut, splitDocuments(PAIRS, options).heldOut);
    assert.ok(heldOut.length > 0);
  }
  const judge = await heldOutJudge(() => PAIRS, {
    heldOutShare: 0.3,
    seed: 4,
    nearDuplicates: {},
  });
  await assertFails(
    () => judge("outro", 7),
    DataError,
    /documents that change: number 7/,
  );
});
