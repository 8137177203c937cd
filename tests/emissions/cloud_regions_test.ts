/** The table of cloud regions against the figures that providers publish. */
import assert from "node:assert/strict";
import {
  cloudIntensity,
  findCloudRegion,
  loadCloudRegions,
} from "../../lib/emissions/mod.ts";
import { ConfigError, readCsv } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

const regions = await loadCloudRegions();

Deno.test("loadCloudRegions() has place, year and source with each value", () => {
  assert.equal(regions.length, 114);
  for (const { intensity, region, pue, pueYear } of regions) {
    assert.ok(intensity.gramsPerKwh >= 0, region);
    assert.ok(intensity.year! >= 2019 && intensity.source.length > 5, region);
    assert.ok(pueYear === undefined || pue !== undefined, region);
    assert.ok(pue === undefined || (pue >= 1 && pue < 2), region);
  }
});

Deno.test("findCloudRegion() takes a region with or without its provider", () => {
  const region = findCloudRegion(regions, "southamerica-east1");
  assert.equal(region, findCloudRegion(regions, "gcp/southamerica-east1"));
  assert.equal(region.intensity.place, "São Paulo, Brazil");
  assert.equal(region.intensity.gramsPerKwh, 67.32);
  assert.equal(findCloudRegion(regions, "aws/sa-east-1").pue, 1.17);
  assert.equal(findCloudRegion(regions, " Azure/BrazilSouth ").pue, 1.12);
});

Deno.test("findCloudRegion() names near regions and takes no mean", async () => {
  await assertFails(
    () => findCloudRegion(regions, "gcp/southamerica-est1"),
    ConfigError,
    /"gcp\/southamerica-est1": near names are southamerica-east1/,
  );
  await assertFails(
    () => findCloudRegion(regions, "aws/southamerica-east1"),
    ConfigError,
    /near names are southamerica-east1/, // another provider's
  );
});

Deno.test("cloudIntensity() shows what other providers say of the same city", () => {
  const paulo = cloudIntensity(
    regions,
    findCloudRegion(regions, "sa-east-1"),
  );
  assert.equal(paulo.used.gramsPerKwh, 74);
  assert.deepEqual(paulo.used.cloud, { provider: "aws", region: "sa-east-1" });
  assert.deepEqual([paulo.low, paulo.high], [67.32, 205]);
  assert.equal(paulo.counts.length, 3);
  const alone = cloudIntensity(
    regions,
    findCloudRegion(regions, "africa-south1"),
  );
  assert.equal(alone.counts.length, 1);
});

referenceTest(
  "loadCloudRegions() is the reference table",
  "emissions/cloud_regions.csv",
  async (path) => {
    const { rows } = await readCsv(path);
    assert.deepEqual(
      regions.map(({ provider, region, intensity, pue }) => [
        provider,
        region,
        intensity.iso3,
        intensity.gramsPerKwh,
        pue,
      ]),
      rows.map((row) => [
        row.provider,
        row.region,
        row.country_iso3,
        Number(row.gco2eq_per_kwh),
        row.pue === "" ? undefined : Number(row.pue),
      ]),
    );
  },
);
