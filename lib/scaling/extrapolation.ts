/**
 * How far a fitted law can be trusted outside of its runs: leave budgets out,
 * fit the rest, predict what was left out. A law that misses a budget it has
 * not seen by more than it misses the ones it has will miss the next larger
 * one too.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { frontierShape } from "./allocate.ts";
import {
  type BudgetGroup,
  type BudgetGroupOptions,
  groupByBudget,
} from "./budget_groups.ts";
import { budgetOf, type ChinchillaLaw } from "./law.ts";
import { logResiduals } from "./misfit.ts";
import { fitLaw, type FitOptions } from "./parametric.ts";
import type { Observation } from "./observations.ts";
import { meanOf } from "./sample_statistics.ts";

/** Knobs of {@linkcode holdOutBudgets}; every field has a default. */
export interface HoldOutOptions extends FitOptions, BudgetGroupOptions {
  /**
   * Runs that a budget is predicted from: "others" (default) all other
   * budgets, "smaller" only smaller ones, as when planning a larger run.
   */
  readonly from?: "others" | "smaller";
}

/** One budget, predicted by a law that has not seen it. */
export interface HeldOutBudget extends BudgetGroup {
  /** Fitted to the other runs; undefined when they determine none. */
  readonly law: ChinchillaLaw | undefined;
  /** Why there is no law. */
  readonly failure: string | undefined;
  /** Runs that the law was fitted to. */
  readonly numFitted: number;
  /** Exponent of N* by that law; NaN when it has none. */
  readonly a: number;
  /** Mean of ln predicted - ln observed loss over the held-out runs. */
  readonly bias: number;
  /** Root of the mean square of the same. */
  readonly error: number;
}

function exponentOf(law: ChinchillaLaw): number {
  return law.alpha > 0 && law.beta > 0 ? frontierShape(law).a : NaN;
}

/**
 * Leaves out one budget at a time, smallest first. Runs near none of the
 * planned budgets stay in every fit (from "smaller": those below the budget).
 *
 * @throws {DataError} when there are fewer than two budgets
 * @throws {ConfigError} when an option is out of range
 */
export function holdOutBudgets(
  observations: readonly Observation[],
  options: HoldOutOptions = {},
): HeldOutBudget[] {
  const groups = groupByBudget(observations, options);
  if (groups.length < 2) {
    throw new DataError(
      `Cannot leave out a budget of ${groups.length}: wanted at least 2`,
    );
  }
  return groups.map((group) => {
    const held = new Set(group.runs);
    const limit = options.from === "smaller"
      ? Math.min(...group.runs.map(budgetOf))
      : Infinity;
    const rest = observations.filter((run) =>
      !held.has(run) && budgetOf(run) < limit
    );
    const missing = { a: NaN, bias: NaN, error: NaN };
    const base = { ...group, numFitted: rest.length };
    try {
      const { law } = fitLaw(rest, options);
      const residuals = logResiduals(law, group.runs);
      return {
        ...base,
        law,
        failure: undefined,
        a: exponentOf(law),
        bias: meanOf(residuals),
        error: Math.sqrt(meanOf(residuals.map((r) => r * r))),
      };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { ...base, law: undefined, failure: error.message, ...missing };
    }
  });
}
