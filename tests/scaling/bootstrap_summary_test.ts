/**
 * The published bootstrap of the 240 points, draw for draw, and summaries of
 * samples whose scatter is known.
 */
import assert from "node:assert/strict";
import { chiSquareTail } from "../../lib/scaling/chi_square.ts";
import {
  bootstrapLaw,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  fitLaw,
  frontierShape,
  HOFFMANN_LAW,
  LAW_QUANTITIES,
  runsForWidth,
  summarizeBootstrap,
  testLaw,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";
import { legacyResamples } from "./legacy_random.ts";

const runs = dropHighestLosses(await chinchillaObservations());
const fit = fitLaw(runs);

expectedTest(
  "summarizeBootstrap() repeats the published 4000 resamples",
  "chinchilla_extracted",
  async ({ bootstrap_published: published, chi2_vs_hoffmann_exact: test }) => {
    const bootstrap = await bootstrapLaw(runs, {
      resamples: legacyResamples(240, published.resamples, 42),
      resampleStarts: [HOFFMANN_LAW],
    });
    // First draw as published, in its printed digits.
    const { A, B, E, alpha, beta } = bootstrap.laws[0]!;
    assertClose([A, B, E, alpha, beta], [
      349.556,
      2356.248,
      1.79333,
      0.328633,
      0.371855,
    ], { rtol: 2e-5 }); // the published searches stop this early
    const { intervals } = summarizeBootstrap(bootstrap);
    const of = (name: string) => intervals.find((row) => row.name === name)!;
    for (const [name, error] of Object.entries(published.se)) {
      // Two per mille: the same draws, of searches that end a little deeper.
      assertClose(of(name).standardError, error as number, {
        rtol: 2e-3,
        name,
      });
      const { low, high } = of(name);
      // Printed to three decimals, of the same draws.
      assertClose([low, high], published.ci95[name], { rtol: 4e-3, name });
    }
    assertClose(of("a").standardError, published.a_se, { atol: 5e-4 });
    const [eighty] = summarizeBootstrap(bootstrap, {
      level: 0.8,
      quantities: { a: LAW_QUANTITIES.a! },
    }).intervals;
    const width = eighty!.high - eighty!.low;
    assertClose(width, published.a_80pct_width, { atol: 1e-3 });
    // Published as 634,773 from a width with more digits.
    assertClose(runsForWidth(eighty!, 240, 0.001), 634_773, { rtol: 0.02 });
    // The published test is about the headline law, the absolute-error fit.
    const headline = fitLaw(runs, { misfit: "absolute" });
    const distance = testLaw({ ...bootstrap, fit: headline }, HOFFMANN_LAW);
    assert.equal(distance.degrees, test.df);
    // One per cent: their covariance is of searches that stop a little early.
    assertClose(distance.chiSquare, test.stat, { rtol: 0.01 });
    // Four digits of the statistic are printed: p is known to 3 %.
    assertClose(chiSquareTail(test.stat, test.df), test.p, { rtol: 0.03 });
    assertClose(frontierShape(headline.law).a, published.a, { atol: 5e-4 });
  },
);

expectedTest(
  "summarizeBootstrap() is close to the published with draws of our own",
  "chinchilla_extracted",
  async ({ bootstrap_published: published }) => {
    const bootstrap = await bootstrapLaw(runs, { count: 2000 });
    const { intervals, correlations } = summarizeBootstrap(bootstrap);
    for (const { name, standardError, low, high } of intervals) {
      if (name === "a") continue;
      assertClose(standardError, published.se[name], { rtol: 0.1, name });
      const [from, to] = published.ci95[name];
      assertClose(low, from, { rtol: 0.1, name });
      assertClose(high, to, { rtol: name === "B" ? 0.2 : 0.1, name });
    }
    assertClose(intervals[5]!.standardError, published.a_se, { rtol: 0.1 });
    // A goes with alpha, B with beta, and E with both.
    assert.ok(correlations[0]![3]! > 0.95 && correlations[1]![4]! > 0.9);
  },
);

/** Laws around another with independent scatter of known size. */
function scattered(count: number) {
  const random = new Random(1, "laws");
  const laws = Array.from({ length: count }, () => ({
    A: EPOCH_LAW.A * Math.exp(0.2 * random.normal()),
    B: EPOCH_LAW.B * Math.exp(0.3 * random.normal()),
    E: EPOCH_LAW.E * Math.exp(0.01 * random.normal()),
    alpha: EPOCH_LAW.alpha + 0.02 * random.normal(),
    beta: EPOCH_LAW.beta + 0.03 * random.normal(),
  }));
  return { fit: { ...fit, law: EPOCH_LAW }, laws, failures: [] };
}

Deno.test("testLaw() measures a shift by the scatter", () => {
  const bootstrap = scattered(20_000);
  const shifted = { ...EPOCH_LAW, alpha: EPOCH_LAW.alpha + 0.04 };
  const { chiSquare, degrees, pValue } = testLaw(bootstrap, shifted);
  assert.equal(degrees, 5);
  assertClose(chiSquare, 4, { rtol: 0.05 }); // two deviations of one constant
  assert.ok(pValue > 0.5 && pValue < 0.6);
  assertClose(testLaw(bootstrap, EPOCH_LAW).chiSquare, 0, { atol: 1e-20 });
});

Deno.test("summarizeBootstrap() takes any quantity", () => {
  const { intervals } = summarizeBootstrap(scattered(20_000), {
    level: 0.6827,
    quantities: { twice: (law) => 2 * law.alpha },
  });
  const [{ name, estimate, standardError, low, high }] = intervals as [
    (typeof intervals)[number],
  ];
  assert.equal(name, "twice");
  assertClose(estimate, 2 * EPOCH_LAW.alpha, { rtol: 1e-15 });
  assertClose(standardError, 0.04, { rtol: 0.03 });
  assertClose([low, high], [estimate - 0.04, estimate + 0.04], { atol: 2e-3 });
});

Deno.test("summarizeBootstrap() and testLaw() reject too little", async () => {
  const few = scattered(3);
  await assertFails(
    () => summarizeBootstrap(few, { level: 95 }),
    ConfigError,
    /level 95/,
  );
  await assertFails(
    () => summarizeBootstrap({ ...few, laws: few.laws.slice(1, 2) }),
    DataError,
    /1 fits/,
  );
  await assertFails(() => testLaw(few, EPOCH_LAW), DataError, /3 fits/);
  const tied = scattered(50);
  const laws = tied.laws.map((law) => ({ ...law, beta: law.alpha }));
  await assertFails(
    () => testLaw({ ...tied, laws }, EPOCH_LAW),
    DataError,
    /does not fill/,
  );
});
