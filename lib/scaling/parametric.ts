/**
 * Fits the Chinchilla law to runs by approach 3 of Hoffmann et al. 2022
 * (section 3.3): the Huber objective on log loss, L-BFGS from many starts,
 * the best one wins. The terms are summed, not averaged: an average is so
 * small that the usual tolerances stop the search early, which is how the
 * published constants went wrong (Besiroglu et al. 2024, arXiv 2404.10102).
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { checkPositive } from "./checks.ts";
import { huberObjective } from "./huber_objective.ts";
import { type ChinchillaLaw, type LawConstants, predictLoss } from "./law.ts";
import { minimize, type Minimum, type Objective } from "./minimize.ts";
import { checkObservations, type Observation } from "./observations.ts";
import { scaledStarts } from "./starts.ts";

/** Knobs of {@linkcode fitLaw}; every field has a default. */
export interface FitOptions {
  /**
   * Where Huber's function turns from a square to a line, nats of log loss
   * (default 0.001). Towards 0 the fit becomes the least absolute deviation.
   */
  readonly delta?: number;
  /** Starts (default {@linkcode scaledStarts} of the runs). */
  readonly starts?: readonly LawConstants[];
  /** Name of the fitted law (default "Fit"). */
  readonly name?: string;
}

/** How the starts of a fit fared. */
export interface StartCounts {
  readonly total: number;
  /** Ended at the best objective, to a millionth. */
  readonly reachedBest: number;
  /** Took no step at all. */
  readonly unmoved: number;
  /** Cut short by the limit on iterations. */
  readonly unfinished: number;
  /** Not tried: the objective is not finite there. */
  readonly impossible: number;
}

/** A fitted law, and what to know before believing it. */
export interface LawFit {
  readonly law: ChinchillaLaw;
  /** Sum of Huber terms at the law. */
  readonly objective: number;
  readonly delta: number;
  readonly numObservations: number;
  readonly starts: StartCounts;
  /** Calls of the objective, all starts together. */
  readonly evaluations: number;
  /** Why the last search, which goes on from the best end, stopped. */
  readonly reason: Minimum["reason"];
  /** Largest derivative of the objective by ln A, ln B (centred), ln E, ... */
  readonly gradientNorm: number;
  /**
   * Constants that ran to the edge of sense: E, A, B whose term is nowhere
   * above a millionth of the loss; exponents outside of 0.001 to 5.
   */
  readonly atBounds: readonly (keyof LawConstants)[];
  /** Constants of the best fit that are still where their start was. */
  readonly unmoved: readonly (keyof LawConstants)[];
}

/** Order of the coordinates of {@linkcode huberObjective}. */
const NAMES = ["A", "B", "E", "alpha", "beta"] as const;
/** Starts this close to the best objective, as a share, have reached it. */
const SAME = 1e-6;
/** A term below this share of every loss is gone. */
const VANISHED = 1e-6;
/** Below, a term is a constant like E; above, it is gone after one run. */
const EXPONENTS = [1e-3, 5] as const;
/** A coordinate of order 1 that moved no further than this stood still. */
const UNMOVED = 1e-9;

/** ln predicted - ln observed loss for every run. */
export function logResiduals(
  law: LawConstants,
  observations: readonly Observation[],
): Float64Array {
  return Float64Array.from(
    observations,
    (o) => Math.log(predictLoss(law, o) / o.loss),
  );
}

/**
 * Sum of Huber terms of a law's log residuals (equation 3): what
 * {@linkcode fitLaw} minimizes, in plain steps.
 *
 * @param options.delta as in {@linkcode FitOptions} (default 0.001)
 */
export function fitObjective(
  law: LawConstants,
  observations: readonly Observation[],
  { delta = 1e-3 }: Pick<FitOptions, "delta"> = {},
): number {
  return logResiduals(law, observations).reduce((sum, residual) => {
    const clipped = Math.max(-delta, Math.min(delta, residual));
    return sum + clipped * (residual - clipped / 2);
  }, 0);
}

function findBounds(
  law: LawConstants,
  observations: readonly Observation[],
): (keyof LawConstants)[] {
  const terms = {
    E: () => law.E,
    A: (o: Observation) => law.A * o.parameters ** -law.alpha,
    B: (o: Observation) => law.B * o.tokens ** -law.beta,
  };
  return NAMES.filter((name) =>
    name === "alpha" || name === "beta"
      ? !(law[name] > EXPONENTS[0] && law[name] < EXPONENTS[1])
      : observations.every((o) => !(terms[name](o) > VANISHED * o.loss))
  );
}

/** One search from one start, both in coordinates. */
interface Search {
  readonly start: Float64Array;
  readonly end: Minimum;
}

/** A search from every start at which the objective is finite. */
function searchFrom(
  starts: readonly Float64Array[],
  evaluate: Objective,
): Search[] {
  const scratch = new Float64Array(NAMES.length);
  return starts
    .filter((start) => Number.isFinite(evaluate(start, scratch)))
    .map((start) => ({
      start,
      end: minimize(evaluate, start, {
        gradientTolerance: 1e-9,
        valueTolerance: 1e-9,
      }),
    }));
}

/**
 * Fits the law to runs. The result does not depend on the order of the runs
 * beyond rounding nor, from the default starts, on the units of N and D:
 * counted in units of c, A becomes A / c^alpha and B becomes B / c^beta.
 *
 * @throws {DataError} when the runs cannot determine a law (see
 * {@linkcode checkObservations})
 * @throws {ConfigError} when delta is not above 0, or the objective is finite
 * at no start
 */
export function fitLaw(
  observations: readonly Observation[],
  options: FitOptions = {},
): LawFit {
  checkObservations(observations);
  const {
    delta = 1e-3,
    starts = scaledStarts(observations),
    name = "Fit",
  } = options;
  checkPositive("delta", delta);
  const { evaluate, encode, decode } = huberObjective(observations, delta);
  const searches = searchFrom(starts.map(encode), evaluate);
  if (searches.length === 0) {
    throw new ConfigError(
      `Cannot fit a law from ${starts.length} starts: wanted at least 1 at ` +
        `which the objective is finite`,
    );
  }
  const best = searches.reduce((a, b) => b.end.value < a.end.value ? b : a);
  // The winner goes on until rounding stops it.
  const final = minimize(evaluate, best.end.x, { valueTolerance: 1e-15 });
  // The second term stands for runs without noise, whose objective is 0.
  const limit = final.value * (1 + SAME) + SAME * delta * observations.length;
  const count = (f: (end: Minimum) => boolean) =>
    searches.filter((search) => f(search.end)).length;
  const law = decode(final.x);
  return {
    law: {
      name,
      source: `Huber fit (delta ${delta}) to ${observations.length} runs`,
      ...law,
    },
    objective: final.value * delta,
    delta,
    numObservations: observations.length,
    starts: {
      total: starts.length,
      reachedBest: count((end) => end.value <= limit),
      unmoved: count((end) => end.iterations === 0),
      unfinished: count((end) => end.reason === "iterations"),
      impossible: starts.length - searches.length,
    },
    evaluations: searches.reduce((n, { end }) => n + end.evaluations, 0) +
      final.evaluations,
    reason: final.reason,
    gradientNorm: final.gradientNorm * delta,
    atBounds: findBounds(law, observations),
    unmoved: NAMES.filter((_, i) =>
      Math.abs(final.x[i]! - best.start[i]!) <= UNMOVED
    ),
  };
}
