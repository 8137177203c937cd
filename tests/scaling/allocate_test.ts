/**
 * Closed forms against published allocations, a search that knows nothing of
 * them, and each other.
 */
import assert from "node:assert/strict";
import {
  allocateBudget,
  allocationCost,
  budgetForLoss,
  budgetOf,
  EPOCH_GRID_LAW,
  EPOCH_LAW,
  frontierPowerLaw,
  frontierShape,
  HOFFMANN_LAW,
  HOFFMANN_ROUNDED_LAW,
  type LawConstants,
  LAWS,
  optimalTokens,
  powerAt,
  predictLoss,
  tokensPerParameter,
  traceFrontier,
} from "../../lib/scaling/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

/** ln N of the lowest loss on 6ND = budget, by golden-section search. */
function searchSize(law: LawConstants, budget: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const loss = (lnN: number) => {
    const parameters = Math.exp(lnN);
    return predictLoss(law, { parameters, tokens: budget / 6 / parameters });
  };
  let low = Math.log(1e5), high = Math.log(1e14);
  while (high - low > 1e-7) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

expectedTest(
  "allocateBudget() matches the computed allocations at 5.76e23 FLOPs",
  "chinchilla_extracted",
  ({ "allocation_at_5.76e23_computed": expected }) => {
    const laws = {
      hoffmann_rounded: HOFFMANN_ROUNDED_LAW,
      hoffmann_exact: HOFFMANN_LAW,
      headline: EPOCH_LAW,
      optimum_240: EPOCH_GRID_LAW,
    };
    for (const [name, law] of Object.entries(laws)) {
      const { parameters, tokens } = allocateBudget(law, 5.76e23);
      const rtol = expected.tolerance; // four printed digits and a bit
      assertClose(parameters, expected[name].N, { rtol, name });
      assertClose(tokens, expected[name].D, { rtol, name });
    }
  },
);

Deno.test("allocateBudget() spreads from 93 to 18 tokens per parameter", () => {
  // Computed independently at 5.76e23 and 1e24 FLOPs.
  const laws = [HOFFMANN_ROUNDED_LAW, HOFFMANN_LAW, EPOCH_LAW, EPOCH_GRID_LAW];
  for (
    const [budget, expected] of [
      [5.76e23, [92.7, 58.9, 18.3, 17.9]],
      [1e24, [97.7, 61.8, 18.1, 17.7]],
    ] as const
  ) {
    const ratios = laws.map((law) =>
      allocateBudget(law, budget).tokensPerParameter
    );
    assertClose(ratios, expected, { atol: 0.06 }); // one printed digit
  }
});

Deno.test("allocateBudget() finds what a search over sizes finds", () => {
  for (const law of LAWS) {
    for (const budget of [1e17, 1e21, 1e25]) {
      const best = allocateBudget(law, budget);
      // A search on values sees a minimum only to the root of the rounding.
      assertClose(Math.log(best.parameters), searchSize(law, budget), {
        atol: 1e-5,
        name: `${law.name} at ${budget}`,
      });
      assertClose(budgetOf(best), budget, { rtol: 1e-12 });
      assert.equal(best.loss, predictLoss(law, best));
      assertClose(best.tokensPerParameter, tokensPerParameter(best), {});
    }
  }
});

Deno.test("frontierShape() has the exponents of Hoffmann and of the refit", () => {
  // Published: 0.46 and 0.54 (Table 2, approach 3); a = 0.513 (refit).
  const hoffmann = frontierShape(HOFFMANN_LAW);
  assertClose(hoffmann.a, 0.4565, { atol: 5e-5 });
  assertClose(hoffmann.a + hoffmann.b, 1, { rtol: 1e-15 });
  assertClose(frontierShape(EPOCH_LAW).a, 0.5126, { atol: 5e-5 });
});

Deno.test("traceFrontier() follows the power law of its shape", () => {
  const { a, b } = frontierShape(HOFFMANN_LAW);
  const [low, high] = traceFrontier(HOFFMANN_LAW, [1e18, 1e24]);
  const decades = Math.log(1e6);
  const slope = (x: number, y: number) => Math.log(y / x) / decades;
  assertClose(slope(low!.parameters, high!.parameters), a, { rtol: 1e-12 });
  assertClose(slope(low!.tokens, high!.tokens), b, { rtol: 1e-12 });
});

Deno.test("optimalTokens() inverts the frontier", () => {
  for (const law of LAWS) {
    const { parameters, tokens } = allocateBudget(law, 3.3e20);
    assertClose(optimalTokens(law, parameters), tokens, { rtol: 1e-11 });
  }
});

Deno.test("budgetForLoss() inverts the loss of the best allocation", () => {
  for (const law of LAWS) {
    for (const budget of [1e18, 5.76e23]) {
      const { loss } = allocateBudget(law, budget);
      // The exponent (about 6) amplifies rounding of the small loss - E.
      assertClose(budgetForLoss(law, loss), budget, { rtol: 1e-10 });
    }
  }
});

Deno.test("allocationCost() is nothing on the frontier", () => {
  const best = allocateBudget(EPOCH_LAW, 1e21);
  const cost = allocationCost(EPOCH_LAW, best);
  assertClose(cost.excessLoss, 0, { atol: 1e-14 });
  assertClose(cost.wastedShare, 0, { atol: 1e-10 });
});

Deno.test("allocationCost() prices a model that is four times too large", () => {
  const best = allocateBudget(EPOCH_LAW, 1e21);
  const off = { parameters: best.parameters * 4, tokens: best.tokens / 4 };
  const cost = allocationCost(EPOCH_LAW, off);
  assertClose(cost.budget, 1e21, { rtol: 1e-12 });
  assert.ok(cost.excessLoss > 0);
  assert.equal(cost.loss, predictLoss(EPOCH_LAW, off));
  // The cheapest budget reaches the same loss, and is smaller.
  const cheap = allocateBudget(EPOCH_LAW, cost.cheapestBudget);
  assertClose(cheap.loss, cost.loss, { rtol: 1e-12 });
  assertClose(cost.wastedShare, 1 - cost.cheapestBudget / 1e21, {
    atol: 1e-12,
  });
});

Deno.test("allocation functions reject what has no answer", async () => {
  const law = EPOCH_LAW;
  const cases: [() => unknown, RegExp][] = [
    [() => allocateBudget(law, 0), /budget 0/],
    [() => allocateBudget(law, NaN), /budget NaN/],
    [() => allocateBudget({ ...law, alpha: -1 }, 1e20), /alpha -1/],
    [() => optimalTokens(law, -5), /parameters -5/],
    [() => budgetForLoss(law, law.E), /loss of 1.81686 .* E = 1.81686/],
    [() => budgetForLoss(law, Infinity), /loss of Infinity/],
    [() => allocationCost(law, { parameters: 1, tokens: 0 }), /tokens 0/],
  ];
  for (const [fn, pattern] of cases) {
    await assertFails(fn, ConfigError, pattern);
  }
});

Deno.test("frontierPowerLaw() is the best size of every budget", () => {
  for (const law of LAWS) {
    const line = frontierPowerLaw(law);
    for (const budget of [1e15, 1e20, 5.76e23]) {
      const { parameters } = allocateBudget(law, budget);
      assertClose(powerAt(line, budget), parameters, { rtol: 1e-12 });
    }
  }
});
