/** Power laws against hand calculation and published exponents. */
import assert from "node:assert/strict";
import {
  fitPowerLaw,
  hoffmannFrontier,
  nanochatOptima,
  porianOptima,
  powerAt,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

Deno.test("fitPowerLaw() returns the law of exact points", () => {
  const x = [1e18, 3e19, 1e21, 5e23];
  const law = { coefficient: 0.1, exponent: 0.49 };
  const fit = fitPowerLaw({ x, y: x.map((value) => powerAt(law, value)) });
  assertClose(fit.exponent, 0.49, { rtol: 1e-13 });
  assertClose(fit.coefficient, 0.1, { rtol: 1e-11 });
  assertClose([fit.r2, fit.exponentError], [1, 0], { atol: 1e-12 });
  assert.equal(fit.numPoints, 4);
});

Deno.test("fitPowerLaw() has the textbook error of a slope", () => {
  // ln x = 0, 1, 2, 3 and ln y = 0, 1, 1, 2: slope 0.6, residual sum 0.2.
  const x = [0, 1, 2, 3].map(Math.exp), y = [0, 1, 1, 2].map(Math.exp);
  const fit = fitPowerLaw({ x, y });
  assertClose(fit.exponent, 0.6, { rtol: 1e-13 });
  assertClose(fit.exponentError, Math.sqrt(0.2 / 2 / 5), { rtol: 1e-13 });
  assertClose(fit.r2, 0.9, { rtol: 1e-13 });
  // Weights are 1 / variance: the error is 1 / sqrt(sum w (x - mean)^2).
  const weighted = fitPowerLaw({ x, y, weights: [4, 4, 4, 4] });
  assertClose(weighted.exponentError, 1 / Math.sqrt(4 * 5), { rtol: 1e-13 });
  assert.ok(Number.isNaN(
    fitPowerLaw({ x: x.slice(0, 2), y: y.slice(0, 2) }).exponentError,
  ));
});

expectedTest(
  "fitPowerLaw() has the slopes of Hoffmann's printed frontiers",
  "hoffmann_2022",
  async ({ frontier_table_loglog_slopes_computed: expected }) => {
    const rows = await hoffmannFrontier();
    for (const approach of [1, 2, 3]) {
      const own = rows.filter((row) => row.approach === approach);
      assert.equal(own.length, 9);
      const x = own.map((row) => row.budget);
      const { a, b } = expected[`approach${approach}`];
      const slopes = (["parameters", "tokens"] as const).map((key) =>
        fitPowerLaw({ x, y: own.map((row) => row[key]) }).exponent
      );
      assertClose(slopes, [a, b], { atol: expected.tolerance });
    }
  },
);

expectedTest(
  "fitPowerLaw() repeats the weighted regression of Porian et al.",
  "porian_tuned_rw",
  async ({ published, "extrapolation_5.88e23": far }) => {
    const optima = await porianOptima();
    const x = optima.map((optimum) => optimum.budget);
    const weights = optima.map((optimum) => optimum.lnDeviation ** -2);
    const y = optima.map((optimum) => optimum.parameters);
    const sizes = fitPowerLaw({ x, y, weights });
    const tokens = fitPowerLaw({
      x,
      y: optima.map((optimum) => optimum.tokens),
      weights,
    });
    const plain = fitPowerLaw({ x, y });
    assertClose(
      [sizes.exponent, sizes.coefficient, tokens.exponent, tokens.coefficient],
      [
        published.n_exponent,
        published.n_coef,
        published.t_exponent,
        published.t_coef,
      ],
      { rtol: 1e-6 },
    );
    assertClose(plain.exponent, published.unweighted_n_exponent, {
      rtol: 1e-6,
    });
    assertClose(plain.r2, published.r2, { atol: 5e-6 }); // five digits
    assertClose(
      [powerAt(sizes, 5.88e23), powerAt(tokens, 5.88e23)],
      [far.N, far.D],
      { rtol: 1e-4 }, // four digits
    );
  },
);

expectedTest(
  "fitPowerLaw() has nanochat's exponents in each count of parameters",
  "nanochat",
  async ({ published_exponents, computed }) => {
    const optima = await nanochatOptima();
    for (const convention of Object.keys(computed)) {
      const own = optima.filter((row) => row.convention === convention);
      const x = own.map((row) => row.budget);
      const slopes = (["parameters", "tokens"] as const).map((key) =>
        fitPowerLaw({ x, y: own.map((row) => row[key]) }).exponent
      );
      const { N, D } = computed[convention];
      assertClose(slopes, [N, D], { atol: 6e-4 }); // three digits
      const printed = published_exponents[convention];
      assertClose(slopes, [printed.N, printed.D], { atol: 0.0051 }); // two
    }
  },
);

Deno.test("fitPowerLaw() names what it cannot use", async () => {
  const cases = [
    [{ x: [1, 2], y: [1] }, ConfigError, /x has 2 values, y 1/],
    [{ x: [1, -2], y: [1, 1] }, DataError, /x is -2 in row 2/],
    [{ x: [1, 2], y: [NaN, 1] }, DataError, /y is NaN in row 1/],
    [{ x: [2, 2], y: [1, 3] }, DataError, /1 different x/],
    [
      { x: [1, 2], y: [1, 3], weights: [1, -1] },
      ConfigError,
      /weights 1, -1/,
    ],
  ] as const;
  for (const [points, type, pattern] of cases) {
    await assertFails(() => fitPowerLaw(points), type, pattern);
  }
});
