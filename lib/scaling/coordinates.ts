/**
 * The coordinates in which a law is fitted: (ln A - alpha mean ln N,
 * ln B - beta mean ln D, ln E, alpha, beta). Logarithms keep E, A and B above
 * 0; centring makes A nearly independent of alpha and B of beta, so that a
 * search needs fewer steps.
 *
 * @module
 */
import type { LawConstants } from "./law.ts";
import type { Objective } from "./minimize.ts";
import type { Observation } from "./observations.ts";
import { meanOf } from "./sample_statistics.ts";

/** The runs as an inner loop reads them, and the way to and fro. */
export interface Coordinates {
  /** ln N - mean, one a run. */
  readonly xs: Float64Array;
  /** ln D - mean, one a run. */
  readonly ys: Float64Array;
  /** From constants to coordinates. */
  encode(law: LawConstants): Float64Array;
  /** From coordinates to constants. */
  decode(p: Float64Array): LawConstants;
}

/** A misfit as a function that a minimizer takes. */
export interface LawObjective extends Omit<Coordinates, "xs" | "ys"> {
  /** The misfit divided by `scale`, of coordinates. */
  readonly evaluate: Objective;
  /** Makes the value of order 1 or more, whatever the misfit. */
  readonly scale: number;
}

/** Coordinates centred at the mean logarithms of these runs. */
export function lawCoordinates(
  observations: readonly Observation[],
): Coordinates {
  const lnN = Float64Array.from(observations, (o) => Math.log(o.parameters));
  const lnD = Float64Array.from(observations, (o) => Math.log(o.tokens));
  const meanX = meanOf(lnN), meanY = meanOf(lnD);
  return {
    xs: lnN.map((x) => x - meanX),
    ys: lnD.map((y) => y - meanY),
    encode: ({ E, A, B, alpha, beta }) =>
      Float64Array.of(
        Math.log(A) - alpha * meanX,
        Math.log(B) - beta * meanY,
        Math.log(E),
        alpha,
        beta,
      ),
    decode: (p) => ({
      E: Math.exp(p[2]!),
      A: Math.exp(p[0]! + p[3]! * meanX),
      B: Math.exp(p[1]! + p[4]! * meanY),
      alpha: p[3]!,
      beta: p[4]!,
    }),
  };
}

/**
 * The same objective with one exponent for both terms, beta = alpha: four
 * coordinates. A start takes the mean of its two exponents.
 */
export function tieExponents(objective: LawObjective): LawObjective {
  const full = new Float64Array(5), fullGradient = new Float64Array(5);
  const untie = (p: Float64Array) => {
    full.set(p);
    full[4] = p[3]!;
    return full;
  };
  return {
    scale: objective.scale,
    evaluate: (p, gradient) => {
      const value = objective.evaluate(untie(p), fullGradient);
      gradient.set(fullGradient.subarray(0, 4));
      gradient[3]! += fullGradient[4]!;
      return value;
    },
    encode: (law) => {
      const exponent = (law.alpha + law.beta) / 2;
      const tied = { ...law, alpha: exponent, beta: exponent };
      return objective.encode(tied).slice(0, 4);
    },
    decode: (p) => objective.decode(untie(p).slice()),
  };
}
