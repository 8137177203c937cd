/**
 * The history of a tracker: cumulative energy at each sample. Sums instead of
 * powers, so that every second point can be dropped when there are many: the
 * mean power between two points that stay is still exact.
 *
 * @module
 */
import type { EnergyLedger, LedgerEntry } from "./energy_ledger.ts";
import type { Joules, PowerPart, Seconds } from "./units.ts";

/** Points that are kept; at 15 s a sample they cover 17 hours in full. */
const MOST_POINTS = 4096;

/** Energy since the run's start, by part. */
export interface PowerPoint {
  readonly seconds: Seconds;
  /** A part whose reading failed at this point is absent. */
  readonly joules: Readonly<Partial<Record<PowerPart, Joules>>>;
}

/**
 * The history with one more sample, thinned when it gets long.
 *
 * @param ledger the account after the sample
 * @param entries what the sample added
 */
export function addPowerPoint(
  points: readonly PowerPoint[],
  ledger: EnergyLedger,
  entries: readonly LedgerEntry[],
): readonly PowerPoint[] {
  const joules: Partial<Record<PowerPart, Joules>> = {};
  for (const { meter: { part }, reading } of entries) {
    if (!reading) continue;
    joules[part] = ledger.rows.filter((row) => row.part === part)
      .reduce((sum, row) => sum + row.joules, 0);
  }
  const kept = points.length < MOST_POINTS
    ? points
    : points.filter((_, i) => i % 2 === 0);
  return [...kept, { seconds: ledger.seconds, joules }];
}
