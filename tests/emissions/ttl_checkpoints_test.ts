/**
 * Table 6 of arXiv 2401.16640 and the logs behind it. Its losses are cut off
 * after two digits, not rounded: ln 24.52 = 3.1995 is printed as 3.19.
 */
import assert from "node:assert/strict";
import {
  accountCheckpoints,
  findEnergyRun,
  intensityAt,
  kwhFromJoules,
  loadEnergyCheckpoints,
  loadIntensities,
  loadTtlEnergyRuns,
  marginalEnergy,
} from "../../lib/emissions/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const small = await loadEnergyCheckpoints("TTL-160m");
const large = await loadEnergyCheckpoints("TTL-460m");
const { gramsPerKwh } = intensityAt(await loadIntensities(), "DEU", {
  source: "CodeCarbon 2.3.2",
}).used;

Deno.test("loadEnergyCheckpoints() has perplexity = exp(loss)", () => {
  for (const { loss, perplexity, step, tokens } of [...small, ...large]) {
    const hidden = Math.log(perplexity) - loss;
    // Perplexity is rounded to 0.01, which is up to 0.0005 nat.
    assert.ok(hidden > -0.0005 && hidden < 0.0105, `${hidden} at ${step}`);
    assert.equal(tokens, step * 8192);
  }
  assert.equal(small.length, 4);
  assert.equal(large.length, 12);
});

Deno.test("loadEnergyCheckpoints() refuses a model without checkpoints", async () => {
  await assertFails(
    () => loadEnergyCheckpoints("TTL-460m-Chat"),
    ConfigError,
    /there are those of TTL-160m and TTL-460m/,
  );
});

Deno.test("accountCheckpoints() finds 0.26 kWh an evaluation in the 460m's table", () => {
  const { evaluationJoules, rows } = accountCheckpoints(large, gramsPerKwh);
  // The old README says about 0.26 kWh each; the printed kWh and kg allow
  // 0.27 as well.
  assertClose(kwhFromJoules(evaluationJoules), 0.26, { atol: 0.01 });
  for (const { errorGrams, step } of rows) {
    assertClose(errorGrams, 0, { atol: 40, name: `grams at ${step}` });
  }
  // 12 evaluations are 3.12 kWh by the README.
  assertClose(kwhFromJoules(evaluationJoules * 12), 3.12, { atol: 0.12 });
});

Deno.test("accountCheckpoints() explains 115.69 against 112.97 kWh", async () => {
  const { rows } = accountCheckpoints(large, gramsPerKwh);
  const last = rows.at(-1)!;
  const { reading } = findEnergyRun(await loadTtlEnergyRuns(), "TTL-460m");
  const table = kwhFromJoules(large.at(-1)!.energyJoules);
  const tracked = kwhFromJoules(reading.energyJoules!);
  const training = kwhFromJoules(last.trainingJoules);
  assertClose(table, 115.69, { atol: 1e-9 });
  assertClose(tracked, 112.97, { atol: 0.005 });
  // Without evaluations the table is within half a percent of the tracker.
  assertClose(training, tracked, { rtol: 0.005 });
  assert.ok(Math.abs(table - tracked) > 5 * Math.abs(training - tracked));
  // The paper prints 41.31 kg, the log says 41.11, the tracker 41.289.
  assertClose(large.at(-1)!.printedGrams, 41_310, { atol: 1e-9 });
  assertClose(large.at(-1)!.grams, 41_110, { atol: 1e-9 });
});

Deno.test("accountCheckpoints() shows the 160m's last row as the odd one", () => {
  const three = accountCheckpoints(small.slice(0, 3), gramsPerKwh);
  assertClose(kwhFromJoules(three.evaluationJoules), 0.25, { atol: 0.005 });
  const four = accountCheckpoints(small, gramsPerKwh);
  const worst = (errors: { errorGrams: number }[]) =>
    Math.max(...errors.map(({ errorGrams }) => Math.abs(errorGrams)));
  assert.ok(worst([...three.rows]) < 5, "three rows agree within 5 g");
  assert.ok(worst([...four.rows]) > 70, "the fourth does not fit them");
});

Deno.test("accountCheckpoints() refuses an empty table", async () => {
  await assertFails(
    () => accountCheckpoints([], gramsPerKwh),
    DataError,
    /no checkpoints/,
  );
});

Deno.test("marginalEnergy() says what the second half of the 460m bought", () => {
  const halves = marginalEnergy([large[5]!, large[11]!]);
  assert.equal(halves.length, 1);
  const [second] = halves;
  assert.equal(second!.fromStep, 600_000);
  assert.equal(second!.toStep, 1_200_000);
  assertClose(second!.perplexityGain, 1.84, { atol: 1e-9 });
  assertClose(kwhFromJoules(second!.energyJoules), 57.95, { atol: 1e-9 });
  assertClose(kwhFromJoules(second!.joulesPerPoint!), 57.95 / 1.84, {
    rtol: 1e-9,
  });
});

Deno.test("marginalEnergy() has a rising price and none for a loss", () => {
  const rows = marginalEnergy(large);
  assert.equal(rows.length, 11);
  assert.ok(rows.at(-1)!.joulesPerPoint! > 15 * rows[0]!.joulesPerPoint!);
  const [worse] = marginalEnergy([large[1]!, large[0]!]);
  assert.ok(worse!.perplexityGain < 0);
  assert.equal(worse!.joulesPerPoint, undefined);
  assert.deepEqual(marginalEnergy([]), []);
});
