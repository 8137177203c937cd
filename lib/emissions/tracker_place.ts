/**
 * Where a run takes its electricity from: the carbon intensity and the PUE
 * that a tracker uses, from what was said of the place.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import {
  cloudIntensity,
  type CloudRegion,
  findCloudRegion,
  loadCloudRegions,
} from "./cloud_regions.ts";
import { checkPue } from "./energy_reading.ts";
import {
  intensityAt,
  type IntensityEstimate,
  loadIntensities,
  statedIntensity,
} from "./intensity.ts";
import type { IntensitySeries } from "./intensity_series.ts";
import type { GramsPerKwh } from "./units.ts";

/** What is said of the place; without any of it there is no carbon. */
export interface PlaceOptions {
  /** Country by ISO 3166 code or name. */
  country?: string;
  /** Region of the country by name or code: "iowa", "NO1". */
  region?: string;
  /** Region of a cloud provider: "gcp/southamerica-east1". */
  cloud?: string;
  /** Known carbon intensity in g/kWh; takes the place of the tables. */
  gramsPerKwh?: GramsPerKwh;
  /** Intensity over time; takes the place of all other. */
  intensitySeries?: IntensitySeries;
  /**
   * Facility energy over machine energy, at least 1; that of the cloud region
   * where it publishes one, else 1.
   */
  pue?: number;
}

/** What a tracker needs to know of the place. */
export interface TrackerPlace {
  /** Undefined without a place, and with a series. */
  readonly intensity: IntensityEstimate | undefined;
  readonly series: IntensitySeries | undefined;
  readonly pue: number;
  /** What was derived and not said. */
  readonly notes: readonly string[];
}

/**
 * Looks the place up.
 *
 * @throws {ConfigError} for a place that is not in the tables, two places at
 * once, an intensity below 0 or a PUE below 1
 */
export async function findPlace(options: PlaceOptions): Promise<TrackerPlace> {
  const { intensitySeries: series, gramsPerKwh, country, cloud } = options;
  refuseTwoPlaces(options);
  if (options.pue !== undefined) checkPue(options.pue);
  const regions = cloud === undefined ? [] : await loadCloudRegions();
  const region = cloud === undefined
    ? undefined
    : findCloudRegion(regions, cloud);
  const isDerived = options.pue === undefined && region?.pue !== undefined;
  return {
    intensity: gramsPerKwh !== undefined
      ? statedIntensity(gramsPerKwh, country ?? cloud)
      : region
      ? cloudIntensity(regions, region)
      : await countryIntensity(options),
    series,
    pue: options.pue ?? region?.pue ?? 1,
    notes: isDerived ? [pueNote(region)] : [],
  };
}

function refuseTwoPlaces(options: PlaceOptions): void {
  const { country, region, cloud, gramsPerKwh, intensitySeries } = options;
  const given = Object.entries({
    intensitySeries,
    cloud,
    country,
    ...(intensitySeries ? { gramsPerKwh } : {}),
  }).filter(([, value]) => value !== undefined).map(([name]) => name);
  if (given.length > 1) {
    throw new ConfigError(
      `Cannot track with ${given.join(" and ")}: state one place`,
    );
  }
  if (region !== undefined && country === undefined) {
    throw new ConfigError(
      `Cannot find region "${region}": state its country as well`,
    );
  }
}

async function countryIntensity(
  { country, region }: PlaceOptions,
): Promise<IntensityEstimate | undefined> {
  if (country === undefined) return undefined;
  return intensityAt(await loadIntensities(), country, { region });
}

function pueNote({ provider, region, pue, pueYear }: CloudRegion): string {
  const year = pueYear === undefined ? "" : ` for ${pueYear}`;
  return `PUE ${pue} is what ${provider}/${region} published${year}`;
}
