/**
 * What a budget buys: the sizes N* and D* of the lowest loss at C = 6ND, in
 * closed form (Hoffmann et al. 2022, arXiv 2203.15556, equation 4), the
 * frontier they run along, and what it costs to be off it.
 *
 * With a = beta / (alpha + beta), b = 1 - a and
 * G = (alpha A / (beta B))^(1 / (alpha + beta)):
 * N* = G (C/6)^a, D* = (C/6)^b / G.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { checkLaw, checkPositive } from "./checks.ts";
import {
  type Allocation,
  budgetOf,
  type LawConstants,
  predictLoss,
} from "./law.ts";
import type { PowerLaw } from "./power_law.ts";

/** The best allocation of a budget. */
export interface OptimalAllocation extends Allocation {
  /** FLOPs, 6ND. */
  readonly budget: number;
  /** Predicted loss, nats per token. */
  readonly loss: number;
  readonly tokensPerParameter: number;
}

/** N* = G (C/6)^a and D* = (C/6)^b / G. */
export interface FrontierShape {
  readonly G: number;
  /** Exponent of N* in the budget. */
  readonly a: number;
  /** Exponent of D* in the budget. */
  readonly b: number;
}

/** What an allocation gives up against the best one. */
export interface AllocationCost {
  /** FLOPs of the allocation, 6ND. */
  readonly budget: number;
  /** Its predicted loss, nats per token. */
  readonly loss: number;
  /** The best allocation of the same budget. */
  readonly best: OptimalAllocation;
  /** Loss above that of the best allocation, nats per token. */
  readonly excessLoss: number;
  /** FLOPs that reach the same loss on the frontier. */
  readonly cheapestBudget: number;
  /** Share of the budget that buys nothing: 1 - cheapest / budget. */
  readonly wastedShare: number;
}

/** D / N. */
export function tokensPerParameter({ parameters, tokens }: Allocation): number {
  return tokens / parameters;
}

/**
 * G and the exponents of a law's frontier.
 *
 * @throws {ConfigError} when a constant of the law is not above 0
 */
export function frontierShape(law: LawConstants): FrontierShape {
  checkLaw(law);
  const { A, B, alpha, beta } = law;
  return {
    G: (alpha * A / (beta * B)) ** (1 / (alpha + beta)),
    a: beta / (alpha + beta),
    b: alpha / (alpha + beta),
  };
}

/**
 * The best size as a power law of the budget in FLOPs: N* = G 6^-a C^a.
 *
 * @throws {ConfigError} when a constant of the law is not above 0
 */
export function frontierPowerLaw(law: LawConstants): PowerLaw {
  const { G, a } = frontierShape(law);
  return { coefficient: G * 6 ** -a, exponent: a };
}

/**
 * The sizes of the lowest predicted loss that a budget can train.
 *
 * @param budget FLOPs, 6ND
 * @throws {ConfigError} when the budget or a constant is not above 0
 */
export function allocateBudget(
  law: LawConstants,
  budget: number,
): OptimalAllocation {
  const { G, a, b } = frontierShape(law);
  checkPositive("budget", budget);
  const best = {
    parameters: G * (budget / 6) ** a,
    tokens: (budget / 6) ** b / G,
  };
  return {
    budget,
    ...best,
    loss: predictLoss(law, best),
    tokensPerParameter: tokensPerParameter(best),
  };
}

/** Best allocations of several budgets, in FLOPs: the frontier. */
export function traceFrontier(
  law: LawConstants,
  budgets: readonly number[],
): OptimalAllocation[] {
  return budgets.map((budget) => allocateBudget(law, budget));
}

/**
 * The tokens D for which a model of `parameters` is compute-optimal.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function optimalTokens(law: LawConstants, parameters: number): number {
  const { G, a, b } = frontierShape(law);
  checkPositive("parameters", parameters);
  return (parameters / G) ** (b / a) / G;
}

/**
 * The smallest budget, in FLOPs, that reaches a loss.
 *
 * @param loss nats per token
 * @throws {ConfigError} when the loss is not above the law's E, which no
 * budget reaches
 */
export function budgetForLoss(law: LawConstants, loss: number): number {
  const { G } = frontierShape(law);
  const { E, A, B, alpha, beta } = law;
  if (!(loss > E && loss < Infinity)) {
    throw new ConfigError(
      `Cannot reach a loss of ${loss} with any budget: ` +
        `it must be finite and above the law's E = ${E}`,
    );
  }
  const reducible = A * G ** -alpha + B * G ** beta; // at C = 6 FLOPs
  return 6 * (reducible / (loss - E)) ** ((alpha + beta) / (alpha * beta));
}

/**
 * What an allocation costs against the best one of the same budget.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function allocationCost(
  law: LawConstants,
  allocation: Allocation,
): AllocationCost {
  checkPositive("parameters", allocation.parameters);
  checkPositive("tokens", allocation.tokens);
  const budget = budgetOf(allocation);
  const best = allocateBudget(law, budget);
  const loss = predictLoss(law, allocation);
  const cheapestBudget = budgetForLoss(law, loss);
  return {
    budget,
    loss,
    best,
    excessLoss: loss - best.loss,
    cheapestBudget,
    wastedShare: 1 - cheapestBudget / budget,
  };
}
