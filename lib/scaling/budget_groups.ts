/**
 * Runs sorted into budgets: which of them spent about the same C = 6ND. An
 * IsoFLOP profile is one such group, and leaving out one of them at a time
 * shows how far a law can be trusted outside of its runs.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import { checkPositive, checkRuns } from "./checks.ts";
import { budgetOf } from "./law.ts";
import type { Observation } from "./observations.ts";
import { meanOf } from "./sample_statistics.ts";

/** Runs of about one budget. */
export interface BudgetGroup {
  /** FLOPs, 6ND: as planned, or the geometric mean of the runs. */
  readonly budget: number;
  /** In the order in which they came. */
  readonly runs: readonly Observation[];
}

/** How runs are sorted into budgets; every field has a default. */
export interface BudgetGroupOptions {
  /**
   * The planned budgets, FLOPs (default: found in the runs, by gaps wider than
   * the tolerance).
   */
  readonly budgets?: readonly number[];
  /** Largest distance from a budget, as a share of it (default 0.1). */
  readonly tolerance?: number;
}

/** The nine budgets of Hoffmann et al. 2022, approach 2, FLOPs. */
export const HOFFMANN_BUDGETS: readonly number[] = [
  6e18,
  1e19,
  3e19,
  6e19,
  1e20,
  3e20,
  6e20,
  1e21,
  3e21,
];

/** Runs that follow each other closely in their budgets, sorted. */
function findGroups(
  observations: readonly Observation[],
  tolerance: number,
): BudgetGroup[] {
  const sorted = observations.toSorted((a, b) => budgetOf(a) - budgetOf(b));
  const groups: Observation[][] = [];
  for (const run of sorted) {
    const group = groups.at(-1);
    const isNear = group !== undefined &&
      budgetOf(run) <= budgetOf(group.at(-1)!) * (1 + tolerance);
    if (isNear) group.push(run);
    else groups.push([run]);
  }
  return groups.map((runs) => ({
    budget: Math.exp(meanOf(runs.map((run) => Math.log(budgetOf(run))))),
    runs,
  }));
}

/**
 * Sorts runs into budgets, the smallest first. With planned budgets a run goes
 * to the nearest one, and runs near none of them, as well as budgets without
 * runs, are left out.
 *
 * @throws {ConfigError} when a budget or the tolerance is not above 0
 * @throws {DataError} when no run is left, or a number of a run is not finite
 * and above 0
 */
export function groupByBudget(
  observations: readonly Observation[],
  { budgets, tolerance = 0.1 }: BudgetGroupOptions = {},
): BudgetGroup[] {
  checkRuns("group runs by budget", observations);
  checkPositive("tolerance", tolerance);
  if (budgets?.length === 0) {
    throw new ConfigError("Cannot group runs by 0 budgets: wanted at least 1");
  }
  budgets?.forEach((budget) => checkPositive("budget", budget));
  const groups = budgets === undefined
    ? findGroups(observations, tolerance)
    : budgets.toSorted((a, b) => a - b).map((budget): BudgetGroup => ({
      budget,
      runs: observations.filter((run) => {
        const flops = budgetOf(run);
        const distance = (to: number) => Math.abs(Math.log(flops / to));
        return Math.abs(flops / budget - 1) <= tolerance &&
          budgets.every((other) => distance(other) >= distance(budget));
      }),
    })).filter(({ runs }) => runs.length > 0);
  if (groups.length === 0) {
    throw new DataError(
      `Cannot group ${observations.length} runs: none lies within ` +
        `${tolerance} of a budget`,
    );
  }
  return groups;
}
