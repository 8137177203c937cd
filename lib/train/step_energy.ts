/**
 * Energy of single steps, from the log of a run. A meter is read each 15 s and
 * a step may take a tenth of one: between two readings all steps show the same
 * sum, so what came in is shared out by the time of each.
 *
 * @module
 */
import type { StepRecord, TrainRecord } from "./records.ts";

/** What one step used. */
export interface StepEnergy {
  readonly step: number;
  /** Joules, without the evaluations and checkpoints in between. */
  readonly joules: number;
}

/**
 * Energy of each step. What evaluations and checkpoints used by themselves
 * (`ownJoules`) is taken out first; where they do not tell it is shared as
 * well. Steps before the first and after the last new reading are left out,
 * since nobody knows theirs.
 *
 * @param log records in order, from one run
 */
export function energyOfSteps(log: readonly TrainRecord[]): StepEnergy[] {
  const result: StepEnergy[] = [];
  let waiting: StepRecord[] = [];
  let last: number | undefined;
  let own = 0;
  for (const record of log) {
    if (record.kind !== "step") {
      if ("ownJoules" in record) own += record.ownJoules ?? 0;
      continue;
    }
    const { energyJoules } = record;
    if (energyJoules === undefined) continue;
    if (last === undefined) {
      last = energyJoules;
      own = 0;
      continue;
    }
    waiting.push(record);
    if (energyJoules === last) continue;
    result.push(...share(waiting, Math.max(0, energyJoules - last - own)));
    waiting = [];
    last = energyJoules;
    own = 0;
  }
  return result;
}

/** Joules shared out by time; all steps of a run have as many tokens. */
function share(steps: readonly StepRecord[], joules: number): StepEnergy[] {
  const times = steps.map(({ tokensPerSecond }) => 1 / tokensPerSecond);
  const all = times.reduce((sum, time) => sum + time, 0);
  return steps.map(({ step }, i) => ({
    step,
    joules: joules * times[i]! / all,
  }));
}
