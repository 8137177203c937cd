/**
 * Checks that the public functions of this folder share.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import type { LawConstants } from "./law.ts";

/** @throws {ConfigError} when `value` is not a finite number above 0 */
export function checkPositive(name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new ConfigError(
    `Cannot use ${name} ${value}: it must be a finite number above 0`,
  );
}

/** @throws {ConfigError} when a constant is not a finite number above 0 */
export function checkLaw(law: LawConstants): void {
  for (const name of ["E", "A", "B", "alpha", "beta"] as const) {
    checkPositive(name, law[name]);
  }
}
