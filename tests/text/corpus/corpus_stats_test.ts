/** Counts against counting everything in memory. */
import assert from "node:assert/strict";
import { CorpusStats } from "../../../lib/text/corpus/corpus_stats.ts";
import { Random } from "../../../lib/util/mod.ts";
import { documentOf, utf8 } from "./in_corpus.ts";

Deno.test("CorpusStats counts documents, bytes, words and languages", () => {
  const random = new Random(6, "stats");
  const texts = Array.from(
    { length: 300 },
    () =>
      Array.from({ length: 1 + random.int(60) }, () => `é${random.int(40)}`)
        .join(" "),
  );
  const stats = new CorpusStats((text) => text.length % 2 === 0 ? "pt" : "");
  for (const [i, text] of texts.entries()) {
    stats.add({ ...documentOf(text), source: i % 3 === 0 ? "a" : "b" });
  }
  const words = texts.join(" ").split(" ");
  const bytes = texts.map((text) => utf8(text).length);
  const total = bytes.reduce((a, b) => a + b);
  assert.deepEqual(
    [stats.documents, stats.bytes, stats.words, stats.differentWords],
    [300, total, words.length, new Set(words).size],
  );
  const sorted = bytes.toSorted((a, b) => a - b);
  for (const share of [0.1, 0.5, 0.99, 1]) {
    const exact = sorted[Math.ceil(share * 300) - 1]!;
    const quantile = stats.bytesQuantile(share);
    // Steps of a tenth of a factor of two, rounded up to whole bytes.
    assert.ok(quantile >= exact, `${quantile} below ${exact}`);
    assert.ok(quantile <= exact * 2 ** 0.1 + 1, `${quantile} above ${exact}`);
  }
  assert.deepEqual(stats.sources().map(({ documents }) => documents), [
    100,
    200,
  ]);
  const even = texts.filter((text) => text.length % 2 === 0);
  const share = utf8(even.join("")).length / total;
  const languages = stats.languages();
  assert.equal(
    languages.find(({ language }) => language === "pt")!.share,
    share,
  );
  assert.ok(languages[0]!.share >= languages[1]!.share);
});

Deno.test("CorpusStats of nothing are zero", () => {
  const stats = new CorpusStats();
  assert.deepEqual([stats.documents, stats.bytesQuantile(0.5)], [0, 0]);
  assert.deepEqual([stats.sources(), stats.languages()], [[], []]);
});
