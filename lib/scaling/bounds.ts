/**
 * When a constant of a fitted law has run to the edge of sense.
 *
 * @module
 */
import type { LawConstants } from "./law.ts";
import type { Observation } from "./observations.ts";

/** Names of the constants in the order of the coordinates of a fit. */
export const LAW_NAMES = ["A", "B", "E", "alpha", "beta"] as const;
/** A term below this share of every loss is gone. */
const VANISHED = 1e-6;
/** Below, a term is a constant like E; above, it is gone after one run. */
const EXPONENTS = [1e-3, 5] as const;

/**
 * E, A, B whose term is nowhere above a millionth of the loss; exponents
 * outside of 0.001 to 5.
 */
export function findBounds(
  law: LawConstants,
  observations: readonly Observation[],
): (keyof LawConstants)[] {
  const terms = {
    E: () => law.E,
    A: (o: Observation) => law.A * o.parameters ** -law.alpha,
    B: (o: Observation) => law.B * o.tokens ** -law.beta,
  };
  return LAW_NAMES.filter((name) =>
    name === "alpha" || name === "beta"
      ? !(law[name] > EXPONENTS[0] && law[name] < EXPONENTS[1])
      : observations.every((o) => !(terms[name](o) > VANISHED * o.loss))
  );
}
