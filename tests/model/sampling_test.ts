/** Which tokens may be drawn, and how often, against a plain computation. */
import assert from "node:assert/strict";
import { sampleToken } from "../../lib/model/sampling.ts";
import type { SamplingOptions } from "../../lib/model/mod.ts";
import { ConfigError, Random } from "../../lib/util/mod.ts";
import { checkSampling } from "../../lib/model/sampling.ts";
import { assertFails } from "../support/assert_close.ts";

/** Probabilities after all settings, step by step as they are defined. */
function probabilities(
  logits: number[],
  options: SamplingOptions,
  seen: number[],
): number[] {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = options;
  const penalty = options.repetitionPenalty ?? 1;
  const scores = logits.map((z, id) =>
    (seen.includes(id) ? z > 0 ? z / penalty : z * penalty : z) / temperature
  );
  const share = (ids: number[]) => {
    const sum = ids.reduce((s, id) => s + Math.exp(scores[id]!), 0);
    return (id: number) => Math.exp(scores[id]!) / sum;
  };
  let ids = scores.map((_, id) => id);
  ids.sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (topK > 0) ids = ids.slice(0, topK);
  const p = share(ids);
  let before = 0;
  ids = ids.filter((id) => {
    const isIn = before < topP;
    before += p(id);
    return isIn;
  });
  const best = share(ids)(ids[0]!);
  ids = ids.filter((id) => share(ids)(id) >= minP * best);
  return scores.map((_, id) => ids.includes(id) ? share(ids)(id) : 0);
}

const random = new Random(4, "logits");
const LOGITS = Array.from({ length: 12 }, () => 2 * random.normal());

const CASES: SamplingOptions[] = [
  { temperature: 1 },
  { temperature: 0.5, topK: 5 },
  { temperature: 2, topP: 0.6 },
  { temperature: 1.5, minP: 0.2 },
  { temperature: 1, repetitionPenalty: 1.8 },
  { temperature: 1.2, topK: 9, topP: 0.9, minP: 0.05, repetitionPenalty: 1.2 },
  { temperature: 1, topK: 100, topP: 1e-9 },
];

for (const options of CASES) {
  Deno.test(`sampleToken() draws with ${JSON.stringify(options)} as it should`, () => {
    const seen = [0, 3, 3, 7];
    const wanted = probabilities(LOGITS, options, seen);
    const stream = new Random(1, "draws");
    const draws = 40_000;
    const counts = new Array<number>(LOGITS.length).fill(0);
    for (let i = 0; i < draws; i++) {
      counts[sampleToken(LOGITS, stream, options, seen)]!++;
    }
    for (const [id, p] of wanted.entries()) {
      if (p === 0) assert.equal(counts[id], 0, `token ${id}`);
      // Five standard deviations of a count.
      const slack = 5 * Math.sqrt(draws * p * (1 - p)) + 1e-9;
      assert.ok(Math.abs(counts[id]! - draws * p) <= slack, `token ${id}`);
    }
  });
}

Deno.test("sampleToken() keeps k of equal tokens, those of the lowest ids", () => {
  const equal = new Array<number>(20).fill(1);
  const stream = new Random(1, "draws");
  const drawn = new Set<number>();
  for (let i = 0; i < 500; i++) {
    drawn.add(sampleToken(equal, stream, { temperature: 1, topK: 3 }));
  }
  assert.deepEqual([...drawn].sort(), [0, 1, 2]);
});

Deno.test("sampleToken() at temperature 0 heeds the penalty", () => {
  const stream = new Random(1, "draws");
  assert.equal(sampleToken([2, 3, -1], stream, {}), 1);
  const options = { repetitionPenalty: 2 };
  assert.equal(sampleToken([2, 3, -1], stream, options, [1, 1]), 0);
  assert.equal(sampleToken([-2, -3], stream, options, [0]), 1);
});

Deno.test("checkSampling() names the setting", async () => {
  const cases: [SamplingOptions, RegExp][] = [
    [{ temperature: NaN }, /temperature NaN/],
    [{ topK: -1 }, /the -1 most likely/],
    [{ topP: 1.1 }, /share of 1\.1: 0 < topP/],
    [{ minP: 2 }, /from 2 of the best: 0 ≤ minP/],
    [{ repetitionPenalty: 0 }, /penalty of 0: it is above 0/],
  ];
  for (const [options, text] of cases) {
    await assertFails(() => checkSampling(options), ConfigError, text);
  }
});
