/**
 * Approach 1 of Hoffmann et al. 2022 (section 3.1): the lower envelope of all
 * training curves. At each of many budgets the curve with the lowest loss says
 * which size is best; power laws go through those sizes and their tokens.
 *
 * A curve must come from learning rates that end where it ends, or from runs
 * of several lengths: the middle of a long run is worse than a short run that
 * is over, and such points raise the envelope.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import type { Observation } from "./observations.ts";
import { fitFrontier, type FrontierFit } from "./power_law.ts";
import { geometricSteps } from "./surface.ts";
import {
  budgetLines,
  lossAlong,
  type TrainingCurve,
} from "./training_curves.ts";

/** The lowest loss at one budget. */
export interface EnvelopePoint extends Observation {
  /** FLOPs, 6ND. */
  readonly budget: number;
  /** Index of the curve. */
  readonly curve: number;
}

/** The envelope and its power laws. */
export interface EnvelopeFit extends FrontierFit {
  readonly points: readonly EnvelopePoint[];
  readonly warnings: readonly string[];
}

/** Knobs of {@linkcode fitEnvelope}; every field has a default. */
export interface EnvelopeOptions {
  /** Budgets, evenly spaced in their logarithm (default 1500). */
  readonly numBudgets?: number;
  /** Standard deviation of the Gaussian that smooths a curve, steps (10). */
  readonly smoothing?: number;
  /** Leave out budgets won by the smallest or largest model (default true). */
  readonly dropEdges?: boolean;
}

/** Means with Gaussian weights, cut at three deviations and at the ends. */
function smooth(loss: ArrayLike<number>, deviation: number): Float64Array {
  const reach = Math.ceil(3 * deviation);
  return Float64Array.from(loss, (_, i) => {
    let sum = 0, total = 0;
    const from = Math.max(0, i - reach);
    const to = Math.min(loss.length - 1, i + reach);
    for (let j = from; j <= to; j++) {
      const weight = deviation > 0
        ? Math.exp(-0.5 * ((j - i) / deviation) ** 2)
        : 1;
      sum += weight * loss[j]!;
      total += weight;
    }
    return sum / total;
  });
}

/**
 * The lower envelope of training curves and the power laws along it.
 *
 * @throws {DataError} when a curve is not sound, there is one size only, or no
 * budget is won by a size that has neighbours on both sides
 * @throws {ConfigError} when an option is out of range
 */
export function fitEnvelope(
  curves: readonly TrainingCurve[],
  { numBudgets = 1500, smoothing = 10, dropEdges = true }: EnvelopeOptions = {},
): EnvelopeFit {
  if (new Set(curves.map((curve) => curve.parameters)).size < 2) {
    throw new DataError(
      `Cannot find the best size among ${curves.length} curves: ` +
        `wanted at least two sizes`,
    );
  }
  if (!(smoothing >= 0 && smoothing < Infinity)) {
    throw new ConfigError(
      `Cannot smooth over ${smoothing} steps: wanted a number of at least 0`,
    );
  }
  const lines = budgetLines(curves).map((line) => (
    { ...line, loss: smooth(line.loss, smoothing) }
  ));
  const first = Math.min(...lines.map((line) => line.lnBudgets[0]!));
  const last = Math.max(...lines.map((line) => line.lnBudgets.at(-1)!));
  const budgets = geometricSteps([Math.exp(first), Math.exp(last)], numBudgets);
  const all = budgets.flatMap((budget): EnvelopePoint[] => {
    let best: EnvelopePoint | undefined;
    for (const [curve, line] of lines.entries()) {
      const value = lossAlong(line, Math.log(budget));
      if (value === undefined || best && best.loss <= value) continue;
      const { parameters } = line;
      const tokens = budget / (6 * parameters);
      best = { budget, parameters, tokens, loss: value, curve };
    }
    return best ? [best] : [];
  });
  const sizes = curves.map((curve) => curve.parameters);
  const smallest = Math.min(...sizes), largest = Math.max(...sizes);
  const inner = all.filter(({ parameters }) =>
    parameters > smallest && parameters < largest
  );
  const points = dropEdges ? inner : all;
  if (points.length < 2) {
    throw new DataError(
      `Cannot fit an envelope: ${points.length} of ${all.length} budgets are ` +
        `won by a size between the smallest and the largest, wanted at least 2`,
    );
  }
  const winners = new Set(points.map((point) => point.parameters)).size;
  const numEdges = all.length - inner.length;
  const warnings: string[] = [];
  if (numEdges > 0) {
    warnings.push(
      `${numEdges} of ${all.length} budgets are won by the smallest or the ` +
        `largest size${
          dropEdges ? " and left out" : ", the true best may lie beyond"
        }`,
    );
  }
  if (winners < 4) {
    warnings.push(
      `${winners} sizes win a budget: the steps between sizes decide`,
    );
  }
  return { points, ...fitFrontier(points), warnings };
}
