/**
 * Carbon intensity of electricity: how many grams of CO2 equivalent one kWh
 * carries, by place, year, source and way of counting.
 *
 * Honest sources differ by a factor of five for one country (Brazil: 38.5 to
 * 205 g/kWh), so a look-up gives the value it uses and the range of all counts.
 * Tables: `data/emissions/carbon_intensity_*.csv`, with citations.
 *
 * @module
 */
import {
  ConfigError,
  type CsvRow,
  describeNearNames,
  numberCell,
  plainName,
  readDataTable,
} from "../util/mod.ts";
import type { GramsPerKwh } from "./units.ts";

/**
 * What is counted. "lifecycle" includes fuel supply and building the plants,
 * "generation" only the plants' own emissions; "unstated": the source does not
 * say, or the number was stated by the user.
 */
export type IntensityKind = "lifecycle" | "generation" | "unstated";

/** One published carbon intensity. */
export interface CarbonIntensity {
  /** "Brazil", "Iowa, United States". */
  readonly place: string;
  readonly country: string;
  /** ISO 3166 alpha-3 code of the country. */
  readonly iso3: string;
  /** Region within the country, or "" for the whole of it. */
  readonly region: string;
  readonly gramsPerKwh: GramsPerKwh;
  /** Year of the value; undefined for a stated one. */
  readonly year: number | undefined;
  readonly source: string;
  readonly kind: IntensityKind;
  /** An older edition, found by its source's name only. */
  readonly isSuperseded: boolean;
  /** The cloud provider's region that the value belongs to. */
  readonly cloud?: { readonly provider: string; readonly region: string };
}

/** The intensity used for a place and what others count there. */
export interface IntensityEstimate {
  readonly used: CarbonIntensity;
  /** All current counts of the place, `used` among them. */
  readonly counts: readonly CarbonIntensity[];
  readonly low: GramsPerKwh;
  readonly high: GramsPerKwh;
}

/** Countries and regions with their codes and counts. */
export interface IntensityTable {
  readonly countries: readonly { name: string; iso3: string; iso2: string }[];
  readonly regions: readonly { name: string; code: string; iso3: string }[];
  readonly counts: readonly CarbonIntensity[];
}

/** A row of any of the tables; `region` is "" for a whole country. */
export function intensityOfRow(
  row: CsvRow,
  country: string,
  region: string,
): CarbonIntensity {
  return {
    place: region === "" ? country : `${region}, ${country}`,
    country,
    iso3: row.iso3!,
    region,
    gramsPerKwh: numberCell(row, "gco2eq_per_kwh"),
    year: numberCell(row, "year"),
    source: row.source!,
    kind: row.kind as IntensityKind,
    isSuperseded: row.superseded === "yes",
  };
}

/**
 * Reads the tables of the project: 212 countries and "World", 73 regions, and
 * other counts of whole countries.
 */
export async function loadIntensities(): Promise<IntensityTable> {
  const [byCountry, others, byRegion] = await Promise.all([
    readDataTable("emissions/carbon_intensity_by_country"),
    readDataTable("emissions/carbon_intensity_other_counts"),
    readDataTable("emissions/carbon_intensity_by_subregion"),
  ]);
  const nameOf = new Map(byCountry.map((row) => [row.iso3, row.country!]));
  return {
    countries: byCountry.map((row) => ({
      name: row.country!,
      iso3: row.iso3!,
      iso2: row.iso2!,
    })),
    regions: byRegion.map((row) => ({
      name: row.region!,
      code: row.code!,
      iso3: row.iso3!,
    })),
    counts: [
      ...[...byCountry, ...others].map((row) =>
        intensityOfRow(row, nameOf.get(row.iso3)!, "")
      ),
      ...byRegion.map((row) =>
        intensityOfRow(row, nameOf.get(row.iso3)!, row.region!)
      ),
    ],
  };
}

/** Narrows {@linkcode intensityAt}. */
export interface IntensityOptions {
  /** Region by name or code: "iowa", "US-IA", "NO1". */
  region?: string | undefined;
  /** Exact name of a source: no range, superseded editions included. */
  source?: string | undefined;
}

/**
 * The intensity of a country by ISO 3166 code (two or three letters) or name.
 * The first count of the place in the tables is used; the others give the
 * range.
 *
 * @throws {ConfigError} naming near names when a place or source is not in
 * the tables; there is no silent fall-back to a world mean
 */
export function intensityAt(
  table: IntensityTable,
  country: string,
  options: IntensityOptions = {},
): IntensityEstimate {
  const wanted = plainName(country);
  const found = table.countries.find(({ name, iso3, iso2 }) =>
    wanted !== "" && [name, iso3, iso2].some((n) => plainName(n) === wanted)
  );
  if (!found) {
    throw unknown(
      `"${country}"`,
      describeNearNames(
        country,
        table.countries.flatMap(({ name, iso3 }) => [name, iso3]),
      ),
    );
  }
  const { iso3 } = found;
  const region = options.region === undefined
    ? ""
    : findRegion(table, iso3, options.region);
  const { source } = options;
  const all = table.counts.filter((count) =>
    count.iso3 === iso3 && count.region === region
  );
  const counts = all.filter((count) =>
    source === undefined ? !count.isSuperseded : count.source === source
  );
  if (counts.length === 0) {
    throw unknown(
      `"${country}" by source "${source}"`,
      `its sources are ${all.map((count) => count.source).join(", ")}`,
    );
  }
  return estimateOf(counts);
}

/** Name of a region as the tables spell it. */
function findRegion(table: IntensityTable, iso3: string, name: string): string {
  const regions = table.regions.filter((region) => region.iso3 === iso3);
  const wanted = plainName(name);
  const found = regions.find((region) =>
    wanted !== "" &&
    (plainName(region.name) === wanted || plainName(region.code) === wanted)
  );
  if (found) return found.name;
  throw unknown(
    `region "${name}" of ${iso3}`,
    describeNearNames(name, regions.map((region) => region.name)),
  );
}

function unknown(what: string, hint: string): ConfigError {
  return new ConfigError(
    `Cannot find the carbon intensity of ${what}: ${hint}, ` +
      "or state gramsPerKwh, on the command line --intensity",
  );
}

/** The first count with the range of all; there must be one. */
export function estimateOf(
  counts: readonly CarbonIntensity[],
): IntensityEstimate {
  const values = counts.map((count) => count.gramsPerKwh);
  return {
    used: counts[0]!,
    counts,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

/**
 * An intensity that the user knows, such as that of an own contract.
 *
 * @throws {ConfigError} when it is negative or not finite
 */
export function statedIntensity(
  gramsPerKwh: GramsPerKwh,
  place = "stated place",
): IntensityEstimate {
  if (!Number.isFinite(gramsPerKwh) || gramsPerKwh < 0) {
    throw new ConfigError(
      `Cannot use a carbon intensity of ${gramsPerKwh} g/kWh: ` +
        "it must be a number of at least 0",
    );
  }
  return estimateOf([{
    place,
    country: place,
    iso3: "",
    region: "",
    gramsPerKwh,
    year: undefined,
    source: "stated by the user",
    kind: "unstated",
    isSuperseded: false,
  }]);
}
