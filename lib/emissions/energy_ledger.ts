/**
 * The account that a tracker keeps: energy and covered time by part and
 * method, and its history. Ledgers are plain values; a window is the
 * difference of two, a resumed run goes on with the one that was saved.
 *
 * @module
 */
import type { EnergyMeter, MeterAbout, MeterReading } from "./energy_meter.ts";
import type { PartEnergy } from "./energy_reading.ts";
import type { Grams, Joules, PowerPart, Seconds, Watts } from "./units.ts";

/** Points that are kept; at 15 s a sample they cover 17 hours in full. */
const MOST_POINTS = 4096;

/** One part by one method. */
export interface LedgerRow extends MeterAbout {
  /** Sum so far; means nothing while `seconds` is 0. */
  readonly joules: Joules;
  readonly seconds: Seconds;
  readonly missed: number;
}

/** Energy up to one moment. */
export interface EnergyLedger {
  readonly seconds: Seconds;
  /** Emissions, where the intensity changes with the time; PUE included. */
  readonly grams?: Grams;
  readonly rows: readonly LedgerRow[];
}

/** The account of a run that has not begun. */
export const EMPTY_LEDGER: EnergyLedger = { seconds: 0, rows: [] };

/** What one sample of a meter adds; undefined: the reading failed. */
export interface LedgerEntry {
  readonly meter: EnergyMeter;
  readonly reading: MeterReading | undefined;
}

function isSame(a: MeterAbout, b: MeterAbout): boolean {
  return a.part === b.part && a.label === b.label && a.method === b.method;
}

/** The account `elapsed` seconds later. */
export function addToLedger(
  ledger: EnergyLedger,
  elapsed: Seconds,
  entries: readonly LedgerEntry[],
): EnergyLedger {
  const rows = [...ledger.rows];
  for (const { meter, reading } of entries) {
    const { part, label, method, uncertainty } = meter;
    const found = rows.findIndex((row) => isSame(row, meter));
    const old = rows[found] ?? { joules: 0, seconds: 0, missed: 0 };
    const row: LedgerRow = {
      part,
      label,
      method,
      ...(uncertainty === undefined ? {} : { uncertainty }),
      joules: old.joules + (reading?.joules ?? 0),
      seconds: old.seconds + (reading?.seconds ?? 0),
      missed: old.missed + (reading ? 0 : 1),
    };
    if (found >= 0) rows[found] = row;
    else rows.push(row);
  }
  return { ...ledger, seconds: ledger.seconds + elapsed, rows };
}

/** Energy of all parts, without PUE. */
export function ledgerJoules(ledger: EnergyLedger): Joules {
  return ledger.rows.reduce((sum, { joules }) => sum + joules, 0);
}

/** What came to the account between two moments. */
export function ledgerBetween(
  before: EnergyLedger,
  after: EnergyLedger,
): EnergyLedger {
  const { grams } = after;
  return {
    ...(grams === undefined ? {} : { grams: grams - (before.grams ?? 0) }),
    seconds: after.seconds - before.seconds,
    rows: after.rows.map((row) => {
      const old = before.rows.find((other) => isSame(row, other));
      return old
        ? {
          ...row,
          joules: row.joules - old.joules,
          seconds: row.seconds - old.seconds,
          missed: row.missed - old.missed,
        }
        : row;
    }),
  };
}

/** Rows for a reading: energy is undefined where no time is covered. */
export function ledgerParts(ledger: EnergyLedger): PartEnergy[] {
  return ledger.rows.map((row) => ({
    ...row,
    joules: row.seconds > 0 ? row.joules : undefined,
  }));
}

/**
 * Energy since the run's start, by part. Sums instead of powers, so that every
 * second point can be dropped when there are many: the mean power between two
 * points that stay is still exact.
 */
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

/**
 * Power over the last stretch, all parts together, PUE included. Undefined
 * before there are two points, or when a part has no reading at one of them.
 */
export function latestPower(
  points: readonly PowerPoint[],
  pue = 1,
): Watts | undefined {
  const [from, to] = points.slice(-2);
  if (!from || !to) return undefined;
  let joules = 0;
  for (const [part, sum] of Object.entries(to.joules)) {
    const before = from.joules[part as PowerPart];
    if (before === undefined) return undefined;
    joules += sum - before;
  }
  const isWhole = Object.keys(to.joules).length > 0 &&
    Object.keys(from.joules).every((part) => part in to.joules);
  return isWhole ? pue * joules / (to.seconds - from.seconds) : undefined;
}
