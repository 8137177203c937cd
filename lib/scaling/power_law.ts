/**
 * Power laws y = k x^p, fitted as straight lines through logarithms: how the
 * best size grows with the budget (Hoffmann et al. 2022, arXiv 2203.15556,
 * approaches 1 and 2; weighted as in Porian et al. 2024, arXiv 2406.19146).
 *
 * @module
 */
import { ConfigError, DataError } from "../util/mod.ts";
import { leastSquares } from "./least_squares.ts";
import { meanOf } from "./sample_statistics.ts";

/** y = coefficient x^exponent. */
export interface PowerLaw {
  readonly coefficient: number;
  readonly exponent: number;
}

/** A fitted power law. */
export interface PowerLawFit extends PowerLaw {
  /**
   * Standard error of the exponent: from the given weights, which are taken as
   * 1 / variance of ln y, or without weights from the scatter of the points
   * (NaN with two points, which leave no scatter).
   */
  readonly exponentError: number;
  /** Share of the variance of ln y that the line explains, weighted. */
  readonly r2: number;
  readonly numPoints: number;
}

/** Power laws through the best sizes of several budgets. */
export interface FrontierFit {
  /** N* in C. */
  readonly parameters: PowerLawFit;
  /** D* = C / (6 N*) in C. */
  readonly tokens: PowerLawFit;
}

/** Points of a power law, all finite and above 0. */
export interface PowerLawPoints {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** One for each point, not negative (default: all alike). */
  readonly weights?: readonly number[];
}

/** k x^p. */
export function powerAt(
  { coefficient, exponent }: PowerLaw,
  x: number,
): number {
  return coefficient * x ** exponent;
}

/**
 * The line of least squares through (ln x, ln y).
 *
 * @throws {DataError} when there are fewer than two different x, or a value is
 * not a finite number above 0
 * @throws {ConfigError} when the lists differ in length or a weight is not a
 * number of at least 0
 */
export function fitPowerLaw({ x, y, weights }: PowerLawPoints): PowerLawFit {
  if (
    x.length !== y.length ||
    weights !== undefined && weights.length !== x.length
  ) {
    throw new ConfigError(
      `Cannot fit a power law: x has ${x.length} values, y ${y.length}, ` +
        `weights ${weights?.length ?? 0}, wanted as many of each`,
    );
  }
  for (const [name, values] of Object.entries({ x, y })) {
    const at = values.findIndex((value) => !(value > 0 && value < Infinity));
    if (at < 0) continue;
    throw new DataError(
      `Cannot fit a power law: ${name} is ${values[at]} in row ${at + 1}, ` +
        `wanted finite numbers above 0`,
    );
  }
  if (weights?.some((weight) => !(weight >= 0 && weight < Infinity))) {
    throw new ConfigError(
      `Cannot fit a power law with weights ${weights.join(", ")}: ` +
        `wanted finite numbers of at least 0`,
    );
  }
  if (new Set(x).size < 2) {
    throw new DataError(
      `Cannot fit a power law to ${new Set(x).size} different x: ` +
        `wanted at least 2`,
    );
  }
  const lnX = x.map(Math.log), lnY = y.map(Math.log);
  const middle = meanOf(lnX); // centred, so that both unknowns are well told
  const columns = [lnX.map(() => 1), lnX.map((value) => value - middle)];
  const w = weights ?? x.map(() => 1);
  const { coefficients, sumOfSquares, inverse } = leastSquares(columns, lnY, w);
  const [level, exponent] = coefficients as [number, number];
  const totalWeight = w.reduce((a, b) => a + b, 0);
  const mean = lnY.reduce((sum, v, i) => sum + w[i]! * v, 0) / totalWeight;
  const total = lnY.reduce((sum, v, i) => sum + w[i]! * (v - mean) ** 2, 0);
  const variance = weights ? 1 : sumOfSquares / (x.length - 2);
  return {
    coefficient: Math.exp(level - exponent * middle),
    exponent,
    exponentError: Math.sqrt(variance * inverse[1]![1]!),
    r2: 1 - sumOfSquares / total,
    numPoints: x.length,
  };
}

/**
 * Power laws of N* and D* through best sizes.
 *
 * @param optima FLOPs, 6ND, and N*, a count
 * @param weights as {@linkcode fitPowerLaw} takes them
 * @throws {DataError} when there are fewer than two budgets
 */
export function fitFrontier(
  optima: readonly {
    readonly budget: number;
    readonly parameters: number;
  }[],
  weights?: readonly number[],
): FrontierFit {
  const x = optima.map(({ budget }) => budget);
  const sizes = optima.map(({ parameters }) => parameters);
  const fit = (y: readonly number[]) =>
    fitPowerLaw({ x, y, ...(weights && { weights }) });
  return {
    parameters: fit(sizes),
    tokens: fit(sizes.map((N, i) => x[i]! / (6 * N))),
  };
}
