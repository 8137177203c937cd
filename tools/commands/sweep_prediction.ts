/**
 * What a sweep will take, before it starts, and what it took beside that.
 *
 * @module
 */
import {
  formatBytes,
  formatDuration,
  formatEnergy,
  type PreparedSweep,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import {
  comparisonTable,
  powerLines,
  predictedEnergy,
  predictionLines,
} from "./prediction.ts";
import { isLocal, type SweepOutcome } from "./sweep_engines.ts";

/** "1 thread", "2 threads". */
const threadsOf = (count: number) => `${count} thread${count > 1 ? "s" : ""}`;

/** The prediction, a line for what it takes and one for each source. */
export function describeSweepPrediction(
  line: CommandLine,
  sweep: PreparedSweep,
): string {
  const { pending, jobs, threads, prediction, energy, device } = sweep;
  const time = formatDuration(prediction.seconds);
  const used = energy ? `, ${predictedEnergy(energy)}` : "";
  const each = threadsOf(threads);
  const work = formatDuration(prediction.workSeconds);
  const what = isLocal(line)
    ? `${time}${used} for ${pending.length} runs on this machine, ` +
      `${jobs} side by side with ${each} each`
    : `${work}${used} for ${pending.length} runs with ${each} each on machines ` +
      `like this one, added up; ${time} where ${jobs} run at one time`;
  return `device: ${device}\n` + predictionLines(
    what,
    ...(energy ? powerLines(energy) : []),
    `${formatBytes(sweep.peakBytes)} of device memory at most for each run`,
  );
}

/** The prediction beside what happened. */
export function compareSweep(
  line: CommandLine,
  { prediction, energy }: PreparedSweep,
  happened: SweepOutcome,
): string {
  const [time, seconds] = isLocal(line)
    ? ["time", prediction.seconds]
    : ["training of all runs, added up", prediction.trainingSeconds];
  const { joules } = happened;
  return comparisonTable("of these runs", [
    [time, [seconds, happened.seconds], formatDuration],
    ["energy", [energy?.energyJoules, joules], formatEnergy],
  ]);
}
