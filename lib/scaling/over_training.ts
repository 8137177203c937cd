/**
 * The over-training law of Gadre et al. 2024 (arXiv 2403.08540, equation 4):
 * L = E + (a M^eta + b M^-eta) C^-eta with the budget C = 6ND and the tokens
 * per parameter M = D / N. It is the Chinchilla law with one exponent
 * alpha = beta = 2 eta and a = A 6^eta, b = B 6^eta, told such that a few runs
 * at M = 20 and one far above predict runs at any M.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { checkPositive } from "./checks.ts";
import type { ChinchillaLaw, LawConstants } from "./law.ts";
import type { Observation } from "./observations.ts";
import { fitLaw } from "./parametric.ts";

/** Constants of the over-training law; loss in nats per token, C in FLOPs. */
export interface OverTrainingLaw {
  readonly E: number;
  readonly a: number;
  readonly b: number;
  readonly eta: number;
}

/** A fitted over-training law. */
export interface OverTrainingFit {
  readonly law: OverTrainingLaw;
  /** The same as a Chinchilla law with alpha = beta. */
  readonly chinchilla: ChinchillaLaw;
  /** Sum of squared errors, nats^2. */
  readonly objective: number;
}

/**
 * Loss of a budget spent at a ratio.
 *
 * @param spent.budget FLOPs, 6ND
 * @param spent.tokensPerParameter M = D / N
 */
export function overTrainedLoss(
  { E, a, b, eta }: OverTrainingLaw,
  { budget, tokensPerParameter: M }: {
    readonly budget: number;
    readonly tokensPerParameter: number;
  },
): number {
  return E + (a * M ** eta + b * M ** -eta) * budget ** -eta;
}

/**
 * The over-training form of a law whose exponents are equal.
 *
 * @throws {DataError} when alpha and beta differ
 */
export function toOverTrainingLaw(law: LawConstants): OverTrainingLaw {
  if (Math.abs(law.alpha - law.beta) > 1e-9) {
    throw new DataError(
      `Cannot write a law with alpha ${law.alpha} and beta ${law.beta} as an ` +
        `over-training law: they must be equal`,
    );
  }
  const eta = law.alpha / 2;
  return { E: law.E, a: law.A * 6 ** eta, b: law.B * 6 ** eta, eta };
}

/** The Chinchilla form of an over-training law. */
export function fromOverTrainingLaw(law: OverTrainingLaw): LawConstants {
  const { E, a, b, eta } = law;
  checkPositive("eta", eta);
  const A = a * 6 ** -eta, B = b * 6 ** -eta;
  return { E, A, B, alpha: 2 * eta, beta: 2 * eta };
}

/**
 * Fits the four constants by squared errors of the loss, as published.
 *
 * @throws {DataError} when the runs cannot determine them (see
 * {@linkcode checkObservations}); at least four are needed
 */
export function fitOverTrainingLaw(
  observations: readonly Observation[],
): OverTrainingFit {
  const { law, objective } = fitLaw(observations, {
    misfit: "squared",
    residual: "loss",
    isTied: true,
    name: "Over-training",
  });
  return { law: toOverTrainingLaw(law), chinchilla: law, objective };
}
