/**
 * The best size of a budget by the procedure of Porian et al. 2024 (arXiv
 * 2406.19146): Akima's curve through (ln N, ln loss), its lowest point on a
 * fine grid if it lies inside; the same again with noise on the losses, for
 * the scatter; then power laws weighted by 1 / scatter^2.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  formatScientific,
  Random,
} from "../util/mod.ts";
import { akima } from "./akima.ts";
import type { BudgetGroup } from "./budget_groups.ts";
import { checkCount, checkRuns } from "./checks.ts";
import type { Observation } from "./observations.ts";
import { fitFrontier, type FrontierFit } from "./power_law.ts";
import { deviationOf, quantileOf } from "./sample_statistics.ts";

/** Knobs of {@linkcode fitAkimaOptima}; every field has a default. */
export interface AkimaOptions {
  /**
   * Standard deviation of a loss between seeds, nats per token, as a number or
   * as a function of the loss (default 0: no noise, all budgets weigh alike).
   */
  readonly noise?: number | ((loss: number) => number);
  /** Draws of the noise (default 1000). */
  readonly numDraws?: number;
  /** Seed of the noise, 0 to 2^32 - 1 (default 0). */
  readonly seed?: number;
  /**
   * Least scatter that a budget weighs by, as a share of the distance between
   * neighbouring sizes in ln N (default 0). Porian's 0.33 is more than the
   * noise makes of any of his twelve budgets.
   */
  readonly minScatter?: number;
}

/** The best size of one budget. */
export interface AkimaOptimum {
  /** FLOPs, 6ND. */
  readonly budget: number;
  /** N*, a count: the median over draws. */
  readonly parameters: number;
  /**
   * Standard deviation of ln N* over draws, not below the least scatter; 0
   * without noise.
   */
  readonly lnDeviation: number;
  /** Share of the draws whose lowest point lies inside of the sizes. */
  readonly insideShare: number;
}

/** Ends of an interval of an exponent. */
export interface ExponentInterval {
  readonly low: number;
  readonly high: number;
}

/** Best sizes of several budgets and their power laws. */
export interface AkimaFit extends FrontierFit {
  readonly optima: readonly AkimaOptimum[];
  /**
   * 95 % interval of the exponent of N*: the same fit through each draw of the
   * noise. Undefined without noise.
   */
  readonly exponentInterval: ExponentInterval | undefined;
  readonly warnings: readonly string[];
}

/** Points between two neighbouring sizes, as published. */
const POINTS = 25;
/** Below this share of draws with a lowest point inside, a budget is out. */
const MIN_INSIDE = 0.5;

/** One run a size, the lowest, from small to large. */
function bestOfEachSize(runs: readonly Observation[]): Observation[] {
  return [...Map.groupBy(runs, (run) => run.parameters).values()]
    .map((same) => same.reduce((a, b) => b.loss < a.loss ? b : a))
    .sort((a, b) => a.parameters - b.parameters);
}

/** The grid that the lowest point is looked for on. */
function gridOf(lnN: readonly number[]) {
  const count = POINTS * (lnN.length - 1);
  return { count, step: (lnN.at(-1)! - lnN[0]!) / (count - 1) };
}

/** ln N at the lowest point of the curve, undefined when it is an end. */
function lowestInside(
  lnN: readonly number[],
  losses: readonly number[],
): number | undefined {
  const curve = akima(lnN, losses.map(Math.log));
  const { count, step } = gridOf(lnN);
  let best = 0, lowest = Infinity;
  for (let i = 0; i < count; i++) {
    const value = curve(lnN[0]! + i * step);
    if (value < lowest) [best, lowest] = [i, value];
  }
  return best > 0 && best < count - 1 ? lnN[0]! + best * step : undefined;
}

/**
 * Best sizes of all budgets and the power laws through them. Budgets with
 * fewer than three sizes, or whose lowest point lies at an end in half of the
 * draws, are left out and named.
 *
 * @throws {DataError} when fewer than two budgets are left, or a number of a
 * run is not finite and above 0
 * @throws {ConfigError} when the noise or the least scatter is negative or the
 * number of draws not a whole number of at least 2
 */
export function fitAkimaOptima(
  groups: readonly BudgetGroup[],
  options: AkimaOptions = {},
): AkimaFit {
  const { noise = 0, numDraws = 1000, seed = 0, minScatter = 0 } = options;
  checkCount(`make ${numDraws} draws`, numDraws, 2);
  if (!(minScatter >= 0 && minScatter < Infinity)) {
    throw new ConfigError(
      `Cannot weigh by a least scatter of ${minScatter}: wanted a number of ` +
        "at least 0",
    );
  }
  const deviationAt = typeof noise === "number" ? () => noise : noise;
  const random = new Random(seed, "loss noise");
  const isNoisy = noise !== 0;
  const optima: AkimaOptimum[] = [];
  const drawn: number[][] = []; // ln N* by budget and draw
  const warnings: string[] = [];
  for (const { budget, runs } of groups) {
    checkRuns("find the best size", runs);
    const best = bestOfEachSize(runs);
    const name = `${formatScientific(budget)} FLOPs`;
    if (best.length < 3) {
      warnings.push(`${name}: ${best.length} sizes, wanted at least 3`);
      continue;
    }
    const lnN = best.map((run) => Math.log(run.parameters));
    const deviations = best.map((run) => deviationAt(run.loss));
    if (deviations.some((deviation) => !(deviation >= 0))) {
      throw new ConfigError(
        `Cannot add noise of ${deviations.join(", ")}: wanted numbers of at ` +
          `least 0`,
      );
    }
    const draws = Array.from(
      { length: isNoisy ? numDraws : 1 },
      () =>
        lowestInside(
          lnN,
          best.map(({ loss }, i) =>
            isNoisy ? loss + deviations[i]! * random.normal() : loss
          ),
        ),
    );
    const inside = draws.filter((draw) => draw !== undefined);
    const insideShare = inside.length / draws.length;
    if (insideShare < MIN_INSIDE) {
      warnings.push(`${name}: the lowest loss lies at an end of the sizes`);
      continue;
    }
    const least = minScatter * POINTS * gridOf(lnN).step;
    optima.push({
      budget,
      parameters: Math.exp(quantileOf(inside, 0.5)),
      lnDeviation: isNoisy ? Math.max(least, deviationOf(inside)) : 0,
      insideShare,
    });
    drawn.push(inside);
  }
  if (optima.length < 2) {
    throw new DataError(
      `Cannot fit power laws to ${optima.length} of ${groups.length} budgets: ` +
        `wanted at least 2 (${warnings.join("; ")})`,
    );
  }
  const exponentInterval = isNoisy ? intervalOf(optima, drawn) : undefined;
  return { optima, ...fitOptima(optima), exponentInterval, warnings };
}

/** One fit through the i-th draw of every budget, as long as all have one. */
function intervalOf(
  optima: readonly AkimaOptimum[],
  drawn: readonly (readonly number[])[],
): ExponentInterval {
  const count = Math.min(...drawn.map(({ length }) => length));
  const exponents = Array.from({ length: count }, (_, draw) => {
    const of = optima.map((optimum, budget) => ({
      ...optimum,
      parameters: Math.exp(drawn[budget]![draw]!),
    }));
    return fitOptima(of).parameters.exponent;
  });
  const [low, high] = [0.025, 0.975].map((share) =>
    quantileOf(exponents, share)
  ) as [number, number];
  return { low, high };
}

/**
 * Power laws through best sizes, weighted by 1 / scatter^2 when all have a
 * scatter.
 */
function fitOptima(optima: readonly AkimaOptimum[]): FrontierFit {
  const weights = optima.map((optimum) => optimum.lnDeviation ** -2);
  const isWeighted = weights.every(Number.isFinite);
  return fitFrontier(optima, isWeighted ? weights : undefined);
}
