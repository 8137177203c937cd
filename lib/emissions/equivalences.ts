/**
 * What a mass of CO2 compares to: kilometres by car, hours of television.
 * Trackers use factors that differ by more than two for the same car.
 *
 * Table: `data/emissions/equivalences.csv`.
 *
 * @module
 */
import { numberCell, readDataTable } from "../util/mod.ts";
import type { Grams } from "./units.ts";

/** Kilometres in one international mile, exactly. */
const KILOMETRES_PER_MILE = 1.609344;

/** Something that emits so many grams of CO2 equivalent a unit. */
export interface EmissionsEquivalence {
  /** "car", "television", "household in the USA". */
  readonly thing: string;
  /** "km", "hour", "week". */
  readonly unit: string;
  readonly gramsPerUnit: Grams;
  /** The tracker that uses this factor. */
  readonly source: string;
}

/** All factors of the table, those a mile turned into those a kilometre. */
export async function loadEquivalences(): Promise<EmissionsEquivalence[]> {
  const rows = await readDataTable("emissions/equivalences");
  return rows.map((row) => {
    const isMile = row.unit === "mile";
    const grams = numberCell(row, "grams_per_unit");
    return {
      thing: row.thing!,
      unit: isMile ? "km" : row.unit!,
      gramsPerUnit: isMile ? grams / KILOMETRES_PER_MILE : grams,
      source: row.source!,
    };
  });
}
