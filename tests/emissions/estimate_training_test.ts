/** Closed forms by hand; published models are in `published_footprints`. */
import assert from "node:assert/strict";
import {
  emissionsParagraph,
  estimateFromHours,
  estimateTraining,
  findEnergyRun,
  intensityAt,
  kwhFromJoules,
  loadIntensities,
  loadTtlEnergyRuns,
  trainingEfficiency,
  waterLitres,
} from "../../lib/emissions/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";

const rounding = { rtol: 1e-12 };

Deno.test("estimateFromHours() multiplies hours, machines, power and PUE", () => {
  const { energyJoules, seconds, parts, carbon } = estimateFromHours(10, {
    project: "plan",
    devices: 4,
    wattsPerDevice: 250,
    pue: 1.2,
  });
  assertClose(kwhFromJoules(energyJoules!), 10 * 4 * 0.25 * 1.2, rounding);
  assert.equal(seconds, 36_000);
  assert.equal(carbon, undefined, "no place, no carbon");
  assert.deepEqual(
    parts.map(({ part, label, uncertainty }) => [part, label, uncertainty]),
    [["machine", "modelled", 1]],
  );
});

Deno.test("estimateTraining() goes from parameters and tokens to grams", async () => {
  const reading = estimateTraining({
    project: "plan",
    parameters: 1e9,
    tokens: 2e10,
    devices: 2,
    wattsPerDevice: 400,
    peakFlopsPerSecond: 3e14,
    efficiency: 0.4,
    intensity: intensityAt(await loadIntensities(), "BRA"),
  });
  // 1.2e20 FLOPs at 2.4e14 FLOP/s: 500,000 s; 800 W: 4e8 J = 111.1 kWh.
  assertClose(reading.seconds, 500_000, rounding);
  assertClose(reading.energyJoules!, 4e8, rounding);
  assertClose(reading.carbon!.grams, 4e8 / 3.6e6 * 98.348, rounding);
  const words = emissionsParagraph(reading, { isPlan: true });
  assert.match(words, /^"plan" would run for 5\.79 d and use 111 kWh of/);
  assert.match(words, /whole machine 100 % \(modelled: .*Note: estimated and/);
  assert.match(
    reading.parts[0]!.method,
    /^6ND = 1.20e20 FLOPs on 2 x 300 TFLOP\/s at 40 %, 400 W each$/,
  );
});

Deno.test("estimateTraining() finds TTL-460m again from its own efficiency", async () => {
  const run = findEnergyRun(await loadTtlEnergyRuns(), "TTL-460m");
  const { flopsUtilization } = trainingEfficiency(run);
  const { energyJoules, seconds } = run.reading;
  const again = estimateTraining({
    project: "TTL-460m",
    parameters: run.parameters!,
    tokens: run.tokens!,
    devices: 1,
    wattsPerDevice: energyJoules! / seconds,
    peakFlopsPerSecond: run.gpu.bf16FlopsPerSecond!,
    efficiency: flopsUtilization!,
  });
  assertClose(again.seconds, seconds, rounding);
  assertClose(again.energyJoules!, energyJoules!, rounding);
});

Deno.test("estimates refuse numbers that make no sense", async () => {
  const plan = {
    project: "plan",
    parameters: 1e9,
    tokens: 1e9,
    devices: 1,
    wattsPerDevice: 400,
    peakFlopsPerSecond: 3e14,
    efficiency: 0.4,
  };
  const cases: [object, RegExp][] = [
    [{ parameters: 0 }, /with parameters 0: wanted a number above 0/],
    [{ tokens: NaN }, /with tokens NaN/],
    [{ devices: -1 }, /with devices -1/],
    [{ wattsPerDevice: Infinity }, /with wattsPerDevice Infinity/],
    [{ efficiency: 40 }, /efficiency of 40: it is a share of the peak/],
    [{ pue: 0.5 }, /PUE of 0.5/],
  ];
  for (const [change, message] of cases) {
    await assertFails(
      () => estimateTraining({ ...plan, ...change }),
      ConfigError,
      message,
    );
  }
  await assertFails(() => estimateFromHours(0, plan), ConfigError, /hours 0/);
});

Deno.test("waterLitres() multiplies by WUE and refuses a negative one", async () => {
  assertClose(waterLitres(3.6e6 * 100, 1.8), 180, rounding);
  assert.equal(waterLitres(3.6e6, 0), 0);
  await assertFails(() => waterLitres(1, -1), ConfigError, /WUE of -1 l\/kWh/);
});
