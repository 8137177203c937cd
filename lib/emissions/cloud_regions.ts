/**
 * Carbon intensity and PUE at the regions of cloud providers. Only Google
 * publishes a value for each region; the others' come from collections that
 * give them the value of their country or state, so the same city may have
 * 67 g/kWh with one provider and 205 with another: all are given as a range.
 *
 * Table: `data/emissions/cloud_regions.csv`.
 *
 * @module
 */
import {
  ConfigError,
  describeNearNames,
  optionalCell,
  plainName,
  readDataTable,
} from "../util/mod.ts";
import {
  type CarbonIntensity,
  estimateOf,
  type IntensityEstimate,
  intensityOfRow,
} from "./intensity.ts";

/** One region of one provider. */
export interface CloudRegion {
  /** "gcp", "aws", "azure", "ovh", "scaleway", "coreweave", "seeweb". */
  readonly provider: string;
  /** "southamerica-east1". */
  readonly region: string;
  readonly intensity: CarbonIntensity;
  /** Power usage effectiveness, where the provider publishes it. */
  readonly pue: number | undefined;
  /** Year of the PUE, where it is stated. */
  readonly pueYear: number | undefined;
}

/** All 114 regions of the table. */
export async function loadCloudRegions(): Promise<CloudRegion[]> {
  const [rows, countries] = await Promise.all([
    readDataTable("emissions/cloud_regions"),
    readDataTable("emissions/carbon_intensity_by_country"),
  ]);
  const nameOf = new Map(countries.map((row) => [row.iso3, row.country!]));
  return rows.map((row) => {
    const provider = row.provider!, region = row.region!;
    const country = nameOf.get(row.iso3) ?? row.iso3!;
    return {
      provider,
      region,
      intensity: {
        ...intensityOfRow(row, country, row.location!),
        cloud: { provider, region },
      },
      pue: optionalCell(row, "pue"),
      pueYear: optionalCell(row, "pue_year"),
    };
  });
}

/**
 * A region by its name, "southamerica-east1" or "gcp/southamerica-east1".
 *
 * @throws {ConfigError} naming near names when there is no such region
 */
export function findCloudRegion(
  regions: readonly CloudRegion[],
  name: string,
): CloudRegion {
  const wanted = name.trim().toLowerCase();
  const found = regions.find(({ provider, region }) => {
    const own = region.toLowerCase();
    return own === wanted || `${provider}/${own}` === wanted;
  });
  if (found) return found;
  const last = wanted.split("/").at(-1)!;
  throw new ConfigError(
    `Cannot find the cloud region "${name}": ` +
      describeNearNames(last, regions.map(({ region }) => region)) +
      ", or state gramsPerKwh, on the command line --intensity",
  );
}

/** Intensity of a region; other providers' values for its city are the range. */
export function cloudIntensity(
  regions: readonly CloudRegion[],
  { intensity: own }: CloudRegion,
): IntensityEstimate {
  const others = regions.map(({ intensity }) => intensity)
    .filter((other) =>
      other !== own && other.iso3 === own.iso3 &&
      plainName(other.region) === plainName(own.region)
    );
  return estimateOf([own, ...others]);
}
