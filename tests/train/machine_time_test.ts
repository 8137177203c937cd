/** Predicted times against sums by hand; rates are powers of ten to see through. */
import assert from "node:assert/strict";
import {
  budgetRate,
  largestTraining,
  trainingSeconds,
  trainingTimes,
} from "../../lib/train/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const rounding = { rtol: 1e-12 };
/** 6 N tokens/s: 6e9 at a million parameters, 6e11 at a hundred million. */
const SPEEDS = [
  { parameters: 1e8, tokensPerSecond: 1e3 },
  { parameters: 1e6, tokensPerSecond: 1e3 },
];

Deno.test("budgetRate() is a straight line of logarithms, flat beyond its ends", () => {
  const rates = [1e5, 1e6, 1e7, 1e8, 1e9].map((n) => budgetRate(SPEEDS, n));
  assertClose(rates, [6e9, 6e9, 6e10, 6e11, 6e11], rounding);
  assertClose(budgetRate([SPEEDS[0]!], 1e3), 6e11, rounding);
});

Deno.test("trainingSeconds() is tokens over tokens a second where measured", () => {
  for (const { parameters, tokensPerSecond } of SPEEDS) {
    const seconds = trainingSeconds(SPEEDS, { parameters, tokens: 5e6 });
    assertClose(seconds, 5e6 / tokensPerSecond, rounding);
  }
});

Deno.test("largestTraining() fills the time", () => {
  // Beyond the measured: 6 N · 20 N / 6e11 = 3600 s where N² = 1.8e13.
  const alone = [{ parameters: 1e6, tokensPerSecond: 1e5 }];
  const tokensOf = (parameters: number) => 20 * parameters;
  const large = largestTraining(alone, { seconds: 3600, tokensOf });
  // The search stops at a part in 10^11 of the size.
  assertClose(large.parameters, Math.sqrt(1.8e13), { rtol: 1e-10 });
  assert.equal(large.tokens, 20 * large.parameters);
  for (const seconds of [1, 1e4, 1e9]) {
    const size = largestTraining(SPEEDS, { seconds, tokensOf });
    assertClose(trainingSeconds(SPEEDS, size), seconds, { rtol: 1e-9 });
  }
});

Deno.test("trainingTimes() covers the range and marks what was measured", () => {
  const tokensOf = (parameters: number) => 20 * parameters;
  const times = trainingTimes(SPEEDS, { most: 1e9, tokensOf });
  const sizes = times.map(({ parameters }) => parameters);
  assertClose([sizes[0]!, sizes.at(-1)!], [1e5, 1e9], rounding);
  assert.deepEqual(sizes, sizes.toSorted((a, b) => a - b));
  const measured = times.filter(({ isMeasured }) => isMeasured);
  assert.deepEqual(measured.map((time) => time.parameters), [1e6, 1e8]);
  assertClose(measured.map(({ seconds }) => seconds), [2e4, 2e6], rounding);
  const small = trainingTimes(SPEEDS, { most: 1, tokensOf });
  assert.equal(small.at(-1)!.parameters, 1e8);
});

Deno.test("trainingSeconds() and largestTraining() refuse what they cannot know", async () => {
  const tokensOf = (parameters: number) => parameters;
  await assertFails(
    () => trainingSeconds([], { parameters: 1, tokens: 1 }),
    ConfigError,
    /no training speed was measured/,
  );
  for (const seconds of [0, -1, NaN, Infinity]) {
    await assertFails(
      () => largestTraining(SPEEDS, { seconds, tokensOf }),
      ConfigError,
      new RegExp(`in ${seconds} s: wanted a time above 0`),
    );
  }
});
