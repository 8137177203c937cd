/**
 * Approach 2 on the public points, on Porian's, and on parabolas made by hand.
 */
import assert from "node:assert/strict";
import {
  allocateBudget,
  type BudgetGroup,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  fitIsoFlop,
  fitIsoFlops,
  frontierShape,
  groupByBudget,
  HOFFMANN_BUDGETS,
  porianObservations,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

/** Losses of 3 + curvature (ln N - ln best)^2 at multiples of `best`. */
function parabola(
  multiples: number[],
  { budget = 1e18, best = 1e8, curvature = 0.1 } = {},
): BudgetGroup {
  return {
    budget,
    runs: multiples.map((multiple) => ({
      parameters: best * multiple,
      tokens: budget / 6 / (best * multiple),
      loss: 3 + curvature * Math.log(multiple) ** 2,
    })),
  };
}

Deno.test("fitIsoFlop() finds the vertex of a parabola", () => {
  const profile = fitIsoFlop(parabola([0.3, 0.8, 1.5, 4, 9]));
  assertClose(profile.optimalParameters!, 1e8, { rtol: 1e-10 });
  assertClose(profile.optimalLoss!, 3, { rtol: 1e-12 });
  assertClose(profile.curvature, 0.1, { rtol: 1e-10 });
  assert.ok(profile.isInside);
  assert.deepEqual(profile.warnings, []);
});

Deno.test("fitIsoFlop() warns of a vertex outside, and says which way", () => {
  const small = fitIsoFlop(parabola([2, 3, 4, 8]));
  assertClose(small.optimalParameters!, 1e8, { rtol: 1e-9 });
  assert.ok(!small.isInside);
  assert.match(
    small.warnings[0]!,
    /vertex 100M lies outside of the sizes 200M to 800M, train smaller/,
  );
  const large = fitIsoFlop(parabola([0.1, 0.2, 0.3, 0.5]));
  assert.match(large.warnings[0]!, /train larger models/);
});

Deno.test("fitIsoFlop() warns of a curve without a lowest point", () => {
  const profile = fitIsoFlop(parabola([0.5, 1, 2, 3], { curvature: -0.1 }));
  assert.equal(profile.optimalParameters, undefined);
  assert.match(profile.warnings[0]!, /curvature -0.100: .*no lowest point/);
});

Deno.test("fitIsoFlop() warns of few and of repeated sizes", () => {
  const twice = fitIsoFlop(parabola([0.5, 0.5, 1, 2, 4]));
  assert.match(twice.warnings[0]!, /5 runs have 4 different sizes/);
  const three = fitIsoFlop(parabola([0.5, 1, 2]));
  assert.match(three.warnings[0]!, /passes through all/);
  const two = fitIsoFlop(parabola([0.5, 0.5, 1]));
  assert.match(two.warnings[0]!, /2 different sizes, a parabola needs 3/);
  assert.equal(two.optimalParameters, undefined);
});

Deno.test("fitIsoFlop() keeps the window next to the lowest loss", () => {
  const group = parabola([0.01, 0.1, 0.5, 1, 2, 10, 100]);
  const { fitted } = fitIsoFlop(group, { window: 3 });
  assert.deepEqual(fitted, group.runs.slice(2, 5));
  const edge = fitIsoFlop(parabola([1, 2, 3, 4, 5]), { window: 3 });
  assert.deepEqual(edge.fitted.map((run) => run.parameters), [1e8, 2e8, 3e8]);
});

Deno.test("fitIsoFlops() is biased on exact losses, less so in a window", () => {
  const groups = [1e18, 1e19, 1e20, 1e21].map((budget): BudgetGroup => ({
    budget,
    runs: Array.from({ length: 17 }, (_, i) => {
      const best = allocateBudget(EPOCH_LAW, budget).parameters;
      const parameters = best * 2 ** (i / 2 - 4);
      const size = { parameters, tokens: budget / 6 / parameters };
      return { ...size, loss: predictLoss(EPOCH_LAW, size) };
    }),
  }));
  const { a } = frontierShape(EPOCH_LAW);
  const error = (window: number) =>
    Math.abs(fitIsoFlops(groups, { window }).parameters.exponent - a);
  assert.ok(error(5) < 1e-3);
  const best = fitIsoFlops(groups, { window: 5 }).profiles.at(-1)!;
  assertClose(
    best.optimalParameters!,
    allocateBudget(EPOCH_LAW, 1e21).parameters,
    {
      rtol: 0.02,
    },
  );
  const wide = fitIsoFlops(groups).profiles.at(-1)!.optimalParameters!;
  const narrow = best.optimalParameters!;
  const exact = allocateBudget(EPOCH_LAW, 1e21).parameters;
  assert.ok(Math.abs(wide - exact) > 2 * Math.abs(narrow - exact));
});

expectedTest(
  "fitIsoFlops() has the exponents of the public points",
  "chinchilla_extracted",
  async ({ isoflop_parabola_computed: expected }) => {
    const all = await chinchillaObservations();
    const fitOf = (runs: typeof all) =>
      fitIsoFlops(groupByBudget(runs, { budgets: HOFFMANN_BUDGETS }));
    const every = fitOf(all), kept = fitOf(dropHighestLosses(all));
    const four = { atol: 5e-5 }; // four digits are printed
    assertClose(every.parameters.exponent, expected.all_rows.a, four);
    assertClose(kept.parameters.exponent, expected.outliers_dropped.a, four);
    const [low, high] = expected.published_range_10_90;
    for (const { parameters, tokens } of [every, kept]) {
      assert.ok(parameters.exponent > low && parameters.exponent < high);
      assertClose(parameters.exponent + tokens.exponent, 1, { rtol: 1e-12 });
    }
    // The vertices of all rows, three digits, and the one that lies outside.
    assertClose(
      every.profiles.map((profile) => profile.optimalParameters!),
      [1.69e8, 3.34e8, 4.91e8, 7.39e8, 5.01e8, 1.68e9, 2.22e9, 2.83e9, 4.05e9],
      { rtol: 0.003 },
    );
    assert.deepEqual(
      every.profiles.map((profile) => profile.isInside),
      HOFFMANN_BUDGETS.map((budget) => budget !== 1e20),
    );
    assert.ok(
      every.warnings.some((text) => /^1.00e20 FLOPs: vertex/.test(text)),
    );
  },
);

expectedTest(
  "fitIsoFlops() in a window of 7 has Porian's exponent",
  "porian_tuned_rw",
  async ({ computed_from_points, published }) => {
    const groups = groupByBudget(await porianObservations());
    const { exponent } = fitIsoFlops(groups, { window: 7 }).parameters;
    assertClose(exponent, published.n_exponent, { atol: 0.02 });
    assertClose(exponent, computed_from_points.local_7_point_parabola, {
      atol: 0.002, // another choice of seven where the lowest lies near an end
    });
  },
);

Deno.test("fitIsoFlops() drops vertices outside on request, and needs two", async () => {
  const groups = [
    parabola([0.5, 1, 2, 3]),
    parabola([0.5, 1, 2, 3], { budget: 1e20, best: 1e9 }),
    parabola([2, 3, 4, 5], { budget: 1e21, best: 1e7 }),
  ];
  const fit = fitIsoFlops(groups, { dropOutside: true });
  assertClose(fit.parameters.exponent, 0.5, { rtol: 1e-9 });
  assert.equal(fit.parameters.numPoints, 2);
  assert.equal(fitIsoFlops(groups).parameters.numPoints, 3);
  await assertFails(
    () => fitIsoFlops(groups.slice(1), { dropOutside: true }),
    DataError,
    /1 of 2 budgets.*outside/,
  );
  await assertFails(
    () => fitIsoFlop(groups[0]!, { window: 2 }),
    ConfigError,
    /window of 2/,
  );
  const [run] = groups[0]!.runs;
  const wrong = { budget: 1e18, runs: [run!, { ...run!, parameters: -1 }] };
  await assertFails(() => fitIsoFlop(wrong), DataError, /-1 in row 2/);
});
