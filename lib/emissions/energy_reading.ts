/**
 * What was used and emitted so far, as one plain record: energy by part with
 * the method of each, and carbon with its range. A tracker gives such records,
 * and a published row becomes one, so reports and figures treat both alike.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import type { MeterAbout } from "./energy_meter.ts";
import type { IntensityEstimate } from "./intensity.ts";
import {
  type Grams,
  gramsFromEnergy,
  type Joules,
  meanRate,
  POWER_PARTS,
  type PowerPart,
  type Seconds,
  type Watts,
} from "./units.ts";

/** Energy of one part by one method, without PUE. */
export interface PartEnergy extends MeterAbout {
  /** Undefined while no reading has worked. */
  readonly joules: Joules | undefined;
  /** Time that readings cover. */
  readonly seconds: Seconds;
  /** Number of readings that failed. */
  readonly missed: number;
}

/** Emissions by the intensity in use, and by the lowest and highest count. */
export interface CarbonRange {
  readonly grams: Grams;
  readonly low: Grams;
  readonly high: Grams;
}

/** Energy and carbon of a run or of a window of it. */
export interface EnergyReading {
  readonly project: string;
  /** Time on the monotonic clock, over all sessions. */
  readonly seconds: Seconds;
  /**
   * One row a part and method: a run that was continued on another machine
   * may have two rows for one part.
   */
  readonly parts: readonly PartEnergy[];
  /** Power usage effectiveness: facility energy over machine energy. */
  readonly pue: number;
  /** Energy of all parts with a reading, times PUE; undefined without any. */
  readonly energyJoules: Joules | undefined;
  /** Undefined without a place: there is no silent world mean. */
  readonly intensity: IntensityEstimate | undefined;
  /** Undefined without energy or without intensity. */
  readonly carbon: CarbonRange | undefined;
  /** What a reader must know: missing meters, failed readings, gaps. */
  readonly notes: readonly string[];
}

/**
 * Refuses a PUE below 1 (a facility uses at least what its machines use).
 *
 * @throws {ConfigError} naming the value
 */
export function checkPue(pue: number): number {
  if (Number.isFinite(pue) && pue >= 1) return pue;
  throw new ConfigError(
    `Cannot use a PUE of ${pue}: it must be a number of at least 1`,
  );
}

/** Adds up the parts and computes the carbon. */
export function makeReading(
  given: Omit<EnergyReading, "energyJoules" | "carbon">,
): EnergyReading {
  const known = given.parts.flatMap(({ joules }) => joules ?? []);
  const energyJoules = known.length === 0
    ? undefined
    : given.pue * known.reduce((sum, joules) => sum + joules, 0);
  const { intensity } = given;
  const carbon = energyJoules === undefined || !intensity ? undefined : {
    grams: gramsFromEnergy(energyJoules, intensity.used.gramsPerKwh),
    low: gramsFromEnergy(energyJoules, intensity.low),
    high: gramsFromEnergy(energyJoules, intensity.high),
  };
  return { ...given, energyJoules, carbon };
}

/** Energy of one part by all its methods, without PUE. */
export interface PartTotal {
  readonly joules: Joules;
  /** Undefined over too short a time. */
  readonly watts: Watts | undefined;
}

/** Energy and mean power of each part that has a reading. */
export function totalsByPart(
  reading: Pick<EnergyReading, "parts">,
): Partial<Record<PowerPart, PartTotal>> {
  const totals: Partial<Record<PowerPart, PartTotal>> = {};
  for (const part of POWER_PARTS) {
    let joules = 0, seconds = 0;
    for (const row of reading.parts) {
      if (row.part !== part || row.joules === undefined) continue;
      joules += row.joules;
      seconds += row.seconds;
    }
    if (seconds > 0) {
      totals[part] = { joules, watts: meanRate(joules, seconds) };
    }
  }
  return totals;
}

/** Mean power of all parts with a reading, times PUE. */
export function totalPower(reading: EnergyReading): Watts | undefined {
  const known = Object.values(totalsByPart(reading))
    .flatMap(({ watts }) => watts ?? []);
  return known.length === 0
    ? undefined
    : reading.pue * known.reduce((sum, watts) => sum + watts, 0);
}

/**
 * Joules by which the truth may lie above or below, PUE included: the parts'
 * uncertainties added up, since models may well err the same way. Undefined
 * when the method of a part with a reading says none.
 */
export function energyUncertainty(
  { parts, pue }: Pick<EnergyReading, "parts" | "pue">,
): Joules | undefined {
  let sum = 0;
  for (const { joules, uncertainty } of parts) {
    if (joules === undefined) continue;
    if (uncertainty === undefined) return undefined;
    sum += joules * uncertainty;
  }
  return pue * sum;
}

/** Share of each part with a reading in the energy of all of them, 0 to 1. */
export function energyShares(
  reading: EnergyReading,
): Partial<Record<PowerPart, number>> {
  const totals = totalsByPart(reading);
  const all = Object.values(totals).reduce((sum, t) => sum + t.joules, 0);
  return Object.fromEntries(
    Object.entries(totals).map(([part, { joules }]) => [part, joules / all]),
  );
}

/**
 * Energy and emissions of several runs together.
 *
 * @throws {DataError} naming the first run without energy or carbon: a sum
 * that leaves one out would look like a small one
 */
export function sumReadings(
  readings: readonly EnergyReading[],
): { energyJoules: Joules; grams: Grams } {
  let energyJoules = 0, grams = 0;
  for (const reading of readings) {
    if (reading.energyJoules === undefined || !reading.carbon) {
      throw new DataError(
        `Cannot add up runs: "${reading.project}" has no energy or no carbon`,
      );
    }
    energyJoules += reading.energyJoules;
    grams += reading.carbon.grams;
  }
  return { energyJoules, grams };
}
