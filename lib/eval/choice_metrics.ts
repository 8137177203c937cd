/**
 * Metrics of multiple choice, from the log-likelihoods of the choices. Ties go
 * to the first choice, as everywhere.
 *
 *     acc         argmax ℓ                    is the right one
 *     acc_norm    argmax ℓ / characters       (code points of the choice)
 *     acc_bytes   argmax ℓ / bytes            (of UTF-8)
 *     mc1         acc, over the choices of mc1
 *     mc2         Σ_true e^ℓ / Σ e^ℓ          over the choices of mc2
 *
 * As in EleutherAI's lm-evaluation-harness; mc1 and mc2 from Lin et al. (2022,
 * arXiv 2109.07958), by the mask of labels, so their order does not matter.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";

/** Metrics of one item, each 0 to 1. */
export interface ChoiceMetrics {
  readonly acc: number;
  readonly acc_norm: number;
  readonly acc_bytes: number;
}

/** Index of the largest; the first of equal ones. */
function best(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

const encoder = new TextEncoder();

/**
 * Whether the likeliest choice is the right one, by three lengths.
 *
 * @param logLikelihoods of the choices
 * @param choices their texts, without the space before them
 * @param gold index of the right one
 */
export function choiceMetrics(
  logLikelihoods: readonly number[],
  choices: readonly string[],
  gold: number,
): ChoiceMetrics {
  const right = (lengthOf: (choice: string) => number) => {
    const scores = logLikelihoods.map((ll, i) => ll / lengthOf(choices[i]!));
    return Number(best(scores) === gold);
  };
  return {
    acc: right(() => 1),
    acc_norm: right((choice) => [...choice].length),
    acc_bytes: right((choice) => encoder.encode(choice).length),
  };
}

/**
 * Share of the probability that lies on true answers, mc2 of TruthfulQA.
 *
 * @param labels 1 for a true answer, 0 for a false one
 * @throws {DataError} when all answers are of one kind
 */
export function truthfulShare(
  logLikelihoods: readonly number[],
  labels: readonly number[],
): number {
  if (!labels.includes(1) || !labels.includes(0)) {
    throw new DataError(
      `Cannot compute mc2 of labels ${labels.join(", ")}: there are true and ` +
        "false answers",
    );
  }
  // Long answers underflow e^ℓ: the largest is taken out.
  const top = Math.max(...logLikelihoods);
  const weights = logLikelihoods.map((ll) => Math.exp(ll - top));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return sum(weights.filter((_, i) => labels[i] === 1)) / sum(weights);
}

/** A mean with its standard error. */
export interface Estimate {
  readonly mean: number;
  /** Sample standard deviation over √n; NaN for a single value. */
  readonly standardError: number;
  readonly count: number;
}

/** Mean and standard error, (n - 1) in the deviation. */
export function estimateMean(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / count;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  return { mean, standardError, count };
}

/**
 * Difference of two models on the same items, paired: each item is compared
 * with itself, which is tighter than two separate errors.
 *
 * @returns mean of b - a, its standard error, and z, their ratio
 * @throws {DataError} when the items are not the same number
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
): Estimate & { readonly z: number } {
  if (a.length !== b.length) {
    throw new DataError(
      `Cannot compare ${a.length} items with ${b.length}: wanted the same ones`,
    );
  }
  const estimate = estimateMean(b.map((x, i) => x - a[i]!));
  return { ...estimate, z: estimate.mean / estimate.standardError };
}
