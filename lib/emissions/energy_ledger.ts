/**
 * The account that a tracker keeps: energy and covered time by part and
 * method. Ledgers are plain values; a window is the difference of two, a
 * resumed run goes on with the one that was saved.
 *
 * @module
 */
import type { EnergyMeter, MeterReading } from "./energy_meter.ts";
import type { PartEnergy } from "./energy_reading.ts";
import type { Joules, MethodLabel, PowerPart, Seconds } from "./units.ts";

/** One part by one method. */
export interface LedgerRow {
  readonly part: PowerPart;
  readonly label: MethodLabel;
  readonly method: string;
  /** Sum so far; means nothing while `seconds` is 0. */
  readonly joules: Joules;
  readonly seconds: Seconds;
  readonly missed: number;
}

/** Energy up to one moment. */
export interface EnergyLedger {
  readonly seconds: Seconds;
  readonly rows: readonly LedgerRow[];
}

/** The account of a run that has not begun. */
export const EMPTY_LEDGER: EnergyLedger = { seconds: 0, rows: [] };

/** What one sample of a meter adds; undefined: the reading failed. */
export interface LedgerEntry {
  readonly meter: EnergyMeter;
  readonly reading: MeterReading | undefined;
}

function isSame(
  a: Pick<LedgerRow, "part" | "label" | "method">,
  b: Pick<LedgerRow, "part" | "label" | "method">,
): boolean {
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
    const { part, label, method } = meter;
    const found = rows.findIndex((row) => isSame(row, meter));
    const old = rows[found] ?? { joules: 0, seconds: 0, missed: 0 };
    const row: LedgerRow = {
      part,
      label,
      method,
      joules: old.joules + (reading?.joules ?? 0),
      seconds: old.seconds + (reading?.seconds ?? 0),
      missed: old.missed + (reading ? 0 : 1),
    };
    if (found >= 0) rows[found] = row;
    else rows.push(row);
  }
  return { seconds: ledger.seconds + elapsed, rows };
}

/** What came to the account between two moments. */
export function ledgerBetween(
  before: EnergyLedger,
  after: EnergyLedger,
): EnergyLedger {
  return {
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
