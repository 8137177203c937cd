/**
 * The law against hand calculation, TTL's script and the table of constants
 * in `data/ttl/scaling_law.csv`.
 */
import assert from "node:assert/strict";
import {
  budgetOf,
  EPOCH_GRID_LAW,
  EPOCH_LAW,
  HOFFMANN_LAW,
  HOFFMANN_ROUNDED_LAW,
  LAWS,
  predictLoss,
  TTL_LAW,
} from "../../lib/scaling/mod.ts";
import { numberCell, readCsv } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const NAMES = ["E", "A", "B", "alpha", "beta"] as const;

Deno.test("predictLoss() sums the three terms", () => {
  const law = { E: 2, A: 30, B: 50, alpha: 0.5, beta: 1 };
  // 2 + 30 / sqrt(100) + 50 / 25
  assert.equal(predictLoss(law, { parameters: 100, tokens: 25 }), 7);
});

Deno.test("predictLoss() prints what TTL's script prints", () => {
  const sizes = { parameters: 460e6, tokens: 9.3e9 };
  const loss = predictLoss(TTL_LAW, sizes);
  assert.equal(loss.toFixed(2), "3.04");
  assert.equal((2 ** loss).toFixed(2), "8.23");
});

Deno.test("predictLoss() with Hoffmann's rounded 0.34 is 0.22 nats lower", () => {
  const sizes = { parameters: 460e6, tokens: 9.3e9 };
  assert.equal(predictLoss(HOFFMANN_ROUNDED_LAW, sizes).toFixed(2), "2.82");
  assert.equal(
    Math.exp(predictLoss(HOFFMANN_ROUNDED_LAW, sizes)).toFixed(1),
    "16.7",
  );
});

Deno.test("budgetOf() is 6ND", () => {
  assert.equal(budgetOf({ parameters: 2, tokens: 5 }), 60);
});

Deno.test("LAWS agree with the published table to its digits", async () => {
  const file = new URL("../../data/ttl/scaling_law.csv", import.meta.url);
  const { rows } = await readCsv(file);
  const laws = [TTL_LAW, HOFFMANN_ROUNDED_LAW, HOFFMANN_LAW, EPOCH_LAW];
  assert.equal(rows.length, laws.length);
  for (const [i, law] of laws.entries()) {
    for (const name of NAMES) {
      const digits = rows[i]![name]!;
      const places = digits.split(".")[1]?.length ?? 0;
      // The printed E of the refit, 1.8172, is that of the other fit in the
      // same repository; the headline fit has 1.81686.
      const slack = law === EPOCH_LAW && name === "E" ? 4e-4 : 0;
      assertClose(law[name], numberCell(rows[i]!, name), {
        atol: 10 ** -places + slack,
        name: `${law.name} ${name}`,
      });
    }
  }
});

Deno.test("LAWS have different names and a source each", () => {
  assert.equal(new Set(LAWS.map((law) => law.name)).size, LAWS.length);
  assert.ok(LAWS.every((law) => law.source.length > 0));
  assert.ok(LAWS.includes(EPOCH_GRID_LAW));
});

referenceTest(
  "LAWS are the published constants",
  "scaling/expected.json",
  async (path) => {
    const { hoffmann_2022, chinchilla_extracted } = JSON.parse(
      await Deno.readTextFile(path),
    );
    const exact = hoffmann_2022.exact_from_tex;
    const expected = [
      [HOFFMANN_ROUNDED_LAW, hoffmann_2022.rounded],
      [HOFFMANN_LAW, {
        A: Math.exp(exact.ln_A),
        B: Math.exp(exact.ln_B),
        E: Math.exp(exact.ln_E),
        ...exact,
      }],
      [EPOCH_LAW, chinchilla_extracted.published_headline],
      [EPOCH_GRID_LAW, chinchilla_extracted.optimum_240_computed],
    ] as const;
    for (const [law, constants] of expected) {
      for (const name of NAMES) {
        assertClose(law[name], constants[name], { rtol: 1e-14, name });
      }
    }
  },
);
