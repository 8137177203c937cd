/** Training curves read at budgets: exact on curves of a law, no inventions. */
import assert from "node:assert/strict";
import {
  budgetOf,
  EPOCH_LAW,
  fitIsoFlops,
  frontierShape,
  geometricSteps,
  groupByBudget,
  observeAtBudgets,
  predictLoss,
  type TrainingCurve,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const budgets = [1e18, 1e19, 1e20];
const curves = geometricSteps([2e7, 2e9], 15).map((parameters) => {
  const tokens = geometricSteps([parameters, 1000 * parameters], 200);
  const loss = tokens.map((D) =>
    predictLoss(EPOCH_LAW, { parameters, tokens: D })
  );
  return { parameters, tokens, loss };
});

Deno.test("observeAtBudgets() makes the runs of IsoFLOP profiles", () => {
  const runs = observeAtBudgets(curves, { budgets });
  for (const run of runs) {
    const nearest = budgets.find((budget) =>
      Math.abs(budgetOf(run) / budget - 1) < 1e-9
    );
    assert.ok(nearest !== undefined, `${budgetOf(run)}`);
    // Straight pieces over 3.5 % in D lie above the curve by next to nothing.
    assertClose(run.loss, predictLoss(EPOCH_LAW, run), { rtol: 1e-4 });
  }
  const groups = groupByBudget(runs, { budgets });
  const { parameters } = fitIsoFlops(groups, { window: 5 });
  assertClose(parameters.exponent, frontierShape(EPOCH_LAW).a, { atol: 0.02 });
});

Deno.test("observeAtBudgets() leaves out budgets that a curve does not pass", () => {
  const curve: TrainingCurve = {
    parameters: 1e8,
    tokens: [1e9, 2e9, 8e9],
    loss: [4, 3.5, 3],
  };
  const at = (D: number) => 6e8 * D;
  const other = { ...curve, parameters: 2e8 };
  const seen = observeAtBudgets([curve, other], {
    // Before the start, at a point, 8 % past one, between far ones, beyond.
    budgets: [at(0.5e9), at(2e9), at(2.16e9), at(4e9), at(30e9)],
  }).filter((run) => run.parameters === 1e8);
  assert.deepEqual(seen.map((run) => Math.round(run.tokens / 1e7)), [200, 216]);
  const slope = (3 - 3.5) / Math.log(4);
  assertClose(
    seen.map((run) => run.loss),
    [3.5, 3.5 + slope * Math.log(1.08)],
    { rtol: 1e-12 },
  );
});

Deno.test("observeAtBudgets() rejects curves and budgets that are none", async () => {
  const curve: TrainingCurve = curves[0]!;
  await assertFails(
    () => observeAtBudgets([{ ...curve, loss: [1] }], { budgets }),
    DataError,
    /curve 1 with 200 token counts and 1 losses/,
  );
  await assertFails(
    () => observeAtBudgets([curve], { budgets: [0] }),
    ConfigError,
    /budget 0/,
  );
});
