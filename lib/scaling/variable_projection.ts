/**
 * A second way to fit the law, as a check on the first: for given exponents it
 * is linear in E, A and B, so these come from a non-negative least-squares
 * problem in closed form and a search in (alpha, beta) alone is left (Golub and
 * Pereyra 1973). Squared errors only; nothing can be stuck in A, B or E.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { lawCoordinates } from "./coordinates.ts";
import type { ChinchillaLaw } from "./law.ts";
import { leastSquares } from "./least_squares.ts";
import { minimize } from "./minimize.ts";
import { checkObservations, type Observation } from "./observations.ts";

/** Knobs of {@linkcode fitLawByProjection}; every field has a default. */
export interface ProjectionOptions {
  /**
   * Squared error of what (default "loss"): "loss" predicted - observed,
   * "relative" the same divided by observed, close to that of log losses.
   */
  readonly residual?: "loss" | "relative";
}

/** A law by variable projection. */
export interface ProjectionFit {
  readonly law: ChinchillaLaw;
  /** Sum of squared residuals. */
  readonly objective: number;
  /** Linear problems solved. */
  readonly evaluations: number;
  /** Starts in (alpha, beta) that ended at the best objective. */
  readonly reachedBest: number;
}

/** Exponents from flat to steep: starts of the search. */
const EXPONENTS = [0.1, 0.3, 0.6, 1];
/** A start this close to the best objective, as a share, has reached it. */
const SAME = 1e-6;
/** The sets of terms that may be left out, the empty one first. */
const SUBSETS = [[0, 1, 2], [0, 1], [0, 2], [1, 2], [0], [1], [2]];

/** E, A, B >= 0 of least squares: the best feasible subset of columns. */
function nonNegative(
  columns: readonly Float64Array[],
  y: Float64Array,
  weights: Float64Array,
): { coefficients: number[]; sumOfSquares: number } {
  let best = { coefficients: [0, 0, 0], sumOfSquares: Infinity };
  for (const subset of SUBSETS) {
    const { coefficients, sumOfSquares } = leastSquares(
      subset.map((k) => columns[k]!),
      y,
      weights,
    );
    if (!coefficients.every((c) => c >= 0)) continue;
    if (sumOfSquares < best.sumOfSquares) {
      const all = [0, 0, 0];
      for (const [i, k] of subset.entries()) all[k] = coefficients[i]!;
      best = { coefficients: all, sumOfSquares };
    }
    if (subset.length === 3) break; // nothing smaller can be better
  }
  return best;
}

/**
 * Fits the law by least squares through variable projection.
 *
 * @throws {DataError} when the runs cannot determine a law (see
 * {@linkcode checkObservations})
 * @throws {ConfigError} when the residual is not known
 */
export function fitLawByProjection(
  observations: readonly Observation[],
  { residual = "loss" }: ProjectionOptions = {},
): ProjectionFit {
  checkObservations(observations);
  if (residual !== "loss" && residual !== "relative") {
    throw new ConfigError(
      `Cannot use residual "${residual}": there are loss, relative`,
    );
  }
  const { xs, ys, decode } = lawCoordinates(observations);
  const y = Float64Array.from(observations, (o) => o.loss);
  const weights = y.map((loss) => residual === "loss" ? 1 : 1 / loss ** 2);
  const solve = (alpha: number, beta: number) => {
    const u = xs.map((x) => Math.exp(-alpha * x));
    const v = ys.map((y) => Math.exp(-beta * y));
    return { u, v, ...nonNegative([y.map(() => 1), u, v], y, weights) };
  };
  // At the best E, A, B their derivatives vanish, so that of the whole by an
  // exponent is the partial one. By the sum of y^2 the value is a share.
  const total = y.reduce((sum, loss, i) => sum + weights[i]! * loss ** 2, 0);
  const objective = (p: Float64Array, gradient: Float64Array) => {
    const { u, v, coefficients, sumOfSquares } = solve(p[0]!, p[1]!);
    const [E, A, B] = coefficients as [number, number, number];
    let dAlpha = 0, dBeta = 0;
    for (let i = 0; i < y.length; i++) {
      const slope = 2 * weights[i]! * (E + A * u[i]! + B * v[i]! - y[i]!);
      dAlpha -= slope * A * u[i]! * xs[i]!;
      dBeta -= slope * B * v[i]! * ys[i]!;
    }
    gradient[0] = dAlpha / total;
    gradient[1] = dBeta / total;
    return sumOfSquares / total;
  };
  const ends = EXPONENTS.flatMap((alpha) =>
    EXPONENTS.map((beta) =>
      minimize(objective, [alpha, beta], { valueTolerance: 1e-14 })
    )
  );
  const best = ends.reduce((a, b) => b.value < a.value ? b : a);
  const alpha = best.x[0]!, beta = best.x[1]!;
  const { coefficients, sumOfSquares } = solve(alpha, beta);
  const logs = coefficients.map(Math.log) as [number, number, number];
  const [lnE, lnA, lnB] = logs; // of centred terms, as decode() takes them
  const of = residual === "loss" ? "loss" : "relative loss";
  return {
    law: {
      name: "Projection",
      source: `variable projection, squared misfit of ${of}, ` +
        `${observations.length} runs`,
      ...decode(Float64Array.of(lnA, lnB, lnE, alpha, beta)),
    },
    objective: sumOfSquares,
    evaluations: ends.reduce((sum, end) => sum + end.evaluations, 0),
    reachedBest:
      ends.filter((end) => end.value <= best.value * (1 + SAME) + 1e-20)
        .length,
  };
}
