/** Budgets left out: exact for runs of a law, off where the law breaks. */
import assert from "node:assert/strict";
import {
  allocateBudget,
  chinchillaObservations,
  dropHighestLosses,
  EPOCH_LAW,
  frontierShape,
  HOFFMANN_BUDGETS,
  holdOutBudgets,
  type Observation,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const budgets = [1e18, 1e19, 1e20, 1e21];

/** Nine sizes around the best of each budget. */
function sweep(lossOf: (run: Omit<Observation, "loss">) => number) {
  return budgets.flatMap((budget) =>
    Array.from({ length: 9 }, (_, i): Observation => {
      const best = allocateBudget(EPOCH_LAW, budget).parameters;
      const parameters = best * 2 ** (i / 2 - 2);
      const size = { parameters, tokens: budget / 6 / parameters };
      return { ...size, loss: lossOf(size) };
    })
  );
}

Deno.test("holdOutBudgets() predicts exactly what follows the law", () => {
  const rows = holdOutBudgets(sweep((run) => predictLoss(EPOCH_LAW, run)));
  assert.equal(rows.length, 4);
  for (const { numFitted, error, bias, a, failure } of rows) {
    assert.equal(numFitted, 27);
    assert.equal(failure, undefined);
    assertClose([error, bias], [0, 0], { atol: 1e-7 });
    assertClose(a, frontierShape(EPOCH_LAW).a, { rtol: 1e-6 });
  }
});

Deno.test("holdOutBudgets() sees a last budget that breaks the law", () => {
  const rows = holdOutBudgets(
    sweep((run) => {
      const isLast = run.parameters * run.tokens * 6 > 5e20;
      return predictLoss(EPOCH_LAW, run) * (isLast ? 1.05 : 1);
    }),
    { from: "smaller" },
  );
  assert.deepEqual(rows.map((row) => row.numFitted), [0, 9, 18, 27]);
  assert.match(rows[0]!.failure!, /0 runs/);
  assert.equal(rows[0]!.law, undefined);
  assert.ok(Number.isNaN(rows[0]!.error));
  assertClose(rows[2]!.bias, 0, { atol: 1e-6 });
  assertClose(rows[3]!.bias, -Math.log(1.05), { atol: 1e-5 });
});

Deno.test("holdOutBudgets() predicts each public budget within 2 %", async () => {
  const runs = dropHighestLosses(await chinchillaObservations());
  const rows = holdOutBudgets(runs, { budgets: HOFFMANN_BUDGETS });
  for (const { budget, error, numFitted, runs: held } of rows) {
    assert.ok(error < 0.02, `${budget}: ${error}`);
    assert.equal(numFitted + held.length, 240);
  }
});

Deno.test("holdOutBudgets() needs two budgets", async () => {
  const one = sweep((run) => predictLoss(EPOCH_LAW, run)).slice(0, 9);
  await assertFails(() => holdOutBudgets(one), DataError, /a budget of 1/);
});
