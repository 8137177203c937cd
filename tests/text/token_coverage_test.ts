/** Coverage against counting by hand. */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { pieceCoverage, wordBands } from "../../lib/text/token_coverage.ts";
import { syntheticCorpus } from "../../lib/text/synthetic/corpus.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const tokenizer = trainBpe(["gato gato rato rato é"], { vocabSize: 400 });

Deno.test("pieceCoverage() adds up pieces from the most frequent on", () => {
  // ▁gato · ▁gato · ▁gato · ▁rato · ▁ · é: three, one, one and one of six.
  const coverage = pieceCoverage(tokenizer, "gato gato gato rato é");
  assert.deepEqual(
    Array.from(coverage.shares),
    [3 / 6, 4 / 6, 5 / 6, 1],
  );
  assert.equal(coverage.usedPieces, 4);
  assert.equal(coverage.usedShare, 4 / tokenizer.vocabSize);
});

Deno.test("wordBands() counts as done by hand", () => {
  const words = Array.from("abcdefghij", (letter) => `${letter}x `.repeat(3));
  const text = words.join("") + "gato rato gato, é!";
  // Ten words that come three times, then gato twice, rato and é once.
  const bands = wordBands(tokenizer, text);
  assert.deepEqual(bands.map(({ from, to }) => [from, to]), [[1, 10], [
    11,
    13,
  ]]);
  assert.deepEqual(bands[1], {
    from: 11,
    to: 13,
    textShare: 4 / 34,
    wholeShare: 2 / 3, // gato and rato; é is ▁ and é
    tokensPerWord: 4 / 3,
  });
  assert.equal(bands[0]!.wholeShare, 0);
});

for (const kind of ["llama", "byte-level"] as const) {
  Deno.test(`wordBands() finds frequent words whole (${kind})`, () => {
    const stories = Array.from(
      syntheticCorpus({ seed: 4, documents: 200 }),
      ({ text }) => text,
    ).join("\n");
    const trained = trainBpe([stories], { vocabSize: 1200, kind });
    const [first, ...others] = wordBands(trained, stories);
    assert.equal(first!.wholeShare, 1);
    assert.ok(others.at(-1)!.wholeShare < 1);
    const shares = [first!, ...others].reduce((sum, b) => sum + b.textShare, 0);
    assert.ok(Math.abs(shares - 1) < 1e-12); // sums of shares round
  });
}

Deno.test("pieceCoverage() and wordBands() refuse a text without any", async () => {
  await assertFails(
    () => pieceCoverage(tokenizer, ""),
    DataError,
    /the coverage of an empty text/,
  );
  await assertFails(
    () => wordBands(tokenizer, "1 + 2"),
    DataError,
    /by frequency: the text has none/,
  );
});
