/** Plans against sums by hand, and published rows against the paper. */
import assert from "node:assert/strict";
import {
  loadPublishedPlans,
  loadPublishedSpeeds,
  machinePlanRows,
  planMachine,
} from "../../lib/sweep/mod.ts";
import { statedIntensity } from "../../lib/emissions/mod.ts";
import { EPOCH_LAW, optimalTokens } from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";

const rounding = { rtol: 1e-12 };
const PARAMETERS = 5261568; // of tiny-256
const SPEEDS = [{
  ...{ way: "CPU", model: "tiny-256", parameters: PARAMETERS } as const,
  ...{ tokensPerSecond: 5000, flopsPerSecond: 1, peakBytes: 1 },
}];
const part = { part: "machine", label: "assumed", method: "a label" } as const;
const POWER = {
  project: "CPU",
  parts: [{ ...part, watts: 50 }],
  pue: 2,
  intensity: statedIntensity(100),
  notes: [],
};

Deno.test("planMachine() goes from speed and power to time, energy and carbon", async () => {
  const plans = await planMachine({ speeds: SPEEDS, power: POWER });
  const [tiny, ttl, night] = plans;
  assert.deepEqual(
    plans.map(({ training, basis }) => [training, basis]),
    [
      ["tiny-256", "measured"],
      ["TTL-160m", "beyond"],
      ["in 8 h", "beyond"],
    ],
  );
  const tokens = optimalTokens(EPOCH_LAW, PARAMETERS);
  assertClose(tiny!.seconds, tokens / 5000, rounding);
  // 50 W at the machine are 100 W at the meter; 100 g for each kWh.
  assertClose(tiny!.reading.energyJoules!, 100 * tiny!.seconds, rounding);
  assertClose(
    tiny!.reading.carbon!.grams,
    100 * tiny!.seconds / 3.6e6 * 100,
    rounding,
  );
  // The same FLOP/s as 6ND: 6 x 5,261,568 x 5,000.
  const flops = 6 * 162417408 * 3751936000;
  assertClose(ttl!.seconds, flops / (6 * PARAMETERS * 5000), rounding);
  assertClose(night!.seconds, 8 * 3600, { rtol: 1e-9 });
  assertClose(night!.tokens, optimalTokens(EPOCH_LAW, night!.parameters), {
    ...rounding,
  });
});

Deno.test("planMachine() tells sizes between from sizes measured, and is empty without speeds", async () => {
  const smaller = { ...SPEEDS[0]!, parameters: 1e5, tokensPerSecond: 5e4 };
  const speeds = [smaller, SPEEDS[0]!];
  const [goal] = await planMachine({ speeds, power: POWER }, {
    preset: "tiny-128",
    hours: 1,
  });
  assert.equal(goal!.basis, "between");
  assert.deepEqual(await planMachine({ speeds: [], power: POWER }), []);
  assert.deepEqual(await planMachine({ speeds, power: undefined }), []);
});

Deno.test("machinePlanRows() shows units that people use", async () => {
  const [plan] = await planMachine({ speeds: SPEEDS, power: POWER });
  const [row, unknown] = machinePlanRows([
    { ...plan!, seconds: 7200 },
    {
      ...plan!,
      reading: {
        ...plan!.reading,
        energyJoules: undefined,
        carbon: undefined,
      },
    },
  ]);
  assert.equal(row!.N, "5.26M");
  assert.equal(row!.time, "2 h 0 min");
  assertClose(row!.kWh!, plan!.seconds / 36000, rounding);
  assertClose(row!.gCO2eq!, plan!.seconds / 360, rounding);
  assert.deepEqual([unknown!.kWh, unknown!.gCO2eq], [undefined, undefined]);
});

Deno.test("loadPublishedPlans() are the hours and kWh of the paper", async () => {
  const plans = await loadPublishedPlans();
  const rows = machinePlanRows(plans);
  assert.deepEqual(rows.map(({ training }) => training), [
    "TTL-160m",
    "TTL-460m",
  ]);
  // arXiv 2401.16640, section 4.2: 15.5 and 113 kWh, 5.7 and 41.3 kg.
  assert.deepEqual(rows.map(({ kWh }) => kWh!.toFixed(1)), ["15.5", "113.0"]);
  const kilograms = rows.map(({ gCO2eq }) => (gCO2eq! / 1000).toFixed(1));
  assert.deepEqual(kilograms, ["5.7", "41.3"]);
  assert.equal(rows[0]!.time, "38 h 44 min");
});

Deno.test("loadPublishedSpeeds() has TTL's own rate and the bench's", async () => {
  const speeds = await loadPublishedSpeeds();
  const of = (name: string) => speeds.find((row) => row.name === name)!;
  // 458,000 steps of 8,192 tokens in 139,415.49 s.
  const rate = 458000 * 8192 / 139415.49;
  assertClose(of("TTL-160m").tokensPerSecond, rate, { rtol: 1e-7 });
  assert.equal(of("TTL-160m").machine, "A100 SXM4 40GB");
  // Those of this project stand in the table of its page.
  const page = await Deno.readTextFile(
    new URL("../../docs/performance.md", import.meta.url),
  );
  const own = speeds.filter(({ model }) => model === "tiny-256");
  assert.equal(own.length, 4);
  for (const { name, tokensPerSecond } of own) {
    assert.ok(
      page.includes(` ${tokensPerSecond.toLocaleString("en")} |`),
      name,
    );
  }
});
