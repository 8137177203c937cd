/**
 * L-BFGS: the minimum of a smooth function from its value and gradient
 * (Nocedal and Wright, "Numerical Optimization", 2006, algorithm 7.5).
 *
 * The line search looks for the weak Wolfe conditions by bracketing, as Lewis
 * and Overton (2013) advise for functions that are nearly not smooth: a sum
 * of Huber terms with a small delta is one. A value that is not finite counts
 * as too high, so an objective may overflow far away from its minimum.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import { dot, LbfgsHistory } from "./lbfgs_history.ts";

/** Returns f(x) and writes its gradient; both arrays have the same length. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** When to stop; every field has a default. */
export interface MinimizeOptions {
  /** Pairs of steps that are remembered, at least 1 (default 8). */
  readonly memory?: number;
  /** Most iterations, at least 1 (default 1000). */
  readonly maxIterations?: number;
  /** Stop when no |df/dx| is above this (default 1e-12). */
  readonly gradientTolerance?: number;
  /**
   * Stop when two steps in a row lower f by less than this share of it
   * (default 1e-10).
   */
  readonly valueTolerance?: number;
}

/** Where a search ended, and why. */
export interface Minimum {
  readonly x: Float64Array;
  /** f(x). */
  readonly value: number;
  /** Largest |df/dx|. */
  readonly gradientNorm: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Calls of the objective. */
  readonly evaluations: number;
  /**
   * `gradient`, `value`: a tolerance was met. `line search`: no lower point
   * along the steepest descent, which at a minimum means rounding.
   * `iterations`: cut short.
   */
  readonly reason: "gradient" | "value" | "line search" | "iterations";
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_TRIALS = 40;

function maxAbs(a: Float64Array): number {
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i]!));
  return max;
}

function checked(options: MinimizeOptions): Required<MinimizeOptions> {
  const {
    memory = 8,
    maxIterations = 1000,
    gradientTolerance = 1e-12,
    valueTolerance = 1e-10,
  } = options;
  for (const [name, value] of Object.entries({ memory, maxIterations })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ConfigError(
      `Cannot minimize with ${name} ${value}: it must be a whole number ` +
        `of at least 1`,
    );
  }
  for (
    const [name, value] of Object.entries({ gradientTolerance, valueTolerance })
  ) {
    if (value >= 0) continue;
    throw new ConfigError(
      `Cannot minimize with ${name} ${value}: it must be at least 0`,
    );
  }
  return { memory, maxIterations, gradientTolerance, valueTolerance };
}

/**
 * Minimum of `objective` near `start`.
 *
 * @throws {ConfigError} when an option is out of range
 * @throws {DataError} when the objective is not finite at the start
 *
 * @example
 * ```ts
 * const { x } = minimize((x, gradient) => {
 *   gradient[0] = 2 * (x[0]! - 1);
 *   return (x[0]! - 1) ** 2;
 * }, [5]);
 * ```
 */
export function minimize(
  objective: Objective,
  start: ArrayLike<number>,
  options: MinimizeOptions = {},
): Minimum {
  const { memory, maxIterations, gradientTolerance, valueTolerance } = checked(
    options,
  );
  const size = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(size);
  let nextX = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const history = new LbfgsHistory(size, memory);
  let value = objective(x, gradient);
  let evaluations = 1;
  if (!Number.isFinite(value) || !gradient.every(Number.isFinite)) {
    throw new DataError(
      `Cannot minimize from [${x.join(", ")}]: the objective there is ` +
        `${value} and its gradient [${gradient.join(", ")}]`,
    );
  }
  let iterations = 0;
  let numStalled = 0;
  const end = (reason: Minimum["reason"]): Minimum => ({
    x,
    value,
    gradientNorm: maxAbs(gradient),
    iterations,
    evaluations,
    reason,
  });
  while (iterations < maxIterations) {
    if (maxAbs(gradient) <= gradientTolerance) return end("gradient");
    history.descend(gradient, direction);
    const slope = dot(gradient, direction);
    // Weak Wolfe by bracketing: `low` still goes down, `high` is too far.
    let low = 0, high = Infinity, lowValue = value, lowSlope = slope;
    let step = history.isEmpty ? 1 / Math.sqrt(-slope) : 1; // length 1 at first
    let nextValue = value;
    let isFound = false;
    for (let trial = 0; slope < 0 && trial < MAX_TRIALS; trial++) {
      for (let i = 0; i < size; i++) nextX[i] = x[i]! + step * direction[i]!;
      nextValue = objective(nextX, nextGradient);
      evaluations++;
      if (!(nextValue <= value + SUFFICIENT_DECREASE * step * slope)) {
        high = step;
        // Minimum of the parabola through low, its slope and high, kept off
        // both ends; the comparison is false where the value is not finite.
        const width = high - low;
        const bend = nextValue - lowValue - lowSlope * width;
        const share = -0.5 * lowSlope * width / bend;
        step = low + width * (share > 0.25 ? Math.min(share, 0.75) : 0.25);
        continue;
      }
      const nextSlope = dot(nextGradient, direction);
      if (nextSlope >= CURVATURE * slope) {
        isFound = true;
        break;
      }
      low = step;
      lowValue = nextValue;
      lowSlope = nextSlope;
      step = high < Infinity ? (low + high) / 2 : 4 * step;
    }
    if (!isFound) {
      if (history.isEmpty) return end("line search");
      history.clear(); // try once more, straight downhill
      continue;
    }
    history.push(x, nextX, gradient, nextGradient);
    const isStalled = value - nextValue <= valueTolerance * Math.abs(value);
    numStalled = isStalled ? numStalled + 1 : 0;
    [x, nextX] = [nextX, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
    iterations++;
    if (numStalled === 2) return end("value");
  }
  return end("iterations");
}
