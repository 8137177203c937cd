/** Published tables: the copies that we ship are the reference, cited. */
import assert from "node:assert/strict";
import {
  gadreRuns,
  hoffmannExponents,
  hoffmannFrontier,
  nanochatOptima,
  porianOptima,
  takanoObservations,
} from "../../lib/scaling/mod.ts";
import { parseCsv, readCsv, readText } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const TABLES = [
  "chinchilla_extracted",
  "chinchilla_takano",
  "gadre_redpajama",
  "hoffmann_coefficients",
  "hoffmann_flop_ratio",
  "hoffmann_frontier",
  "hoffmann_models",
  "mpl_100M",
  "nanochat_isoflop_optima",
  "porian_tuned_rw_isoflop_points",
  "porian_tuned_rw_optima",
];

for (const name of TABLES) {
  referenceTest(
    `data/scaling/${name}.csv is the reference with a citation above`,
    `scaling/${name}.csv`,
    async (path) => {
      const ours = await readCsv(
        new URL(`../../data/scaling/${name}.csv`, import.meta.url),
      );
      const reference = parseCsv(await readText(path, "a table"));
      assert.deepEqual(ours.columns, reference.columns);
      assert.deepEqual(ours.rows, reference.rows);
      assert.match(ours.comment, /\b20[12]\d\b/); // a year
      assert.match(ours.comment, /Licence: /);
      assert.match(ours.comment, /Units: /);
    },
  );
}

Deno.test("hoffmannExponents() has the three approaches and Kaplan's", async () => {
  const rows = await hoffmannExponents();
  assert.deepEqual(rows.map((row) => row.a), [
    0.5,
    0.49,
    0.46,
    0.5,
    0.53,
    0.73,
  ]);
  for (const { a, b } of rows) assertClose(a + b, 1, { atol: 1e-12 });
  assert.deepEqual([rows[1]!.low, rows[1]!.high], [0.462, 0.534]);
  assert.equal(rows[5]!.low, undefined);
});

Deno.test("hoffmannFrontier() has budgets of 6ND, one misprint mended", async () => {
  const rows = await hoffmannFrontier();
  assert.equal(rows.length, 27);
  for (const { parameters, tokens, budget } of rows) {
    assertClose(6 * parameters * tokens / budget, 1, { atol: 0.06 });
  }
});

Deno.test("the other readers have every row, with plain counts", async () => {
  assert.equal((await takanoObservations()).length, 234);
  const gadre = await gadreRuns();
  assert.equal(gadre.length, 35);
  for (const { parameters, tokens, multiplier } of gadre) {
    assertClose(tokens / parameters, multiplier, { rtol: 0.01 });
  }
  for (const rows of [await porianOptima(), await nanochatOptima()]) {
    assert.equal(rows.length, 12);
    for (const { parameters, budget } of rows) {
      assert.ok(parameters > 1e6 && budget > 1e16);
    }
  }
});
