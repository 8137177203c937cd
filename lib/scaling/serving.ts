/**
 * Training and serving together (Sardana et al. 2024, arXiv 2401.00448): a
 * model that is read by many people costs 6ND once and 2N for each token that
 * it reads or writes afterwards, so that a smaller model trained longer to the
 * same loss can be cheaper. The saving depends strongly on the constants.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { allocateBudget, budgetForLoss } from "./allocate.ts";
import { checkLaw } from "./checks.ts";
import { lowestBetween } from "./golden_section.ts";
import {
  type Allocation,
  budgetOf,
  type LawConstants,
  predictLoss,
} from "./law.ts";

/** A model for a loss and a demand. */
export interface ServingPlan extends Allocation {
  /** Nats per token. */
  readonly loss: number;
  /** FLOPs of training, 6ND. */
  readonly trainingFlops: number;
  /** FLOPs of serving, 2N for each token. */
  readonly servingFlops: number;
  readonly totalFlops: number;
}

/** The cheapest plan beside a given one of the same loss. */
export interface ServingSaving {
  readonly baseline: ServingPlan;
  readonly best: ServingPlan;
  /** FLOPs less than the baseline. */
  readonly savedFlops: number;
  /** The same as a share of the baseline. */
  readonly savedShare: number;
}

function planOf(
  law: LawConstants,
  allocation: Allocation,
  servedTokens: number,
): ServingPlan {
  const trainingFlops = budgetOf(allocation);
  const servingFlops = 2 * allocation.parameters * servedTokens;
  return {
    ...allocation,
    loss: predictLoss(law, allocation),
    trainingFlops,
    servingFlops,
    totalFlops: trainingFlops + servingFlops,
  };
}

function checkServed(servedTokens: number): void {
  if (servedTokens >= 0 && servedTokens < Infinity) return;
  throw new ConfigError(
    `Cannot serve ${servedTokens} tokens: wanted a finite number of at least 0`,
  );
}

/**
 * The tokens with which a model of that size reaches a loss.
 *
 * @param loss nats per token
 * @throws {ConfigError} when no number of tokens brings that size to it
 */
export function tokensForLoss(
  law: LawConstants,
  { parameters, loss }: { readonly parameters: number; readonly loss: number },
): number {
  checkLaw(law);
  const rest = loss - law.E - law.A * parameters ** -law.alpha;
  if (!(rest > 0)) {
    throw new ConfigError(
      `Cannot reach a loss of ${loss} with ${parameters} parameters: ` +
        `they leave ${loss - rest} however many tokens they read`,
    );
  }
  return (law.B / rest) ** (1 / law.beta);
}

/**
 * The model of a loss for which training and serving together take the fewest
 * FLOPs.
 *
 * @param options.loss nats per token
 * @param options.servedTokens tokens read and written after training, a count
 * @throws {ConfigError} when the loss is not above the law's E or the tokens
 * are below 0
 */
export function allocateForServing(
  law: LawConstants,
  { loss, servedTokens }: {
    readonly loss: number;
    readonly servedTokens: number;
  },
): ServingPlan {
  checkServed(servedTokens);
  // Between the smallest size that reaches the loss and the one that is best
  // when nothing is served: beyond it both costs rise.
  const largest = allocateBudget(law, budgetForLoss(law, loss)).parameters;
  const smallest = (law.A / (loss - law.E)) ** (1 / law.alpha);
  const at = (lnN: number): Allocation => {
    const parameters = Math.exp(lnN);
    return { parameters, tokens: tokensForLoss(law, { parameters, loss }) };
  };
  const lnN = lowestBetween(
    Math.log(smallest),
    Math.log(largest),
    (x) => planOf(law, at(x), servedTokens).totalFlops,
  );
  return planOf(law, at(lnN), servedTokens);
}

/**
 * What the cheapest model saves against a given allocation of the same loss.
 *
 * @param servedTokens tokens read and written after training, a count
 * @throws {ConfigError} when a number is out of range
 */
export function servingSaving(
  law: LawConstants,
  allocation: Allocation,
  servedTokens: number,
): ServingSaving {
  checkServed(servedTokens);
  const baseline = planOf(law, allocation, servedTokens);
  const best = allocateForServing(law, { loss: baseline.loss, servedTokens });
  const savedFlops = baseline.totalFlops - best.totalFlops;
  return {
    baseline,
    best,
    savedFlops,
    savedShare: savedFlops / baseline.totalFlops,
  };
}

/**
 * Served tokens above which a smaller model, trained longer to the same loss,
 * is the cheaper one: 6 N1 D1 + 2 N1 X = 6 N0 D0 + 2 N0 X solved for X.
 * Below 0 it is cheaper even to train.
 *
 * @param parameters size of the smaller model, a count
 * @throws {ConfigError} when it is not smaller or cannot reach the loss
 */
export function servingBreakEven(
  law: LawConstants,
  allocation: Allocation,
  parameters: number,
): number {
  if (!(parameters > 0 && parameters < allocation.parameters)) {
    throw new ConfigError(
      `Cannot compare with ${parameters} parameters: wanted a size below ` +
        `${allocation.parameters}`,
    );
  }
  const loss = predictLoss(law, allocation);
  const tokens = tokensForLoss(law, { parameters, loss });
  const moreTraining = budgetOf({ parameters, tokens }) - budgetOf(allocation);
  return moreTraining / (2 * (allocation.parameters - parameters));
}
