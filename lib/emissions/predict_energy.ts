/**
 * What a run will have used when it is over, after its first steps: energy per
 * unit of work so far times the work that is left (CarbonTracker does so with
 * epochs). The first steps, which compile, can be left out of the rate.
 *
 * @module
 */
import { type EnergyReading, makeReading } from "./energy_reading.ts";

/** Work done up to some moment: steps, tokens, epochs. */
export interface WorkDone {
  readonly reading: EnergyReading;
  readonly done: number;
}

/** Where a run stands. */
export interface WorkState extends WorkDone {
  /** Work in all. */
  readonly total: number;
  /** From when on the rate is taken: after the first steps. */
  readonly since?: WorkDone | undefined;
}

/**
 * The reading at the end of the run; undefined before there is a rate.
 *
 * Parts are scaled one by one, time as well; the result is marked as predicted
 * in its notes.
 */
export function predictReading(
  { reading, done, total, since }: WorkState,
): EnergyReading | undefined {
  const doneSince = done - (since?.done ?? 0);
  if (!(doneSince > 0) || reading.energyJoules === undefined) return undefined;
  const factor = Math.max(0, total - done) / doneSince;
  const grown = (now: number, before: number | undefined) =>
    now + factor * (now - (before ?? 0));
  const parts = reading.parts.map((row) => {
    const old = since?.reading.parts.find((other) =>
      other.part === row.part && other.method === row.method
    );
    return {
      ...row,
      joules: row.joules === undefined
        ? undefined
        : grown(row.joules, old?.joules),
      seconds: grown(row.seconds, old?.seconds),
    };
  });
  return makeReading({
    ...reading,
    seconds: grown(reading.seconds, since?.reading.seconds),
    parts,
    notes: [...reading.notes, `predicted from ${done} of ${total}`],
  });
}
