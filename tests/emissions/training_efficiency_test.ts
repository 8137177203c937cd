/** Rates of a made-up run by hand; those of the published ones are replayed. */
import assert from "node:assert/strict";
import {
  findEnergyRun,
  loadTtlEnergyRuns,
  makeReading,
  trainingEfficiency,
} from "../../lib/emissions/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { partEnergy } from "./simulated_machine.ts";

const runs = await loadTtlEnergyRuns();

Deno.test("trainingEfficiency() divides what must be divided", () => {
  const reading = makeReading({
    project: "made up",
    seconds: 1000,
    parts: [partEnergy("gpu", 50_000, 1000)],
    pue: 2,
    intensity: undefined,
    notes: [],
  });
  const rates = trainingEfficiency({
    reading,
    parameters: 1e6,
    tokens: 1e7,
    gpu: {
      name: "card",
      tdpWatts: 200,
      bf16FlopsPerSecond: 1e12,
      fp16FlopsPerSecond: undefined,
      fp32FlopsPerSecond: undefined,
    },
  });
  const rounding = { rtol: 1e-12 };
  assertClose(rates.flops, 6e13, rounding);
  assertClose(rates.tokensPerSecond, 1e4, rounding);
  assertClose(rates.flopsUtilization!, 0.06, rounding);
  assertClose(rates.gpuJoulesPerToken!, 0.005, rounding);
  assertClose(rates.kwhPerBillionTokens, 1e5 / 3.6e6 * 100, rounding);
  assert.equal(rates.gpuWatts, 50);
  assert.equal(rates.gpuShareOfTdp, 0.25);
});

Deno.test("trainingEfficiency() refuses a run whose tokens nobody published", async () => {
  await assertFails(
    () => trainingEfficiency(findEnergyRun(runs, "TTL-460m-Chat")),
    DataError,
    /undefined tokens/,
  );
});
