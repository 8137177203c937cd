/** A reading made by hand under other assumptions. */
import assert from "node:assert/strict";
import {
  findEnergyRun,
  findGpuSpec,
  intensityAt,
  kwhFromJoules,
  loadGpuSpecs,
  loadIntensities,
  loadTtlEnergyRuns,
  makeReading,
  statedIntensity,
  totalPower,
  totalsByPart,
  withDuration,
  withGpu,
  withIntensity,
  withPartPower,
  withPue,
} from "../../lib/emissions/mod.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertClose, assertFails } from "../support/assert_close.ts";
import { partEnergy } from "./simulated_machine.ts";

/** Half an hour: GPU 300 W, CPU 50 W, no memory reading. */
const reading = makeReading({
  project: "by hand",
  seconds: 1800,
  parts: [
    partEnergy("gpu", 540_000, 1800),
    partEnergy("cpu", 60_000, 1200),
    { ...partEnergy("cpu", 30_000, 600), method: "later" },
  ],
  pue: 1.5,
  intensity: statedIntensity(400),
  notes: [],
});
const rounding = { rtol: 1e-12 };

Deno.test("withPue() changes energy and carbon, not the parts", () => {
  const better = withPue(reading, 1.1);
  assertClose(better.energyJoules!, 630_000 * 1.1, rounding);
  assertClose(better.carbon!.grams, 0.175 * 1.1 * 400, rounding);
  assert.deepEqual(better.parts, reading.parts);
});

Deno.test("withPue() refuses less than one", async () => {
  await assertFails(() => withPue(reading, 0.5), ConfigError, /PUE of 0.5/);
  await assertFails(() => withPue(reading, Infinity), ConfigError, /Infinity/);
});

Deno.test("withIntensity() moves the run to another grid", async () => {
  const brazil = intensityAt(await loadIntensities(), "BRA");
  const moved = withIntensity(reading, brazil);
  assertClose(moved.carbon!.grams, 0.2625 * 98.348, rounding);
  assertClose(moved.carbon!.low, 0.2625 * 38.5, rounding);
  assert.equal(moved.energyJoules, reading.energyJoules);
});

Deno.test("withPartPower() replaces or adds a part over the whole time", async () => {
  const ram = { part: "ram", watts: 20, method: "four modules" } as const;
  const filled = withPartPower(reading, ram);
  assertClose(filled.energyJoules!, (630_000 + 36_000) * 1.5, rounding);
  assert.equal(filled.parts.at(-1)!.label, "assumed");
  const cpu = { part: "cpu", watts: 50, method: "half" } as const;
  assertClose(totalsByPart(withPartPower(reading, cpu)).cpu!.joules, 90_000, {
    rtol: 0, // 50 W x 1800 s, both rows of the CPU replaced
  });
  await assertFails(
    () => withPartPower(reading, { ...cpu, watts: -1 }),
    ConfigError,
    /power of cpu by -1 W/,
  );
});

Deno.test("withDuration() keeps the power and stretches the energy", async () => {
  const longer = withDuration(reading, 5400);
  assert.equal(longer.seconds, 5400);
  assertClose(longer.energyJoules!, 3 * reading.energyJoules!, rounding);
  assertClose(longer.carbon!.grams, 3 * reading.carbon!.grams, rounding);
  assertClose(totalPower(longer)!, totalPower(reading)!, rounding);
  const unread = { ...reading.parts[0]!, joules: undefined, seconds: 0 };
  const gap = makeReading({ ...reading, parts: [unread] });
  assert.equal(withDuration(gap, 60).energyJoules, undefined);
  for (const seconds of [0, -1, NaN, Infinity]) {
    await assertFails(
      () => withDuration(reading, seconds),
      ConfigError,
      /"by hand" into .* both must be above 0/,
    );
  }
});

Deno.test("withGpu() moves TTL-460m to other generations", async () => {
  const specs = await loadGpuSpecs();
  const run = findEnergyRun(await loadTtlEnergyRuns(), "TTL-460m");
  const hours = run.reading.seconds / 3600;
  const rest = totalsByPart(run.reading).cpu!.watts! +
    totalsByPart(run.reading).ram!.watts!;
  // Peak rates in TFLOP/s and TDP in W, from the data sheets by hand.
  const cases: [string, number, number][] = [
    ["H100 SXM5 80GB", 989.4, 700],
    ["Tesla V100 SXM2", 125, 300],
    ["A100 SXM4 40GB", 312, 400],
  ];
  const share = totalsByPart(run.reading).gpu!.watts! / 400;
  for (const [name, tflops, tdp] of cases) {
    const moved = withGpu(run, findGpuSpec(specs, name));
    const there = hours * 312 / tflops;
    assertClose(moved.seconds / 3600, there, rounding);
    assertClose(
      kwhFromJoules(moved.energyJoules!),
      there * (share * tdp + rest) / 1000,
      { rtol: 1e-9, name },
    );
    const gpu = moved.parts.find(({ part }) => part === "gpu")!;
    assert.equal(gpu.label, "assumed");
    assert.match(gpu.method, /82 % of its \d+ W, as fast for its peak as A100/);
  }
  const same = withGpu(run, run.gpu);
  assertClose(same.carbon!.grams, run.reading.carbon!.grams, { rtol: 1e-9 });
});

Deno.test("withGpu() refuses a card whose rates nobody published", async () => {
  const run = findEnergyRun(await loadTtlEnergyRuns(), "TTL-460m");
  const unknown = { ...run.gpu, name: "Secret", tdpWatts: undefined };
  await assertFails(
    () => withGpu(run, unknown),
    DataError,
    /from A100 SXM4 40GB to Secret: peak rates, thermal design powers/,
  );
});
