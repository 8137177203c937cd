/**
 * The data-constrained law of Muennighoff et al. 2023 (arXiv 2305.16264,
 * equation 5): tokens that are read again are worth less each time, and so are
 * parameters beyond those that the unique tokens can use.
 *
 * L = E + A / N'^alpha + B / D'^beta with
 * D' = U + U R_D (1 - exp(-(D / U - 1) / R_D)) and
 * N' = U_N + U_N R_N (1 - exp(-(N / U_N - 1) / R_N)), where U_N = min(N, the
 * size that is best for U tokens). The half-lives R_D and R_N lie on a flat
 * ridge: the authors' data fit (47, 2.3) as well as their (15.4, 5.3).
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { frontierShape } from "./allocate.ts";
import { checkPositive } from "./checks.ts";
import { lowestBetween } from "./golden_section.ts";
import {
  type Allocation,
  type ChinchillaLaw,
  type LawConstants,
  predictLoss,
} from "./law.ts";

/** A Chinchilla law with the worth of repetition. */
export interface DataConstrainedLaw extends ChinchillaLaw {
  /** R_D: repetitions after which (1 - 1/e) of all worth is had. */
  readonly tokenHalfLife: number;
  /** R_N: the same for parameters beyond U_N. */
  readonly parameterHalfLife: number;
}

/** The published constants, fitted to English web text (C4). */
export const C4_REPETITION_LAW: DataConstrainedLaw = {
  name: "Muennighoff C4",
  source: "Muennighoff et al. 2023, arXiv 2305.16264",
  E: Math.exp(0.6254804),
  A: Math.exp(6.255414),
  B: Math.exp(7.3049974),
  alpha: 0.3526596,
  beta: 0.3526596,
  tokenHalfLife: 15.387756,
  parameterHalfLife: 5.309743,
};

/** A run on a limited corpus. */
export interface RepeatedAllocation extends Allocation {
  /** U: different tokens there are, a count. */
  readonly uniqueTokens: number;
}

/** The best allocation of a budget on a limited corpus. */
export interface RepeatedOptimum extends RepeatedAllocation {
  /** FLOPs, 6ND. */
  readonly budget: number;
  /** D / U, 1 for a single pass. */
  readonly epochs: number;
  /** Nats per token. */
  readonly loss: number;
}

/** What `amount` counts when only `unique` of it is new. */
function worth(amount: number, unique: number, halfLife: number): number {
  const repeats = Math.max(0, amount / unique - 1);
  return unique + unique * halfLife * -Math.expm1(-repeats / halfLife);
}

/** The size for which U tokens are compute-optimal without repetition. */
function usableParameters(law: LawConstants, uniqueTokens: number): number {
  const { G, a, b } = frontierShape(law);
  return G * (uniqueTokens * G) ** (a / b);
}

/** The tokens D' and parameters N' that a run is worth. */
export function effectiveSizes(
  law: DataConstrainedLaw,
  { parameters, tokens, uniqueTokens }: RepeatedAllocation,
): Allocation {
  checkPositive("parameters", parameters);
  checkPositive("tokens", tokens);
  checkPositive("uniqueTokens", uniqueTokens);
  const unique = Math.min(uniqueTokens, tokens);
  const usable = Math.min(parameters, usableParameters(law, unique));
  return {
    parameters: worth(parameters, usable, law.parameterHalfLife),
    tokens: worth(tokens, unique, law.tokenHalfLife),
  };
}

/**
 * Loss of a run that reads a corpus several times, nats per token. With no
 * more tokens than the corpus has, and a size that they can use, it is the
 * Chinchilla law.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function predictRepeatedLoss(
  law: DataConstrainedLaw,
  allocation: RepeatedAllocation,
): number {
  return predictLoss(law, effectiveSizes(law, allocation));
}

/**
 * The allocation of the lowest loss for a budget and a corpus.
 *
 * @param options.budget FLOPs, 6ND
 * @param options.uniqueTokens tokens of the corpus, a count
 * @throws {ConfigError} when a number is not above 0
 */
export function allocateRepeated(
  law: DataConstrainedLaw,
  { budget, uniqueTokens }: {
    readonly budget: number;
    readonly uniqueTokens: number;
  },
): RepeatedOptimum {
  checkPositive("budget", budget);
  const { G, a } = frontierShape(law);
  const at = (lnN: number) => {
    const parameters = Math.exp(lnN);
    return { parameters, tokens: budget / 6 / parameters, uniqueTokens };
  };
  // Repetition moves the best size to either side, never by a factor of 1000.
  const middle = Math.log(G * (budget / 6) ** a);
  const lnN = lowestBetween(
    middle - Math.log(1000),
    middle + Math.log(1000),
    (x) => predictRepeatedLoss(law, at(x)),
  );
  const best = at(lnN);
  return {
    ...best,
    budget,
    epochs: best.tokens / uniqueTokens,
    loss: predictRepeatedLoss(law, best),
  };
}

/**
 * The lowest loss that a corpus allows with any compute: both sizes without
 * bound. For a law with `tokenHalfLife` R it is that of (1 + R) corpora.
 *
 * @throws {ConfigError} when `uniqueTokens` is not above 0
 */
export function lossFloorOfCorpus(
  law: DataConstrainedLaw,
  uniqueTokens: number,
): number {
  checkPositive("uniqueTokens", uniqueTokens);
  if (!(law.tokenHalfLife > 0 && law.parameterHalfLife > 0)) {
    throw new ConfigError(
      `Cannot use half-lives ${law.tokenHalfLife} and ` +
        `${law.parameterHalfLife}: they must be above 0`,
    );
  }
  return predictLoss(law, {
    parameters: usableParameters(law, uniqueTokens) *
      (1 + law.parameterHalfLife),
    tokens: uniqueTokens * (1 + law.tokenHalfLife),
  });
}
