/**
 * The Chinchilla law: loss = E + A / N^alpha + B / D^beta (Hoffmann et al.
 * 2022, arXiv 2203.15556, section 3.3) with N parameters, D tokens and the
 * loss in nats per token, and the constants that people use for it. They
 * differ more than their digits suggest: see `allocate.ts`.
 *
 * @module
 */

/** E, A, B and the exponents; N and D are counts, the loss nats per token. */
export interface LawConstants {
  /** Loss that no size and no data removes, nats per token. */
  readonly E: number;
  readonly A: number;
  readonly B: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Constants with the name to show and where they come from. */
export interface ChinchillaLaw extends LawConstants {
  readonly name: string;
  readonly source: string;
}

/** How a budget is spent: a model size and a number of training tokens. */
export interface Allocation {
  /** Parameters N, a count. */
  readonly parameters: number;
  /** Training tokens D, a count. */
  readonly tokens: number;
}

/**
 * What TeenyTinyLlama computed with: alpha is 0.32 in the paper and in the
 * script, where Hoffmann's rounded 0.34 was meant, by all signs a slip.
 */
export const TTL_LAW: ChinchillaLaw = {
  name: "TTL (alpha 0.32)",
  source: "Corrêa et al. 2024, arXiv 2401.16640, section 3.1",
  E: 1.69,
  A: 406.4,
  B: 410.7,
  alpha: 0.32,
  beta: 0.28,
};

/** As printed by Hoffmann et al., two digits in the exponents. */
export const HOFFMANN_ROUNDED_LAW: ChinchillaLaw = {
  name: "Hoffmann rounded",
  source: "Hoffmann et al. 2022, arXiv 2203.15556, equation 10",
  E: 1.69,
  A: 406.4,
  B: 410.7,
  alpha: 0.34,
  beta: 0.28,
};

/** The digits in the TeX source of Hoffmann et al., where logs are given. */
export const HOFFMANN_LAW: ChinchillaLaw = {
  name: "Hoffmann unrounded",
  source: "TeX source of arXiv 2203.15556, quoted in arXiv 2404.10102",
  E: Math.exp(0.5267228),
  A: Math.exp(6.0073404),
  B: Math.exp(6.0179186),
  alpha: 0.33917084,
  beta: 0.2849083,
};

/**
 * The refit that Besiroglu et al. headline: 240 points, a likelihood whose
 * free scale goes to zero, so the least absolute deviation of log loss.
 */
export const EPOCH_LAW: ChinchillaLaw = {
  name: "Epoch refit",
  source: "Besiroglu et al. 2024, arXiv 2404.10102",
  E: 1.81686,
  A: 482.00572,
  B: 2085.4342,
  alpha: 0.34781,
  beta: 0.36585,
};

/** Hoffmann's own objective on the same 240 points, at its true minimum. */
export const EPOCH_GRID_LAW: ChinchillaLaw = {
  name: "Epoch grid optimum",
  source: "Huber fit (delta 0.001) to the 240 points of arXiv 2404.10102",
  E: 1.8172181,
  A: 477.825876,
  B: 2143.41745,
  alpha: 0.3473105,
  beta: 0.367172435,
};

/** All of the above, oldest first, TTL's slip at the head. */
export const LAWS: readonly ChinchillaLaw[] = [
  TTL_LAW,
  HOFFMANN_ROUNDED_LAW,
  HOFFMANN_LAW,
  EPOCH_LAW,
  EPOCH_GRID_LAW,
];

/** Loss that the law predicts, nats per token. */
export function predictLoss(
  law: LawConstants,
  { parameters, tokens }: Allocation,
): number {
  return law.E + law.A * parameters ** -law.alpha +
    law.B * tokens ** -law.beta;
}

/** FLOPs of training by the usual count, 6ND (Kaplan et al. 2020). */
export function budgetOf({ parameters, tokens }: Allocation): number {
  return 6 * parameters * tokens;
}
