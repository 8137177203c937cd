/**
 * Variable projection against the published squared-error fit, against runs
 * made from known constants, and against the other optimiser.
 */
import assert from "node:assert/strict";
import {
  budgetOf,
  chinchillaObservations,
  dropHighestLosses,
  fitLaw,
  fitLawByProjection,
  LAWS,
  predictLoss,
} from "../../lib/scaling/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { expectedTest } from "./expected.ts";

const NAMES = ["E", "A", "B", "alpha", "beta"] as const;
const runs = dropHighestLosses(await chinchillaObservations());

expectedTest(
  "fitLawByProjection() has the published squared-error fit",
  "chinchilla_extracted",
  ({ mse_fit_flop_below_1e21: expected }) => {
    const few = runs.filter((run) => budgetOf(run) < 1e21).map((run) => ({
      ...run,
      parameters: run.parameters / 1e6,
      tokens: run.tokens / 1e9,
    }));
    const fit = fitLawByProjection(few);
    for (const name of NAMES) {
      assertClose(fit.law[name], expected[name], { atol: expected.tolerance });
    }
    assertClose(fit.objective, expected.rss, { atol: 5e-7 });
    assert.equal(fit.reachedBest, 16);
    // The search in five dimensions ends at the same sum of squares.
    const other = fitLaw(few, { misfit: "squared", residual: "loss" });
    assertClose(other.objective, fit.objective, { rtol: 1e-10 });
  },
);

Deno.test("fitLawByProjection() returns the constants of runs without noise", () => {
  for (const law of LAWS) {
    const exact = runs.map((run) => ({ ...run, loss: predictLoss(law, run) }));
    for (const residual of ["loss", "relative"] as const) {
      const fit = fitLawByProjection(exact, { residual });
      for (const name of NAMES) {
        assertClose(fit.law[name], law[name], { rtol: 1e-6, name });
      }
    }
  }
});

Deno.test("fitLawByProjection() by relative errors is close to logs squared", () => {
  const relative = fitLawByProjection(runs, { residual: "relative" }).law;
  const logs = fitLaw(runs, { misfit: "squared" }).law;
  // Residuals of 1 % differ from their logs by 1 % of themselves.
  assertClose(relative.alpha, logs.alpha, { atol: 0.005 });
  assertClose(relative.beta, logs.beta, { atol: 0.005 });
});

Deno.test("fitLawByProjection() keeps E, A and B at or above 0", () => {
  const flat = runs.map((run) => ({ ...run, loss: 3 }));
  const { law, objective } = fitLawByProjection(flat);
  assertClose(law.E + law.A + law.B, 3, { rtol: 1e-6 });
  assertClose(objective, 0, { atol: 1e-12 });
  // The loss rises with N: the best term in N is none.
  const rising = runs.map((run) => ({
    ...run,
    loss: 1 + 0.01 * run.parameters ** 0.2 + 400 * run.tokens ** -0.3,
  }));
  const fit = fitLawByProjection(rising).law;
  assert.ok(fit.A >= 0 && fit.B >= 0 && fit.E >= 0);
});

Deno.test("fitLawByProjection() rejects what it cannot fit", async () => {
  await assertFails(
    () => fitLawByProjection(runs.slice(0, 4)),
    DataError,
    /4 runs/,
  );
  await assertFails(
    () => fitLawByProjection(runs, { residual: "log" as "loss" }),
    ConfigError,
    /"log"/,
  );
});
