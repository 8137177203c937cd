/**
 * Published footprints computed again. Expected numbers are printed ones or
 * sheets worked by hand; a tolerance is half of the last digit that is given.
 */
import assert from "node:assert/strict";
import {
  kwhFromJoules,
  loadBloomFootprint,
  loadClusterEmbodied,
  loadPublishedFootprints,
} from "../../lib/emissions/mod.ts";
import { numberCell, readCsv } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const footprints = await loadPublishedFootprints();

/** Patterson's MWh from days, and LLMCarbon's error against reported tonnes. */
const EXPECTED = [
  { model: "T5", hoursMwh: 85.3, flopsError: -2.1 },
  { model: "GPT-3", hoursMwh: 1289.4, flopsError: 0.2 },
  { model: "GShard", hoursMwh: 23.4, flopsError: 3.3 },
  { model: "Switch", hoursMwh: 174.6, flopsError: 7.9 },
  { model: "XLM", hoursMwh: undefined, flopsError: -3.5 },
];

for (const [i, { model, hoursMwh, flopsError }] of EXPECTED.entries()) {
  Deno.test(`loadPublishedFootprints() recomputes ${model}`, () => {
    const row = footprints[i]!;
    assert.equal(row.model, model);
    if (hoursMwh !== undefined) {
      const mwh = kwhFromJoules(row.fromHours.energyJoules!) / 1000;
      assertClose(mwh, hoursMwh, { atol: 0.05 });
    }
    const { grams } = row.fromFlops.carbon!;
    assertClose((grams / row.reportedGrams - 1) * 100, flopsError, {
      atol: 0.05,
    });
    // Reported energy and days: the form is within a tenth of them.
    assertClose(row.fromFlops.energyJoules!, row.reportedJoules, { rtol: 0.1 });
    assertClose(row.fromFlops.seconds, row.reportedSeconds, { rtol: 0.11 });
  });
}

referenceTest(
  "loadPublishedFootprints() agrees with the reference's closed form",
  "emissions/examples/llm_training_footprints.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    assert.equal(rows.length, footprints.length);
    for (const [i, row] of rows.entries()) {
      const { fromFlops } = footprints[i]!;
      const name = row.model!;
      assertClose(fromFlops.seconds / 86_400, numberCell(row, "formula_days"), {
        atol: 5e-3,
        name,
      });
      const mwh = kwhFromJoules(fromFlops.energyJoules!) / 1000;
      assertClose(mwh, numberCell(row, "formula_mwh"), { atol: 5e-3, name });
      const tonnes = fromFlops.carbon!.grams / 1e6;
      assertClose(tonnes, numberCell(row, "formula_tco2eq"), {
        atol: 5e-4,
        name,
      });
    }
  },
);

Deno.test("loadBloomFootprint() gives the published breakdown", async () => {
  const bloom = await loadBloomFootprint();
  const [dynamic, idle, embodied] = bloom.parts;
  assertClose(kwhFromJoules(dynamic!.energyJoules!), 433_196, { atol: 0.5 });
  assertClose(dynamic!.grams / 1e6, 24.69, { atol: 5e-3 });
  assertClose(idle!.grams / 1e6, 14.6, { atol: 0.05 });
  assert.equal(embodied!.energyJoules, undefined, "no electricity");
  assertClose(embodied!.grams / 1e6, 11.2, { atol: 0.05 });
  assertClose(bloom.grams / 1e6, 50.5, { atol: 0.05 });
  assert.equal(bloom.publishedGrams, 50.5e6);
  assertClose(bloom.serverGramsPerHour / 1000, 0.05596, { atol: 5e-6 });
  assertClose(bloom.gpuGramsPerHour / 1000, 0.003358, { atol: 5e-7 });
  const hours = 1_082_990;
  assertClose(hours / 8 * bloom.serverGramsPerHour / 1e6, 7.58, { atol: 5e-3 });
  assertClose(hours * bloom.gpuGramsPerHour / 1e6, 3.64, { atol: 5e-3 });
});

Deno.test("loadClusterEmbodied() gives LLMCarbon's validation", async () => {
  const parts = await loadClusterEmbodied();
  const tonnes = parts.reduce((sum, { grams }) => sum + grams, 0) / 1e6;
  assertClose(tonnes, 0.648, { atol: 5e-4 });
  assertClose((tonnes / 0.66 - 1) * 100, -1.8, { atol: 0.05 });
  const cards = parts.find(({ part }) => part === "V100")!;
  // 512 cards of 9.78 kg, 20.4 of 1825 days.
  assertClose(cards.grams, 512 * 9780 * 20.4 / 1825, { rtol: 1e-12 });
});
