/**
 * Learning-rate schedules: plain functions from a step to a rate. All begin
 * with a linear warm-up, η(s) = peak (s + 1) / warmup, and differ in how they
 * go on. With x the share of the way from the warm-up's end to the last step
 * and m the final share of the peak:
 *
 *     cosine     m + (1 - m) (1 + cos πx) / 2
 *     linear     m + (1 - m) (1 - x)
 *     constant   1
 *     wsd        1, then m + (1 - m) (1 - √y) where y is the share of the
 *                way through the last `decayShare` of all steps
 *
 * Cosine as in Hoffmann et al. (2022) and TeenyTinyLlama; warm-up, stable,
 * decay after Hu et al. (2024, arXiv 2404.06395) with the square-root decay of
 * Hägele et al. (2024, arXiv 2405.18392).
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";

/** Learning rate of step 0, 1, … */
export type Schedule = (step: number) => number;

/** How a rate goes on after the warm-up. */
export const SCHEDULE_KINDS = ["cosine", "linear", "constant", "wsd"] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

/** Numbers of a schedule. */
export interface ScheduleOptions {
  /** Cosine without it. */
  readonly kind?: ScheduleKind;
  /** Highest rate. */
  readonly peak: number;
  readonly warmupSteps: number;
  /** Steps in all. */
  readonly steps: number;
  /** Rate at the end as a share of the peak, 0. */
  readonly minShare?: number;
  /** Last part of all steps in which `wsd` decays, 0.2. */
  readonly decayShare?: number;
}

/**
 * A schedule of that kind.
 *
 * @throws {ConfigError} when the numbers contradict each other
 */
export function learningRateSchedule(options: ScheduleOptions): Schedule {
  const { kind = "cosine", peak, warmupSteps, steps } = options;
  const { minShare = 0, decayShare = 0.2 } = options;
  const isShare = (x: number) => x >= 0 && x <= 1;
  if (!(peak > 0) || !isShare(minShare)) {
    throw new ConfigError(
      `Cannot schedule a peak rate of ${peak} down to ${minShare} of it: ` +
        "the peak is positive and the share lies in 0..1",
    );
  }
  if (!(warmupSteps >= 0 && warmupSteps <= steps)) {
    throw new ConfigError(
      `Cannot warm up for ${warmupSteps} of ${steps} steps`,
    );
  }
  const decayFrom = steps * (1 - decayShare);
  if (kind === "wsd" && !(isShare(decayShare) && decayFrom >= warmupSteps)) {
    throw new ConfigError(
      `Cannot decay in the last ${decayShare} of ${steps} steps after a ` +
        `warm-up of ${warmupSteps}: they overlap`,
    );
  }
  /** Share of the way from a step to the last. */
  const way = (step: number, from: number) =>
    Math.min(1, Math.max(0, (step - from) / (steps - from || 1)));
  const shapes: Record<ScheduleKind, (step: number) => number> = {
    cosine: (s) => (1 + Math.cos(Math.PI * way(s, warmupSteps))) / 2,
    linear: (s) => 1 - way(s, warmupSteps),
    constant: () => 1,
    wsd: (s) => 1 - Math.sqrt(way(s, decayFrom)),
  };
  const shape = shapes[kind];
  return (step) =>
    peak *
    (step < warmupSteps
      ? (step + 1) / warmupSteps
      : minShare + (1 - minShare) * shape(step));
}
