/**
 * Training curves and what they say at planned budgets: the first step of
 * Porian et al. 2024 (arXiv 2406.19146), from curves to the runs of IsoFLOP
 * profiles.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { checkPositive } from "./checks.ts";
import type { Observation } from "./observations.ts";

/** The loss of one run while it trains. */
export interface TrainingCurve {
  /** N, a count. */
  readonly parameters: number;
  /** Tokens seen, rising, one for each loss. */
  readonly tokens: ArrayLike<number>;
  /** Nats per token. */
  readonly loss: ArrayLike<number>;
}

/** A curve over budgets. */
export interface BudgetLine {
  readonly parameters: number;
  /** ln C with C = 6ND, one for each loss. */
  readonly lnBudgets: Float64Array;
  readonly loss: ArrayLike<number>;
}

/**
 * Curves over the logarithm of the budget.
 *
 * @throws {DataError} naming a curve that is no curve
 */
export function budgetLines(curves: readonly TrainingCurve[]): BudgetLine[] {
  return curves.map(({ parameters, tokens, loss }, i) => {
    checkPositive(`parameters of curve ${i + 1}`, parameters);
    const isSound = tokens.length === loss.length && tokens.length >= 2 &&
      Array.from(tokens).every((D, k) =>
        D > (k === 0 ? 0 : tokens[k - 1]!) && loss[k]! > 0 &&
        loss[k]! < Infinity
      );
    if (!isSound) {
      throw new DataError(
        `Cannot use curve ${i + 1} with ${tokens.length} token counts and ` +
          `${loss.length} losses: wanted as many, at least 2, tokens that ` +
          `rise from above 0 and finite losses above 0`,
      );
    }
    const lnBudgets = Float64Array.from(
      tokens,
      (D) => Math.log(6 * parameters * D),
    );
    return { parameters, lnBudgets, loss };
  });
}

/**
 * Loss at ln C, straight between the points of a curve; undefined where the
 * curve is not.
 */
export function lossAlong(
  { lnBudgets, loss }: BudgetLine,
  at: number,
): number | undefined {
  if (at < lnBudgets[0]! || at > lnBudgets.at(-1)!) return undefined;
  let low = 0, high = lnBudgets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lnBudgets[middle]! <= at) low = middle;
    else high = middle;
  }
  const width = lnBudgets[high]! - lnBudgets[low]!;
  const share = width > 0 ? (at - lnBudgets[low]!) / width : 0;
  return loss[low]! + share * (loss[high]! - loss[low]!);
}

/**
 * The loss of every curve at every budget that it passes, straight in ln C
 * between its points: one run for each such pair, budgets outermost. A budget
 * counts only where a point of the curve lies within the tolerance of it, so
 * that nothing is invented between far points.
 *
 * @param options.budgets FLOPs, 6ND
 * @param options.tolerance as a share of the budget (default 0.1)
 * @throws {DataError} when a curve is no curve
 * @throws {ConfigError} when a budget or the tolerance is not above 0
 */
export function observeAtBudgets(
  curves: readonly TrainingCurve[],
  { budgets, tolerance = 0.1 }: {
    readonly budgets: readonly number[];
    readonly tolerance?: number;
  },
): Observation[] {
  const lines = budgetLines(curves);
  checkPositive("tolerance", tolerance);
  budgets.forEach((budget) => checkPositive("budget", budget));
  const reach = Math.log1p(tolerance);
  return budgets.flatMap((budget) =>
    lines.flatMap((line): Observation[] => {
      const { parameters, lnBudgets } = line;
      const at = Math.log(budget);
      const value = lossAlong(line, at);
      const isNear = lnBudgets.some((point) => Math.abs(point - at) <= reach);
      if (value === undefined || !isNear) return [];
      return [{ parameters, tokens: budget / (6 * parameters), loss: value }];
    })
  );
}
