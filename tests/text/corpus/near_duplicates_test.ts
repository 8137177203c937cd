/** Bands against their formula, groups against a plain search. */
import assert from "node:assert/strict";
import {
  NearDuplicateIndex,
  nearDuplicateProbability,
} from "../../../lib/text/corpus/near_duplicates.ts";
import { ConfigError, Random } from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";

const random = new Random(3, "near duplicates");
const words = (count: number) =>
  Array.from({ length: count }, () => `p${random.uint32()}`);

/** Two sets of single-word shingles of that similarity: c / (2n - c). */
function pairOf(similarity: number, n = 400): [string, string] {
  const common = words(Math.round(2 * n * similarity / (1 + similarity)));
  const own = () => words(n - common.length);
  return [[...common, ...own()].join(" "), [...common, ...own()].join(" ")];
}

Deno.test("NearDuplicateIndex finds pairs as often as the formula says", () => {
  for (const similarity of [0.5, 0.7, 0.8]) {
    const trials = 250;
    let found = 0;
    for (let seed = 0; seed < trials; seed++) {
      const [a, b] = pairOf(similarity, 150);
      const index = new NearDuplicateIndex({ shingleWords: 1, seed });
      index.add(a);
      if (index.find(b) === 0) found++;
    }
    const p = nearDuplicateProbability(similarity);
    assertClose(found / trials, p, {
      atol: 4 * Math.sqrt(p * (1 - p) / trials),
      name: `similarity ${similarity}`,
    });
  }
});

Deno.test("nearDuplicateProbability() is FineWeb's 77 % at three quarters", () => {
  assertClose(nearDuplicateProbability(0.75), 0.772, { atol: 5e-4 });
  assertClose(nearDuplicateProbability(0.85), 0.988, { atol: 5e-4 });
  assert.equal(nearDuplicateProbability(0.5, { bands: 1, rows: 1 }), 0.5);
  assert.deepEqual([0, 1].map((s) => nearDuplicateProbability(s)), [0, 1]);
});

Deno.test("NearDuplicateIndex joins groups that a later text connects", () => {
  const [a, b, c] = [words(60), words(60), words(60)];
  const index = new NearDuplicateIndex();
  index.add(a.join(" "));
  index.add(c.join(" "));
  index.add(b.join(" "));
  assert.deepEqual([0, 1, 2].map((i) => index.groupOf(i)), [0, 1, 2]);
  // Half of it is a, half b: with many small bands it is similar to both.
  const loose = new NearDuplicateIndex({ bands: 64, rows: 1 });
  for (const text of [a, c, b, [...a, ...b]]) loose.add(text.join(" "));
  assert.deepEqual([0, 1, 2, 3].map((i) => loose.groupOf(i)), [0, 1, 0, 0]);
});

Deno.test("NearDuplicateIndex.addIfNew() keeps the first of each", () => {
  const index = new NearDuplicateIndex();
  const text = words(100);
  const changed = text.with(50, "outra");
  assert.equal(index.addIfNew(text.join(" ")), undefined);
  assert.equal(index.addIfNew(words(100).join(" ")), undefined);
  assert.equal(index.addIfNew(changed.join(" ")), 0);
  assert.equal(index.size, 2);
  // Texts without a word are like nothing, not like each other.
  assert.equal(index.addIfNew("…"), undefined);
  assert.equal(index.addIfNew("…"), undefined);
  assert.equal(index.find("!"), undefined);
});

Deno.test("NearDuplicateIndex refuses knobs that make no sense", () =>
  assertFails(
    () => new NearDuplicateIndex({ rows: 0 }),
    ConfigError,
    /with rows 0: wanted a whole number from 1/,
  ));
