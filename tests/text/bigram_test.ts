/**
 * The bigram model against a computation by hand and against facts that hold
 * for any smoothing. Tolerances are a few roundings of float64.
 */
import assert from "node:assert/strict";
import { BigramModel } from "../../lib/text/bigram.ts";
import { DataError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

Deno.test("BigramModel equals Witten and Bell's formula worked by hand", () => {
  // 0 1 0 1 2 over V = 4: n = 5, three types, counts 2, 2, 1, 0.
  // p(0) = (2 + 3/4) / 8, p(2) = (1 + 3/4) / 8, p(3) = (3/4) / 8.
  // After 1 come 0 and 2, once each: c = 2, t = 2.
  const model = BigramModel.fit([0, 1, 0, 1, 2], 4);
  const p0 = 2.75 / 8, p1 = 2.75 / 8, p2 = 1.75 / 8, p3 = 0.75 / 8;
  const expected: [number, number, number][] = [
    [1, 0, (1 + 2 * p0) / 4],
    [1, 2, (1 + 2 * p2) / 4],
    [1, 3, (0 + 2 * p3) / 4],
    [0, 1, (2 + 1 * p1) / 3], // after 0 always 1, twice: c = 2, t = 1
    [0, 2, (0 + 1 * p2) / 3],
    [2, 0, p0], // nothing was seen after 2
    [3, 3, p3],
  ];
  for (const [previous, next, probability] of expected) {
    assertClose(model.probability(previous, next), probability, {
      rtol: 1e-14,
      name: `p(${next} | ${previous})`,
    });
  }
  // -(ln p(1|0) + ln p(2|1)) / 2
  const entropy = -(Math.log((2 + p1) / 3) + Math.log((1 + 2 * p2) / 4)) / 2;
  assertClose(model.crossEntropy([0, 1, 2]), entropy, { rtol: 1e-14 });
});

Deno.test("BigramModel gives probabilities that sum to one", () => {
  const random = new Random(2, "bigram test");
  const V = 50;
  const tokens = Array.from({ length: 2000 }, () => random.int(V - 5) ** 2 % V);
  const model = BigramModel.fit(tokens, V);
  for (let previous = 0; previous < V; previous++) {
    let sum = 0;
    for (let next = 0; next < V; next++) {
      const p = model.probability(previous, next);
      assert.ok(p > 0);
      sum += p;
    }
    assertClose(sum, 1, { atol: 1e-13, name: `sum after ${previous}` });
  }
});

Deno.test("BigramModel learns a chain that is known", () => {
  // From i to i+1 with 0.9, else anywhere of 8: the entropy of the chain is
  // known, and 50,000 tokens bring the estimate to within 0.02 nats.
  const V = 8;
  const random = new Random(4, "chain");
  const chain = [0];
  for (let i = 0; i < 100_000; i++) {
    const next = random.uniform() < 0.9 ? chain[i]! + 1 : random.int(V);
    chain.push(next % V);
  }
  const model = BigramModel.fit(chain.slice(0, 50_000), V);
  const likely = 0.9 + 0.1 / V, other = 0.1 / V;
  const entropy = -likely * Math.log(likely) -
    (V - 1) * other * Math.log(other);
  assertClose(model.crossEntropy(chain.slice(50_000)), entropy, { atol: 0.02 });
});

Deno.test("BigramModel of one token everywhere is nearly certain of it", () => {
  const model = BigramModel.fit(new Uint16Array(1000).fill(3), 5);
  assert.ok(model.crossEntropy([3, 3]) < 0.001);
});

Deno.test("BigramModel refuses too few tokens and ids outside", async () => {
  await assertFails(
    () => BigramModel.fit([1], 4),
    DataError,
    /Cannot fit a bigram model on 1 tokens: wanted at least 2/,
  );
  await assertFails(
    () => BigramModel.fit([1, 4], 4),
    DataError,
    /token 4 at place 1 is not in a vocabulary of 4/,
  );
  const model = BigramModel.fit([1, 2, 1], 4);
  await assertFails(() => model.crossEntropy([2]), DataError, /cross entropy/);
  await assertFails(() => model.crossEntropy([2, -1]), DataError, /token -1/);
  await assertFails(() => model.probability(0, 0.5), DataError, /token 0.5/);
});
