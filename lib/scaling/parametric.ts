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
import { findBounds, LAW_NAMES } from "./bounds.ts";
import { type LawObjective, tieExponents } from "./coordinates.ts";
import type { ChinchillaLaw, LawConstants } from "./law.ts";
import { minimize, type Minimum } from "./minimize.ts";
import {
  describeMisfit,
  fitObjective,
  type Misfit,
  type MisfitOptions,
  resolveMisfit,
} from "./misfit.ts";
import { misfitObjective } from "./misfit_objective.ts";
import { checkObservations, type Observation } from "./observations.ts";
import { scaledStarts } from "./starts.ts";

/** Knobs of {@linkcode fitLaw}; every field has a default. */
export interface FitOptions extends MisfitOptions {
  /** Starts (default {@linkcode scaledStarts} of the runs). */
  readonly starts?: readonly LawConstants[];
  /** One exponent for both terms, alpha = beta (default false). */
  readonly isTied?: boolean;
  /**
   * Share of the objective below which two steps of the last search must gain
   * to end it (default 1e-15: until rounding ends it).
   */
  readonly precision?: number;
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
  /** Sum over runs of the misfit at the law. */
  readonly objective: number;
  /** What was made small. */
  readonly misfit: Misfit;
  /** Whether alpha = beta was demanded. */
  readonly isTied: boolean;
  readonly numObservations: number;
  readonly starts: StartCounts;
  /**
   * Other ends within a hundredth of the best objective whose constants differ
   * by more than a tenth, best first, five at the most: local optima, or a
   * ridge along which the runs do not decide.
   */
  readonly rivals: readonly LawConstants[];
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

/** Starts this close to the best objective, as a share, have reached it. */
const SAME = 1e-6;
/** Rivals are this close to the best objective, as a share of it... */
const RIVAL = 0.01;
/** ... and this far from the best law in some constant, as a share of that. */
const RIVAL_DISTANCE = 0.1;
const MAX_RIVALS = 5;
/** A coordinate of order 1 that moved no further than this stood still. */
const UNMOVED = 1e-9;

/** One search from one start, both in coordinates. */
interface Search {
  readonly start: Float64Array;
  readonly end: Minimum;
}

/** A search from every start at which the objective is finite. */
function searchFrom(
  starts: readonly LawConstants[],
  { evaluate, encode }: LawObjective,
): Search[] {
  return starts
    .map(encode)
    .filter((start) => {
      const gradient = start.slice();
      return Number.isFinite(evaluate(start, gradient)) &&
        gradient.every(Number.isFinite);
    })
    .map((start) => ({
      start,
      end: minimize(evaluate, start, {
        gradientTolerance: 1e-9,
        valueTolerance: 1e-9,
      }),
    }));
}

/** Whether two laws are further apart than {@linkcode RIVAL_DISTANCE}. */
function differ(a: LawConstants, b: LawConstants): boolean {
  return LAW_NAMES.some((name) =>
    Math.abs(a[name] - b[name]) > RIVAL_DISTANCE * Math.abs(b[name])
  );
}

/** Laws of good ends elsewhere than at the best, each once, best first. */
function findRivals(
  searches: readonly Search[],
  best: LawConstants,
  limit: number,
  decode: LawObjective["decode"],
): LawConstants[] {
  const rivals: LawConstants[] = [];
  const ends = searches.map(({ end }) => end);
  const good = ends.filter((end) => end.value <= limit);
  for (const { x } of good.sort((a, b) => a.value - b.value)) {
    if (rivals.length === MAX_RIVALS) break;
    const law = decode(x);
    if ([best, ...rivals].every((other) => differ(law, other))) {
      rivals.push(law);
    }
  }
  return rivals;
}

/**
 * Fits the law to runs. The result does not depend on the order of the runs
 * beyond rounding nor, from the default starts, on the units of N and D:
 * counted in units of c, A becomes A / c^alpha and B becomes B / c^beta.
 *
 * @throws {DataError} when the runs cannot determine a law (see
 * {@linkcode checkObservations})
 * @throws {ConfigError} when an option is out of range (see
 * {@linkcode resolveMisfit}), or the objective is finite at no start
 */
export function fitLaw(
  observations: readonly Observation[],
  options: FitOptions = {},
): LawFit {
  const { isTied = false, precision = 1e-15, name = "Fit" } = options;
  const misfit = resolveMisfit(options);
  checkObservations(observations, { numConstants: isTied ? 4 : 5 });
  const { starts = scaledStarts(observations) } = options;
  const free = misfitObjective(observations, misfit);
  const objective = isTied ? tieExponents(free) : free;
  const { evaluate, decode, scale } = objective;
  const searches = searchFrom(starts, objective);
  if (searches.length === 0) {
    throw new ConfigError(
      `Cannot fit a law from ${starts.length} starts: wanted at least 1 at ` +
        `which the objective is finite`,
    );
  }
  const best = searches.reduce((a, b) => b.end.value < a.end.value ? b : a);
  const final = minimize(evaluate, best.end.x, { valueTolerance: precision });
  // The second term stands for runs without noise, whose objective is 0.
  const crumb = SAME * misfit.delta * observations.length;
  const limit = final.value * (1 + SAME) + crumb;
  const count = (f: (end: Minimum) => boolean) =>
    searches.filter((search) => f(search.end)).length;
  const law = decode(final.x);
  const tied = isTied ? ", alpha = beta" : "";
  return {
    law: {
      name,
      source: `${describeMisfit(misfit)}${tied}, ${observations.length} runs`,
      ...law,
    },
    // In plain steps: the search rounds the kink of an absolute misfit off.
    objective: fitObjective(law, observations, misfit),
    misfit,
    isTied,
    numObservations: observations.length,
    starts: {
      total: starts.length,
      reachedBest: count((end) => end.value <= limit),
      unmoved: count((end) => end.iterations === 0),
      unfinished: count((end) => end.reason === "iterations"),
      impossible: starts.length - searches.length,
    },
    rivals: findRivals(
      searches,
      law,
      final.value * (1 + RIVAL) + crumb,
      decode,
    ),
    evaluations: searches.reduce((n, { end }) => n + end.evaluations, 0) +
      final.evaluations,
    reason: final.reason,
    gradientNorm: final.gradientNorm * scale,
    atBounds: findBounds(law, observations),
    unmoved: LAW_NAMES.slice(0, final.x.length).filter((_, i) =>
      Math.abs(final.x[i]! - best.start[i]!) <= UNMOVED
    ),
  };
}
