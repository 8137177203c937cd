import assert from "node:assert/strict";
import {
  emissionsParagraph,
  emissionsRows,
  emissionsSummary,
  emissionsTable,
  type EnergyReading,
  findEnergyRun,
  formatCarbon,
  formatEnergy,
  intensityAt,
  loadIntensities,
  loadTtlEnergyRuns,
  makeReading,
  modelCardEmissions,
  withIntensity,
  withPue,
} from "../../lib/emissions/mod.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const { reading } = findEnergyRun(await loadTtlEnergyRuns(), "TTL-460m");
const brazil = withIntensity(
  reading,
  intensityAt(await loadIntensities(), "Brazil"),
);
const unread: EnergyReading = makeReading({
  ...reading,
  parts: reading.parts.map((part) =>
    part.part === "gpu" ? { ...part, joules: undefined, seconds: 0 } : part
  ),
  intensity: undefined,
  notes: ["gpu has no reading: nvidia-smi is not installed"],
});

Deno.test("emissionsParagraph() has every number with unit and method", () => {
  assert.equal(
    emissionsParagraph(reading),
    '"TTL-460m pre-training" ran for 11.7 d and used 113 kWh of electricity ' +
      "(PUE 1): GPU 81.7 % (measured: NVML of 1 x NVIDIA A100-SXM4-40GB), " +
      "CPU 10.6 % (assumed: half of a TDP of 85 W, whatever the load), " +
      "RAM 7.77 % (modelled: 3 W per 8 GiB of 83.5 GiB). " +
      // 5 % of 92.27 kWh that were measured, all of 20.70 that were not
      "Give or take about 25.3 kWh. At 365 g CO2eq/kWh (Germany, 2021, lifecycle; CodeCarbon 2.3.2) " +
      "this is 41.3 kg of CO2 equivalent.",
  );
});

Deno.test("emissionsParagraph() gives the range where counts differ", () => {
  const text = emissionsParagraph(withPue(brazil, 1.58));
  assert.match(text, /used 178 kWh of electricity \(PUE 1.58\)/);
  assert.match(text, /by 6 published counts \(38.5 to 205 g\/kWh, not all/);
  assert.match(text, /it is 6.87 kg to 36.6 kg/); // 178.5 kWh by hand
});

Deno.test("emissionsParagraph() says what is missing", () => {
  const text = emissionsParagraph(unread);
  assert.match(text, /GPU has no reading/);
  assert.match(text, /No carbon intensity was given/);
  assert.match(text, /Note: gpu has no reading: nvidia-smi is not installed\./);
  const nothing = makeReading({ ...unread, parts: [] });
  assert.match(emissionsParagraph(nothing), /no meter gave .* Note: gpu has/);
});

Deno.test("emissionsTable() is a Markdown table with units and labels", () => {
  assert.equal(
    emissionsTable(unread),
    `| part | energy (kWh) | mean power (W) | label | give or take | method |
| --- | ---: | ---: | --- | --- | --- |
| gpu | no reading | no reading | measured | 5.0 % | NVML of 1 x NVIDIA A100-SXM4-40GB |
| cpu | 11.92 | 42.50 | assumed | 100 % | half of a TDP of 85 W, whatever the load |
| ram | 8.780 | 31.30 | modelled | 100 % | 3 W per 8 GiB of 83.5 GiB |
| total | 20.70 | 73.80 |  | 100 % | parts with a reading x PUE 1 |`,
  );
});

Deno.test("emissionsRows() says where nobody stated how well a method knows", () => {
  const parts = reading.parts.map((part) =>
    part.part === "cpu" ? { ...part, uncertainty: undefined } : part
  );
  const rows = emissionsRows({ ...reading, parts });
  assert.deepEqual(
    rows.map(({ uncertainty }) => uncertainty),
    ["5.0 %", "not stated", "100 %", "not stated"],
  );
  assert.doesNotMatch(emissionsParagraph({ ...reading, parts }), /Give or/);
});

Deno.test("emissionsRows() ends with the total including PUE", () => {
  const rows = emissionsRows(withPue(reading, 2));
  assert.equal(rows.length, 4);
  const [gpu, , , total] = rows;
  assert.equal(gpu!.part, "gpu");
  assert.equal((gpu!.kWh as number).toFixed(2), "92.27", "without PUE");
  assert.equal((total!.kWh as number).toFixed(2), "225.95", "with PUE");
});

Deno.test("emissionsSummary() puts a run into one row", () => {
  const { run, hours, kWh, kgCO2eq, intensity } = emissionsSummary(reading);
  assert.equal(run, "TTL-460m pre-training");
  assert.equal(hours.toFixed(2), "280.53");
  assert.equal((kWh as number).toFixed(2), "112.97");
  assert.equal((kgCO2eq as number).toFixed(2), "41.29");
  assert.match(intensity, /^365 g CO2eq\/kWh \(Germany, 2021/);
  assert.equal(emissionsSummary(unread).kgCO2eq, "no reading");
  assert.equal(emissionsSummary(unread).intensity, "not given");
});

Deno.test("modelCardEmissions() writes grams and where they come from", () => {
  assert.equal(
    modelCardEmissions(reading, {
      trainingType: "pre-training",
      hardware: "1 x NVIDIA A100-SXM4-40GB",
    }),
    `co2_eq_emissions:
  emissions: 41289.4
  source: "Caderno: gpu measured, cpu assumed, ram modelled; PUE 1; ` +
      `365 g CO2eq/kWh (Germany, 2021, lifecycle; CodeCarbon 2.3.2)"
  training_type: "pre-training"
  geographical_location: "Germany"
  hardware_used: "1 x NVIDIA A100-SXM4-40GB"
`,
  );
});

Deno.test("modelCardEmissions() refuses to write an unknown number", async () => {
  await assertFails(
    () => modelCardEmissions(unread, { trainingType: "", hardware: "" }),
    DataError,
    /state a country or gramsPerKwh/,
  );
});

Deno.test("formatEnergy() and formatCarbon() choose the unit", () => {
  assert.equal(formatEnergy(3.6e6 * 15.5213), "15.5 kWh");
  assert.equal(formatEnergy(3600), "1.00 Wh");
  assert.equal(formatEnergy(0), "0.00 kWh");
  assert.equal(formatCarbon(41289), "41.3 kg");
  assert.equal(formatCarbon(999), "999 g");
  assert.equal(formatCarbon(0.01234), "0.0123 g");
});
