/**
 * Values as Ember, MCTI and CodeCarbon publish them, read by hand, against
 * the tables that the project carries.
 */
import assert from "node:assert/strict";
import {
  intensityAt,
  loadIntensities,
  statedIntensity,
} from "../../lib/emissions/mod.ts";
import { ConfigError, readCsv } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const table = await loadIntensities();

Deno.test("intensityAt() finds a country by code and by name", () => {
  for (const name of ["BRA", "br", "Brazil", " brazil "]) {
    const { used } = intensityAt(table, name);
    assert.equal(used.gramsPerKwh, 98.348);
    assert.equal(used.year, 2023);
    assert.equal(used.kind, "lifecycle");
    assert.equal(used.place, "Brazil");
    assert.match(used.source, /Ember/);
  }
});

Deno.test("intensityAt() gives the range of Brazil's counts", () => {
  const { low, high, counts } = intensityAt(table, "Brazil");
  assert.equal(low, 38.5); // MCTI, generation only
  assert.equal(high, 205); // ML CO2 Impact, 2019
  assert.equal(counts.length, 6);
  assert.deepEqual(
    [...new Set(counts.map(({ kind }) => kind))].sort(),
    ["generation", "lifecycle", "unstated"],
  );
});

Deno.test("intensityAt() keeps Germany's old value for replays only", () => {
  const today = intensityAt(table, "DEU");
  assert.equal(today.used.gramsPerKwh, 380.95);
  assert.equal(today.high, 380.95, "the old edition is no other count");
  assert.equal(today.low, 380.95);
  const old = intensityAt(table, "DEU", { source: "CodeCarbon 2.3.2" });
  assert.equal(old.used.gramsPerKwh, 365.477);
  assert.equal(old.low, 365.477);
});

Deno.test("intensityAt() finds a region by name and by code", () => {
  for (const region of ["iowa", "US-IA", "us ia"]) {
    const { used } = intensityAt(table, "USA", { region });
    assert.equal(used.gramsPerKwh, 452.621); // 997.858 lb/MWh
    assert.equal(used.place, "Iowa, United States");
    assert.equal(used.kind, "generation");
  }
  const { used } = intensityAt(table, "Norway", { region: "NO1" });
  assert.equal(used.gramsPerKwh, 18);
  assert.equal(intensityAt(table, "Canada", { region: "québec" }).low, 3.937);
});

Deno.test("intensityAt() refuses an unknown place and names near ones", async () => {
  await assertFails(
    () => intensityAt(table, "Brasil"),
    ConfigError,
    /"Brasil": near names are Brazil,/,
  );
  await assertFails(
    () => intensityAt(table, "BRZ"),
    ConfigError,
    /near names are .*BRA/,
  );
  await assertFails(() => intensityAt(table, ""), ConfigError, /state grams/);
  await assertFails(
    () => intensityAt(table, "USA", { region: "Iova" }),
    ConfigError,
    /region "Iova" of USA: near names are Iowa/,
  );
  await assertFails(
    () => intensityAt(table, "Brazil", { region: "" }),
    ConfigError,
    /no name is near/,
  );
  await assertFails(
    () => intensityAt(table, "BRA", { source: "IEA" }),
    ConfigError,
    /its sources are .*MCTI SIRENE/,
  );
});

Deno.test("intensityAt() gives the world mean only to who asks for it", () => {
  assert.equal(intensityAt(table, "World").used.gramsPerKwh, 475);
});

Deno.test("loadIntensities() names every place and counts sanely", () => {
  assert.equal(table.countries.length, 213); // 212 countries and the world
  for (const count of table.counts) {
    assert.ok(count.country, JSON.stringify(count));
    assert.ok(count.source !== "", count.place);
    assert.ok(["lifecycle", "generation", "unstated"].includes(count.kind));
    assert.ok(
      count.gramsPerKwh >= 0 && count.gramsPerKwh < 1400,
      `${count.place}: ${count.gramsPerKwh}`,
    );
  }
});

referenceTest(
  "loadIntensities() has every country of the reference table",
  "emissions/carbon_intensity_by_country.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    const withValue = rows.filter((row) => row.gco2eq_per_kwh !== "");
    assert.equal(withValue.length, rows.length - 1); // CAF has none
    for (const row of withValue) {
      const { used } = intensityAt(table, row.iso3!);
      assert.equal(used.gramsPerKwh, Number(row.gco2eq_per_kwh), `${row.iso3}`);
      assert.equal(used.year, Number(row.year), `${row.iso3}`);
    }
  },
);

Deno.test("statedIntensity() has no range and refuses nonsense", async () => {
  const { used, low, high } = statedIntensity(12, "our roof");
  assert.deepEqual([used.gramsPerKwh, low, high], [12, 12, 12]);
  assert.equal(used.source, "stated by the user");
  await assertFails(() => statedIntensity(-1), ConfigError, /-1 g\/kWh/);
  await assertFails(() => statedIntensity(NaN), ConfigError, /NaN/);
});
