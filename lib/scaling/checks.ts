/**
 * Checks that the public functions of this folder share.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import type { LawConstants } from "./law.ts";
import type { Observation } from "./observations.ts";

/** @throws {ConfigError} when `value` is not a finite number above 0 */
export function checkPositive(name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new ConfigError(
    `Cannot use ${name} ${value}: it must be a finite number above 0`,
  );
}

/**
 * @param task what is tried, for the message: "draw 0 resamples"
 * @throws {ConfigError} when `count` is not a whole number of at least `least`
 */
export function checkCount(task: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new ConfigError(
    `Cannot ${task}: wanted a whole number of at least ${least}`,
  );
}

/** @throws {ConfigError} when a constant is not a finite number above 0 */
export function checkLaw(law: LawConstants): void {
  for (const name of ["E", "A", "B", "alpha", "beta"] as const) {
    checkPositive(name, law[name]);
  }
}

/** Rows in words, counted from 1: "row 3", "rows 3, 7 and 9". */
export function nameRows(indices: readonly number[]): string {
  const shown = indices.slice(0, 5).map((i) => i + 1);
  const more = indices.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop()!;
  return shown.length === 0
    ? `row ${last}`
    : `rows ${shown.join(", ")} and ${last}`;
}

/**
 * @param task what is tried, for the message: "fit a law"
 * @throws {DataError} naming the rows that are not finite numbers above 0
 */
export function checkRuns(task: string, runs: readonly Observation[]): void {
  for (const key of ["parameters", "tokens", "loss"] as const) {
    const wrong = [...runs.keys()].filter((i) => {
      const value = runs[i]![key];
      return !(value > 0 && value < Infinity);
    });
    if (wrong.length === 0) continue;
    throw new DataError(
      `Cannot ${task}: ${key} is ${runs[wrong[0]!]![key]} in ` +
        `${nameRows(wrong)}, wanted finite numbers above 0`,
    );
  }
}
