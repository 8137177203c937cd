/**
 * Learning-rate schedules: plain functions from a step to a rate.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";

/** Learning rate of step 0, 1, … */
export type Schedule = (step: number) => number;

/**
 * Linear warm-up, then half a cosine down to `minShare` of the peak:
 *
 *     η(s) = peak (s + 1) / warmup                             s < warmup
 *     η(s) = peak (m + (1 - m) (1 + cos(π (s - warmup) / (steps - warmup))) / 2)
 *
 * as in Hoffmann et al. (2022) and TeenyTinyLlama.
 *
 * @throws {ConfigError} when the numbers contradict each other
 */
export function warmupCosine(
  { peak, warmupSteps, steps, minShare = 0 }: {
    readonly peak: number;
    readonly warmupSteps: number;
    readonly steps: number;
    readonly minShare?: number;
  },
): Schedule {
  if (!(peak > 0) || !(minShare >= 0 && minShare <= 1)) {
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
  return (step) => {
    if (step < warmupSteps) return peak * (step + 1) / warmupSteps;
    const share = Math.min(
      1,
      (step - warmupSteps) / (steps - warmupSteps || 1),
    );
    return peak *
      (minShare + (1 - minShare) * (1 + Math.cos(Math.PI * share)) / 2);
  };
}

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  return () => rate;
}
