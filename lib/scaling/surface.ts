/**
 * The predicted loss over a grid of sizes, evenly spaced in the logarithm:
 * what a contour plot draws.
 *
 * @module
 */
import { checkCount, checkPositive } from "./checks.ts";
import { type LawConstants, predictLoss } from "./law.ts";

/** Loss on a grid; all sizes are counts, losses nats per token. */
export interface LossSurface {
  /** One for each column. */
  readonly parameters: readonly number[];
  /** One for each row. */
  readonly tokens: readonly number[];
  /** loss[row][column]. */
  readonly loss: readonly (readonly number[])[];
}

/** A range of sizes, both ends included. */
export type SizeRange = readonly [from: number, to: number];

/**
 * `count` numbers from `from` to `to` with equal ratios.
 *
 * @throws {ConfigError} when an end is not above 0 or `count` is not a whole
 * number of at least 2
 */
export function geometricSteps([from, to]: SizeRange, count: number): number[] {
  checkPositive("start of a range", from);
  checkPositive("end of a range", to);
  checkCount(`take ${count} steps from ${from} to ${to}`, count, 2);
  return Array.from({ length: count }, (_, i) => {
    if (i === count - 1) return to; // not off by rounding
    return from * (to / from) ** (i / (count - 1));
  });
}

/**
 * Predicted loss for every pair of sizes.
 *
 * @param options.steps columns and rows of the grid (default 21)
 */
export function lossSurface(
  law: LawConstants,
  options: {
    readonly parameters: SizeRange;
    readonly tokens: SizeRange;
    readonly steps?: number;
  },
): LossSurface {
  const { steps = 21 } = options;
  const parameters = geometricSteps(options.parameters, steps);
  const tokens = geometricSteps(options.tokens, steps);
  return {
    parameters,
    tokens,
    loss: tokens.map((D) =>
      parameters.map((N) => predictLoss(law, { parameters: N, tokens: D }))
    ),
  };
}
