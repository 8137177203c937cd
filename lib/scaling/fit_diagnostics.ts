/**
 * What to know about a fit before believing it, in numbers and in sentences:
 * directions in which the runs hardly decide, searches that ended elsewhere,
 * constants at the edge of sense, runs that lie far off.
 *
 * @module
 */
import { LAW_NAMES } from "./bounds.ts";
import { nameRows } from "./checks.ts";
import type { LawConstants } from "./law.ts";
import { symmetricEigen } from "./least_squares.ts";
import { logResiduals } from "./misfit.ts";
import type { Observation } from "./observations.ts";
import type { LawFit } from "./parametric.ts";
import { quantileOf } from "./sample_statistics.ts";

/** The shape of the valley around a fit, and its odd runs. */
export interface FitDiagnosis {
  /**
   * Ratio of the largest to the smallest eigenvalue of J'J, J the derivative
   * of ln loss by (ln A, ln B, ln E, alpha, beta): the condition number.
   */
  readonly conditionNumber: number;
  /** Direction of the smallest, of length 1: (ln A, ln B, ln E, alpha, beta). */
  readonly flattest: readonly number[];
  /**
   * How far the law can go that way until the misfit of the logs has grown by
   * one standard error: above 1, some constant is free by a factor of e.
   */
  readonly ridgeLength: number;
  /** 1.4826 times the median |log residual|: the scatter without outliers. */
  readonly scatter: number;
  /** Indices of the runs further off than five times the scatter. */
  readonly outliers: readonly number[];
  /** All that is doubtful, each with what to do. */
  readonly warnings: readonly string[];
}

/** Makes the median absolute deviation of a normal sample its deviation. */
const MAD_TO_DEVIATION = 1.4826;
const OUTLIER = 5;
const MAX_RIDGE = 1;
/** Below this share of starts at the best end, more starts are wanted. */
const FEW_STARTS = 0.1;

/** J'J, weighted by 1 / variance of one residual. */
function information(
  law: LawConstants,
  observations: readonly Observation[],
): number[][] {
  const matrix = LAW_NAMES.map(() => LAW_NAMES.map(() => 0));
  for (const { parameters: N, tokens: D } of observations) {
    const u = law.A * N ** -law.alpha, v = law.B * D ** -law.beta;
    const loss = law.E + u + v;
    const row = [u, v, law.E, -u * Math.log(N), -v * Math.log(D)]
      .map((value) => value / loss);
    for (const [i, a] of row.entries()) {
      for (const [j, b] of row.entries()) matrix[i]![j]! += a * b;
    }
  }
  return matrix;
}

function describeStarts({ starts, rivals, unmoved, atBounds }: LawFit) {
  const texts: string[] = [];
  if (atBounds.length > 0) {
    texts.push(
      `${
        atBounds.join(", ")
      } ran to the edge of sense: the runs hold no sign ` +
        `of that term, add runs that differ more in size or tokens`,
    );
  }
  if (starts.total > 1 && starts.reachedBest < FEW_STARTS * starts.total) {
    texts.push(
      `${starts.reachedBest} of ${starts.total} starts ended at the best ` +
        `objective: try more, hoffmannStarts() has 4500`,
    );
  }
  if (unmoved.length > 0) {
    texts.push(
      `${unmoved.join(", ")} did not move from the start: it may be no ` +
        `result at all, begin elsewhere`,
    );
  }
  if (starts.unfinished > 0) {
    texts.push(`${starts.unfinished} searches were cut short`);
  }
  if (rivals.length > 0) {
    texts.push(
      `${rivals.length} other ends fit within 1 % as well: exponents alpha ` +
        rivals.map((law) => law.alpha.toFixed(3)).join(", ") + " and beta " +
        rivals.map((law) => law.beta.toFixed(3)).join(", ") +
        ", tell intervals and not one law",
    );
  }
  return texts;
}

/**
 * Examines a fit.
 *
 * @param observations the runs that were fitted
 */
export function diagnoseFit(
  fit: LawFit,
  observations: readonly Observation[],
): FitDiagnosis {
  const residuals = logResiduals(fit.law, observations);
  const sizes = residuals.map(Math.abs);
  const scatter = MAD_TO_DEVIATION * quantileOf(sizes, 0.5);
  const outliers = scatter > 1e-9 // runs without noise have crumbs, no outliers
    ? [...sizes.keys()].filter((i) => sizes[i]! > OUTLIER * scatter)
    : [];
  const { values, vectors } = symmetricEigen(
    information(fit.law, observations),
  );
  const smallest = Math.max(values.at(-1)!, Number.MIN_VALUE);
  const flattest = vectors.at(-1)!;
  const ridgeLength = scatter / Math.sqrt(smallest);
  const warnings = describeStarts(fit);
  if (ridgeLength > MAX_RIDGE) {
    const [i] = LAW_NAMES.keys().toArray()
      .sort((a, b) => Math.abs(flattest[b]!) - Math.abs(flattest[a]!));
    warnings.push(
      `a ridge: the runs leave ${LAW_NAMES[i!]} open by a factor of ` +
        `${Math.exp(ridgeLength).toPrecision(2)}, report a, G or N* instead ` +
        `of constants`,
    );
  }
  if (outliers.length > 0) {
    warnings.push(
      `${nameRows(outliers)} lie more than ${OUTLIER} times the scatter ` +
        `(${(100 * scatter).toPrecision(2)} %) off: see whether they finished`,
    );
  }
  return {
    conditionNumber: values[0]! / smallest,
    flattest,
    ridgeLength,
    scatter,
    outliers,
    warnings,
  };
}
