/**
 * Carbon of an account whose intensity changes with the time: each stretch is
 * counted by the intensity of that stretch, and the sum is kept in the ledger.
 *
 * @module
 */
import { type EnergyLedger, ledgerJoules } from "./energy_ledger.ts";
import type { IntensityEstimate } from "./intensity.ts";
import {
  type IntensitySeries,
  meanIntensity,
  seriesIntensity,
} from "./intensity_series.ts";
import { gramsFromEnergy, kwhFromJoules, type Seconds } from "./units.ts";

/** By what carbon is counted. */
export interface SeriesCarbon {
  readonly series: IntensitySeries;
  readonly pue: number;
  /** Calendar time now. */
  readonly date: Date;
}

/** The account with the carbon of its last stretch. */
export interface CarbonStretch {
  readonly ledger: EnergyLedger;
  /** Part of the stretch for which the series has no value of its own. */
  readonly uncovered: Seconds;
}

/** Counts what came from one account to the next, `elapsed` seconds later. */
export function addCarbon(
  before: EnergyLedger,
  after: EnergyLedger,
  { series, pue, date }: SeriesCarbon,
): CarbonStretch {
  const elapsed = after.seconds - before.seconds;
  const to = date.getTime() / 1000;
  const { gramsPerKwh, coverage } = meanIntensity(series, to - elapsed, to);
  const joules = ledgerJoules(after) - ledgerJoules(before);
  const grams = (before.grams ?? 0) +
    gramsFromEnergy(pue * joules, gramsPerKwh);
  return {
    ledger: { ...after, grams },
    uncovered: elapsed * (1 - coverage),
  };
}

/** The mean intensity of an account, weighted by energy; before any: now's. */
export function ledgerIntensity(
  ledger: EnergyLedger,
  { series, pue, date }: SeriesCarbon,
): IntensityEstimate {
  const now = date.getTime() / 1000;
  const kwh = kwhFromJoules(pue * ledgerJoules(ledger));
  const gramsPerKwh = kwh > 0
    ? (ledger.grams ?? 0) / kwh
    : meanIntensity(series, now, now).gramsPerKwh;
  return seriesIntensity(series, { gramsPerKwh, year: date.getUTCFullYear() });
}
