/**
 * What a bootstrap says: standard errors, intervals and correlations of the
 * constants and of anything computed from them, and whether another law lies
 * within the scatter. A and B have wide, skewed intervals and move with alpha
 * and beta; the exponent a of the best size, or that size itself at a budget,
 * is what the runs determine.
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import type { LawBootstrap } from "./bootstrap.ts";
import { chiSquareTail } from "./chi_square.ts";
import { checkPositive } from "./checks.ts";
import type { LawConstants } from "./law.ts";
import { symmetricEigen } from "./least_squares.ts";
import {
  correlationMatrix,
  covarianceMatrix,
  deviationOf,
  quantileOf,
} from "./sample_statistics.ts";

/** Numbers computed from a law, by name. */
export type LawQuantities = Readonly<
  Record<string, (law: LawConstants) => number>
>;

/** The five constants, and the exponent a = beta / (alpha + beta) of N*. */
export const LAW_QUANTITIES: LawQuantities = {
  A: (law) => law.A,
  B: (law) => law.B,
  E: (law) => law.E,
  alpha: (law) => law.alpha,
  beta: (law) => law.beta,
  a: (law) => law.beta / (law.alpha + law.beta),
};

/** One quantity with its uncertainty. */
export interface QuantityInterval {
  readonly name: string;
  /** Of the fit to all runs. */
  readonly estimate: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  /** Quantiles of the resamples that leave out the same share on both sides. */
  readonly low: number;
  readonly high: number;
}

/** Uncertainties of several quantities and how they go together. */
export interface BootstrapSummary {
  readonly intervals: readonly QuantityInterval[];
  /** correlations[i][j] of intervals i and j. */
  readonly correlations: readonly (readonly number[])[];
}

/**
 * Standard errors, percentile intervals and correlations.
 *
 * @param options.level share of the resamples inside an interval (default 0.95)
 * @param options.quantities what to tell (default {@linkcode LAW_QUANTITIES})
 * @throws {ConfigError} when the level is not between 0 and 1
 * @throws {DataError} when there are fewer than two fits
 */
export function summarizeBootstrap(
  { fit, laws }: LawBootstrap,
  { level = 0.95, quantities = LAW_QUANTITIES }: {
    readonly level?: number;
    readonly quantities?: LawQuantities;
  } = {},
): BootstrapSummary {
  if (!(level > 0 && level < 1)) {
    throw new ConfigError(
      `Cannot make intervals of level ${level}: it must lie between 0 and 1`,
    );
  }
  if (laws.length < 2) {
    throw new DataError(
      `Cannot tell a scatter from ${laws.length} fits: wanted at least 2`,
    );
  }
  const names = Object.keys(quantities);
  const samples = names.map((name) => laws.map(quantities[name]!));
  return {
    intervals: names.map((name, i) => ({
      name,
      estimate: quantities[name]!(fit.law),
      standardError: deviationOf(samples[i]!),
      low: quantileOf(samples[i]!, (1 - level) / 2),
      high: quantileOf(samples[i]!, (1 + level) / 2),
    })),
    correlations: correlationMatrix(samples),
  };
}

/** Wald's test of another law against a bootstrap. */
export interface LawDistance {
  /** d' S^-1 d with d the difference and S the covariance of the resamples. */
  readonly chiSquare: number;
  readonly degrees: number;
  /** Chance of so large a distance if the other law were true. */
  readonly pValue: number;
}

/**
 * How far another law lies from a fit, in (ln A, ln B, ln E, alpha, beta)
 * measured by the scatter of the resamples: the chi-square test of Besiroglu
 * et al. 2024 against Hoffmann's constants.
 *
 * @throws {DataError} when there are too few fits or their scatter leaves a
 * direction out, as it does with tied exponents
 */
export function testLaw(
  { fit, laws }: LawBootstrap,
  other: LawConstants,
): LawDistance {
  const vector = (law: LawConstants) => [
    Math.log(law.A),
    Math.log(law.B),
    Math.log(law.E),
    law.alpha,
    law.beta,
  ];
  const from = vector(fit.law);
  const difference = vector(other).map((value, i) => value - from[i]!);
  const rows = laws.map(vector);
  const samples = from.map((_, i) => rows.map((row) => row[i]!));
  const { values, vectors } = symmetricEigen(covarianceMatrix(samples));
  if (laws.length <= from.length || !(values.at(-1)! > 1e-14 * values[0]!)) {
    throw new DataError(
      `Cannot test a law against ${laws.length} fits: their scatter does not ` +
        `fill all ${from.length} constants`,
    );
  }
  const chiSquare = values.reduce((sum, value, k) => {
    const along = vectors[k]!.reduce((s, v, i) => s + v * difference[i]!, 0);
    return sum + along * along / value;
  }, 0);
  const degrees = from.length;
  return { chiSquare, degrees, pValue: chiSquareTail(chiSquare, degrees) };
}

/**
 * Runs that would narrow an interval to `width`, as the square root of their
 * number does (Besiroglu et al. 2024, section 5).
 *
 * @param width wanted, in the unit of the quantity
 */
export function runsForWidth(
  { low, high }: QuantityInterval,
  numRuns: number,
  width: number,
): number {
  checkPositive("width", width);
  return Math.ceil(numRuns * ((high - low) / width) ** 2);
}
