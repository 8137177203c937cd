/**
 * Energy and carbon of one piece of work: an evaluation, a sweep, a cell.
 *
 * @module
 */
import type { EnergyReading } from "./energy_reading.ts";
import { track, type TrackOptions } from "./track.ts";

/** What came out, and what it took. */
export interface MeasuredWork<T> {
  readonly value: T;
  readonly reading: EnergyReading;
}

/**
 * Does something and meters the machine meanwhile; for parts of a run that is
 * tracked already, open a window of its tracker instead.
 *
 * @example
 * ```ts
 * const { value, reading } = await measureEnergy(
 *   () => heldOutLoss(model, tokens, sizes),
 *   { project: "evaluation", country: "BRA" },
 * );
 * ```
 * @throws what {@linkcode track} and the work throw
 */
export async function measureEnergy<T>(
  work: () => T | Promise<T>,
  options: TrackOptions,
): Promise<MeasuredWork<T>> {
  await using tracker = await track(options);
  const value = await work();
  return { value, reading: await tracker.stop() };
}
