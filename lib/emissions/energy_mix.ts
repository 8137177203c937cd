/**
 * Carbon intensity of a known mix of energy sources: a village with its own
 * dam, a contract for wind, a province that publishes its shares.
 *
 * Table: `data/emissions/carbon_intensity_per_source.csv`.
 *
 * @module
 */
import {
  ConfigError,
  describeNearNames,
  numberCell,
  readDataTable,
} from "../util/mod.ts";
import type { GramsPerKwh } from "./units.ts";

/** g/kWh by source of energy: coal, natural_gas, hydroelectricity, ... */
export async function loadSourceIntensities(): Promise<
  ReadonlyMap<string, GramsPerKwh>
> {
  const rows = await readDataTable("emissions/carbon_intensity_per_source");
  return new Map(
    rows.map((row) => [row.energy_source!, numberCell(row, "gco2eq_per_kwh")]),
  );
}

/**
 * Mean intensity of a mix, g/kWh.
 *
 * @param perSource from {@linkcode loadSourceIntensities}
 * @param shares share of each source, 0 to 1, adding up to 1
 * @throws {ConfigError} when a source is not known, a share is negative or the
 * sum is not 1 within 0.001 (published shares are rounded)
 */
export function mixIntensity(
  perSource: ReadonlyMap<string, GramsPerKwh>,
  shares: Readonly<Record<string, number>>,
): GramsPerKwh {
  let sum = 0, mean = 0;
  for (const [source, share] of Object.entries(shares)) {
    const intensity = perSource.get(source);
    if (intensity === undefined) {
      throw new ConfigError(
        `Cannot mix "${source}": no such source of energy; ` +
          describeNearNames(source, perSource.keys()),
      );
    }
    if (!(share >= 0)) {
      throw new ConfigError(
        `Cannot mix ${share} of "${source}": a share is at least 0`,
      );
    }
    sum += share;
    mean += share * intensity;
  }
  if (Math.abs(sum - 1) > 1e-3) {
    throw new ConfigError(
      `Cannot mix shares that add up to ${sum}: they must add up to 1`,
    );
  }
  return mean / sum;
}
