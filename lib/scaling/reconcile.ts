/**
 * Why Kaplan et al. 2020 found N* ~ C^0.73 and Hoffmann et al. 2022 C^0.5
 * (Pearce and Song 2024, arXiv 2406.12907): Kaplan counted parameters without
 * embeddings, at sizes where those are most of a model. With
 * N = n + w n^(1/3) of n non-embedding parameters a Chinchilla law gives both.
 *
 * @module
 */
import { checkLaw, checkPositive } from "./checks.ts";
import type { LawConstants } from "./law.ts";
import { fitPowerLaw, type PowerLawFit } from "./power_law.ts";
import { geometricSteps, type SizeRange } from "./surface.ts";

/** w of N = n + w n^(1/3): vocabulary 32000, width about 39 times the depth. */
const EMBEDDING_FACTOR = 47491;

/** One best allocation, in Kaplan's count. */
export interface NonEmbeddingOptimum {
  /** n, a count. */
  readonly nonEmbedding: number;
  /** N = n + w n^(1/3), a count. */
  readonly parameters: number;
  /** D, a count. */
  readonly tokens: number;
  /** 6 n D, FLOPs. */
  readonly budget: number;
}

/** Parameters with embeddings of n without. */
export function withEmbeddings(nonEmbedding: number): number {
  return nonEmbedding + EMBEDDING_FACTOR * Math.cbrt(nonEmbedding);
}

/**
 * Parameters without embeddings of N with: the inverse, by Newton's method.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function withoutEmbeddings(parameters: number): number {
  checkPositive("parameters", parameters);
  // With r = n^(1/3) it is r^3 + w r = N, which rises and bends upwards, so
  // that Newton's steps from above come down to the root and never pass it.
  let r = Math.cbrt(parameters);
  for (let i = 0; i < 100; i++) {
    const step = (r ** 3 + EMBEDDING_FACTOR * r - parameters) /
      (3 * r * r + EMBEDDING_FACTOR);
    r -= step;
    if (step <= 1e-15 * r) break;
  }
  return r ** 3;
}

/**
 * The tokens and the budget 6 n D for which n is the best size, from the
 * condition that the loss at fixed n D does not change with n.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function nonEmbeddingOptimum(
  law: LawConstants,
  nonEmbedding: number,
): NonEmbeddingOptimum {
  checkLaw(law);
  checkPositive("nonEmbedding", nonEmbedding);
  const { A, B, alpha, beta } = law;
  const n = nonEmbedding;
  const parameters = withEmbeddings(n);
  const slope = n + EMBEDDING_FACTOR / 3 * Math.cbrt(n); // n dN/dn
  const tokens = (beta * B * parameters ** (1 + alpha) / (alpha * A * slope)) **
    (1 / beta);
  return { nonEmbedding, parameters, tokens, budget: 6 * n * tokens };
}

/** The frontier in Kaplan's count and its apparent power law. */
export interface KaplanFrontier {
  readonly optima: readonly NonEmbeddingOptimum[];
  /** n* in 6 n D. */
  readonly nonEmbedding: PowerLawFit;
}

/** The optimum of a budget, by halving ln n: the budget rises with n. */
function optimumOfBudget(
  law: LawConstants,
  budget: number,
  [from, to]: SizeRange,
): NonEmbeddingOptimum {
  let low = Math.log(from), high = Math.log(to);
  const at = (lnN: number) => nonEmbeddingOptimum(law, Math.exp(lnN));
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (at(middle).budget < budget) low = middle;
    else high = middle;
  }
  return at(high);
}

/**
 * The power law that somebody finds who counts without embeddings, from
 * budgets evenly spaced in their logarithm: over 768 to 1.5 billion
 * parameters, Kaplan's range, its exponent is 0.75 to 0.79 for laws whose own
 * is 0.45 to 0.51. It tends to beta / (alpha / 3 + beta) for small and to
 * beta / (alpha + beta) for large sizes.
 *
 * @param options.range of n (default 768 to 1.5e9)
 * @param options.steps budgets (default 200)
 * @throws {ConfigError} when a number is out of range
 */
export function kaplanFrontier(
  law: LawConstants,
  { range = [768, 1.5e9], steps = 200 }: {
    readonly range?: SizeRange;
    readonly steps?: number;
  } = {},
): KaplanFrontier {
  const [from, to] = range.map((n) => nonEmbeddingOptimum(law, n).budget) as [
    number,
    number,
  ];
  const optima = geometricSteps([from, to], steps).map((budget) =>
    optimumOfBudget(law, budget, range)
  );
  return {
    optima,
    nonEmbedding: fitPowerLaw({
      x: optima.map((optimum) => optimum.budget),
      y: optima.map((optimum) => optimum.nonEmbedding),
    }),
  };
}
