/** Runs sorted into budgets, against the column of the published table. */
import assert from "node:assert/strict";
import {
  budgetOf,
  chinchillaObservations,
  groupByBudget,
  HOFFMANN_BUDGETS,
  porianObservations,
} from "../../lib/scaling/mod.ts";
import {
  ConfigError,
  DataError,
  numberCell,
  readCsv,
} from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const runs = await chinchillaObservations();

Deno.test("groupByBudget() sorts the points as the published column does", async () => {
  const { rows } = await readCsv(
    new URL("../../data/scaling/chinchilla_extracted.csv", import.meta.url),
  );
  const groups = groupByBudget(runs, { budgets: HOFFMANN_BUDGETS });
  assert.deepEqual(groups.map((group) => group.budget), HOFFMANN_BUDGETS);
  for (const { budget, runs: own } of groups) {
    const expected = rows.filter((row) =>
      row["isoflop_budget"] !== "" &&
      numberCell(row, "isoflop_budget") === budget
    ).map((row) => numberCell(row, "loss"));
    assert.deepEqual(own.map((run) => run.loss), expected);
  }
  const total = groups.reduce((sum, group) => sum + group.runs.length, 0);
  assert.equal(total, 129); // as counted with the extraction
});

Deno.test("groupByBudget() finds budgets that nobody names", async () => {
  const groups = groupByBudget(await porianObservations());
  assert.equal(groups.length, 12);
  for (const [i, { budget, runs }] of groups.entries()) {
    assertClose(budget, 1.25e16 * 2 ** i, { rtol: 1e-6 });
    for (const run of runs) assertClose(budgetOf(run), budget, { rtol: 0.01 });
  }
});

Deno.test("groupByBudget() gives a run to one budget only", () => {
  const run = { parameters: 1e8, tokens: 1e18 / 6e8, loss: 3 };
  const groups = groupByBudget([run], { budgets: [0.95e18, 1.02e18] });
  assert.deepEqual(groups, [{ budget: 1.02e18, runs: [run] }]);
});

Deno.test("groupByBudget() rejects budgets that are none", async () => {
  await assertFails(
    () => groupByBudget(runs, { budgets: [] }),
    ConfigError,
    /0 b/,
  );
  await assertFails(
    () => groupByBudget(runs, { budgets: [-1] }),
    ConfigError,
    /budget -1/,
  );
  await assertFails(
    () => groupByBudget(runs, { budgets: [1] }),
    DataError,
    /none lies within/,
  );
  for (const loss of [NaN, 0, -3, Infinity]) {
    await assertFails(
      () => groupByBudget([runs[0]!, { ...runs[1]!, loss }]),
      DataError,
      /loss is .* in row 2, wanted finite numbers above 0/,
    );
  }
});
