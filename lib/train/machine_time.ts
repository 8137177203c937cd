/**
 * How long a machine takes for trainings that were not tried on it, from a few
 * presets that were: compute 6ND over the rate at which such compute was done.
 *
 * The rate is 6N times tokens a second. Between two measured sizes it is
 * interpolated, a straight line of the logarithms; beyond them it stays that of
 * the nearest, which can be wrong by a factor of two: a GPU is not yet busy with
 * a small model, and a large one may not fit into the caches of a processor
 * (experiments/LOG.md).
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import type { TrainingSpeed } from "./measure_training.ts";

/** What is needed of a measurement. */
export type SizeSpeed = Pick<TrainingSpeed, "parameters" | "tokensPerSecond">;

/** A training: N and D, counts. */
interface TrainingSize {
  readonly parameters: number;
  readonly tokens: number;
}

/** Smallest and largest model that is looked for. */
const FEWEST_PARAMETERS = 1e2;
const MOST_PARAMETERS = 1e14;
/** Halvings of that range: one part in 10^12 is left. */
const HALVINGS = 45;

/**
 * FLOP/s at which models of that size are trained, counted as 6ND.
 *
 * @param speeds of one way of computing, in any order
 * @throws {ConfigError} when there are none
 */
export function budgetRate(
  speeds: readonly SizeSpeed[],
  parameters: number,
): number {
  if (speeds.length === 0) {
    throw new ConfigError(
      "Cannot predict a training: no training speed was measured",
    );
  }
  const points = speeds.map(({ parameters, tokensPerSecond }) => ({
    size: Math.log(parameters),
    rate: Math.log(6 * parameters * tokensPerSecond),
  })).sort((a, b) => a.size - b.size);
  const size = Math.log(parameters);
  const after = points.findIndex((point) => point.size >= size);
  if (after <= 0) return Math.exp(points.at(after)!.rate);
  const [low, high] = [points[after - 1]!, points[after]!];
  const share = (size - low.size) / (high.size - low.size);
  return Math.exp(low.rate + share * (high.rate - low.rate));
}

/**
 * Seconds of a training of N parameters on D tokens.
 *
 * @throws {ConfigError} when no speed was measured
 */
export function trainingSeconds(
  speeds: readonly SizeSpeed[],
  { parameters, tokens }: TrainingSize,
): number {
  return 6 * parameters * tokens / budgetRate(speeds, parameters);
}

/** What bounds {@linkcode largestTraining}. */
export interface TrainingBound {
  /** Time that there is. */
  readonly seconds: number;
  /** Tokens for a model of so many parameters; grows with them. */
  readonly tokensOf: (parameters: number) => number;
}

/**
 * The largest model that is trained on its tokens in that time.
 *
 * @throws {ConfigError} when the time is not above 0 or no speed was measured
 */
export function largestTraining(
  speeds: readonly SizeSpeed[],
  { seconds, tokensOf }: TrainingBound,
): TrainingSize {
  if (!(seconds > 0 && seconds < Infinity)) {
    throw new ConfigError(
      `Cannot train in ${seconds} s: wanted a time above 0`,
    );
  }
  let [low, high] = [Math.log(FEWEST_PARAMETERS), Math.log(MOST_PARAMETERS)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const parameters = Math.exp(middle);
    const tokens = tokensOf(parameters);
    if (trainingSeconds(speeds, { parameters, tokens }) > seconds) {
      high = middle;
    } else low = middle;
  }
  const parameters = Math.exp(low);
  return { parameters, tokens: tokensOf(parameters) };
}

/** A training with its time. */
export interface TrainingTime extends TrainingSize {
  readonly seconds: number;
  /** Whether a model of that size was measured. */
  readonly isMeasured: boolean;
}

/** Sizes for each power of ten of a curve of times. */
const SIZES_A_DECADE = 10;

/**
 * Times of models from a tenth of the smallest that was measured up to `most`
 * parameters or the largest that was measured, on the tokens that belong to
 * them, the smallest first.
 *
 * @throws {ConfigError} when no speed was measured
 */
export function trainingTimes(
  speeds: readonly SizeSpeed[],
  { most, tokensOf }: Pick<TrainingBound, "tokensOf"> & {
    readonly most: number;
  },
): TrainingTime[] {
  const measured = speeds.map(({ parameters }) => parameters);
  const low = Math.min(...measured) / 10;
  const high = Math.max(most, ...measured);
  const count = Math.ceil(SIZES_A_DECADE * Math.log10(high / low));
  const between = Array.from(
    { length: count + 1 },
    (_, i) => low * (high / low) ** (i / count),
  );
  return [...new Set([...between, ...measured])].sort((a, b) => a - b).map(
    (parameters) => {
      const size = { parameters, tokens: tokensOf(parameters) };
      const seconds = trainingSeconds(speeds, size);
      return { ...size, seconds, isMeasured: measured.includes(parameters) };
    },
  );
}
