/**
 * Approach 2 of Hoffmann et al. 2022 (section 3.2): for each budget a parabola
 * of the final loss over ln N, its lowest point as the best size N*, and power
 * laws of N* and D* = C / (6 N*) in C through those points.
 *
 * A parabola is only like the truth near its vertex: it is biased when alpha
 * and beta differ and the sizes reach far or lie off the middle. `window` keeps
 * the sizes next to the lowest loss only.
 *
 * @module
 */
import { DataError, formatCount, formatScientific } from "../util/mod.ts";
import type { BudgetGroup } from "./budget_groups.ts";
import { checkCount, checkRuns } from "./checks.ts";
import { leastSquares } from "./least_squares.ts";
import type { Observation } from "./observations.ts";
import { fitFrontier, type FrontierFit } from "./power_law.ts";
import { meanOf } from "./sample_statistics.ts";

/** The parabola of one budget. */
export interface IsoFlopProfile extends BudgetGroup {
  /** The runs of the parabola: all, or those in the window. */
  readonly fitted: readonly Observation[];
  /** loss = level + slope z + curvature z^2 with z = ln(N / centre). */
  readonly centre: number;
  readonly level: number;
  readonly slope: number;
  readonly curvature: number;
  /** N at the vertex, a count; undefined when the curve has no lowest point. */
  readonly optimalParameters: number | undefined;
  /** Loss at the vertex, nats per token. */
  readonly optimalLoss: number | undefined;
  /** Whether the vertex lies between the smallest and the largest size. */
  readonly isInside: boolean;
  /** What makes the vertex doubtful, in words. */
  readonly warnings: readonly string[];
}

/** Best sizes of several budgets and their power laws. */
export interface IsoFlopFit extends FrontierFit {
  readonly profiles: readonly IsoFlopProfile[];
  /** Those of all profiles, each with its budget. */
  readonly warnings: readonly string[];
}

/** Knobs of {@linkcode fitIsoFlops}; every field has a default. */
export interface IsoFlopOptions {
  /** Sizes next to the lowest loss that are fitted, at least 3 (default all). */
  readonly window?: number;
  /** Leave out budgets whose vertex lies outside (default false). */
  readonly dropOutside?: boolean;
}

/** Fewer sizes leave nothing over to see a misfit by. */
const MIN_SIZES = 3;
/** A size counts as another one when it is this much larger. */
const SAME_SIZE = 1.001;

/** The runs of the sizes next to the lowest loss, from small to large. */
function chooseRuns(runs: readonly Observation[], window: number) {
  const sorted = runs.toSorted((a, b) => a.parameters - b.parameters);
  const losses = sorted.map((run) => run.loss);
  const lowest = losses.indexOf(Math.min(...losses));
  const first = Math.min(
    Math.max(0, lowest - (window >> 1)),
    Math.max(0, sorted.length - window),
  );
  return sorted.slice(first, first + window);
}

function countSizes(sorted: readonly Observation[]): number {
  return sorted.filter((run, i) =>
    i === 0 || run.parameters > sorted[i - 1]!.parameters * SAME_SIZE
  ).length;
}

/** level, slope and curvature of a parabola by least squares. */
function fitParabola(z: readonly number[], losses: readonly number[]) {
  const columns = [z.map(() => 1), z, z.map((value) => value * value)];
  const { coefficients } = leastSquares(columns, losses);
  return coefficients as [number, number, number];
}

/** What makes a profile doubtful, in words, and what to do. */
function describeDoubts(
  profile: Omit<IsoFlopProfile, "warnings">,
  numSizes: number,
): string[] {
  const { fitted, curvature, optimalParameters, isInside } = profile;
  if (numSizes < MIN_SIZES) {
    return [`${numSizes} different sizes, a parabola needs ${MIN_SIZES}`];
  }
  const warnings: string[] = [];
  if (numSizes < fitted.length) {
    warnings.push(
      `${fitted.length} runs have ${numSizes} different sizes: runs of one ` +
        `size weigh more than others`,
    );
  }
  if (numSizes === MIN_SIZES) {
    warnings.push("3 sizes: the parabola passes through all, right or wrong");
  }
  if (optimalParameters === undefined) {
    warnings.push(
      `curvature ${curvature.toPrecision(3)}: the parabola has no lowest ` +
        `point, widen the range of sizes`,
    );
  } else if (!isInside) {
    const [from, to] = [fitted[0]!, fitted.at(-1)!].map((run) =>
      run.parameters
    ) as [number, number];
    warnings.push(
      `vertex ${formatCount(optimalParameters)} lies outside of the sizes ` +
        `${formatCount(from)} to ${formatCount(to)}, train ` +
        `${optimalParameters < from ? "smaller" : "larger"} models`,
    );
  }
  return warnings;
}

/**
 * The parabola of one budget.
 *
 * @throws {ConfigError} when the window is not a whole number of at least 3
 * @throws {DataError} when a number of a run is not finite and above 0
 */
export function fitIsoFlop(
  group: BudgetGroup,
  { window = Infinity }: Pick<IsoFlopOptions, "window"> = {},
): IsoFlopProfile {
  if (window !== Infinity) {
    const task = `fit a parabola to a window of ${window} sizes`;
    checkCount(task, window, MIN_SIZES);
  }
  checkRuns("fit a parabola", group.runs);
  const fitted = chooseRuns(group.runs, window);
  const numSizes = countSizes(fitted);
  const lnN = fitted.map((run) => Math.log(run.parameters));
  const middle = meanOf(lnN);
  const z = lnN.map((value) => value - middle);
  const [level, slope, curvature] = numSizes < MIN_SIZES
    ? [NaN, NaN, NaN]
    : fitParabola(z, fitted.map((run) => run.loss));
  const hasBottom = curvature > 0;
  const vertex = -slope / (2 * curvature);
  const profile = {
    ...group,
    fitted,
    centre: Math.exp(middle),
    level,
    slope,
    curvature,
    optimalParameters: hasBottom ? Math.exp(middle + vertex) : undefined,
    optimalLoss: hasBottom ? level + vertex * slope / 2 : undefined,
    isInside: hasBottom && vertex >= z[0]! && vertex <= z.at(-1)!,
  };
  return { ...profile, warnings: describeDoubts(profile, numSizes) };
}

/**
 * Parabolas of all budgets and the power laws through their vertices.
 *
 * @throws {DataError} when fewer than two budgets have a vertex, or as
 * {@linkcode fitIsoFlop}
 * @throws {ConfigError} as {@linkcode fitIsoFlop}
 */
export function fitIsoFlops(
  groups: readonly BudgetGroup[],
  options: IsoFlopOptions = {},
): IsoFlopFit {
  const profiles = groups.map((group) => fitIsoFlop(group, options));
  const warnings = profiles.flatMap(({ budget, warnings }) =>
    warnings.map((text) => `${formatScientific(budget)} FLOPs: ${text}`)
  );
  const used = profiles.flatMap((profile) => {
    const { budget, optimalParameters: parameters, isInside } = profile;
    const isUsed = isInside || !options.dropOutside;
    return parameters !== undefined && isUsed ? [{ budget, parameters }] : [];
  });
  if (used.length < 2) {
    throw new DataError(
      `Cannot fit power laws to ${used.length} of ${groups.length} budgets ` +
        `with a lowest point, wanted at least 2: ${warnings.join("; ")}`,
    );
  }
  return { profiles, ...fitFrontier(used), warnings };
}
