/**
 * Every misfit of `misfit.ts` with its exact gradient. The one of Hoffmann et
 * al. and its limit for small delta go through the quick loop of
 * `huber_objective.ts`, the others through a plain one.
 *
 * @module
 */
import { lawCoordinates, type LawObjective } from "./coordinates.ts";
import { fastExp } from "./fast_exp.ts";
import { huberObjective } from "./huber_objective.ts";
import type { Misfit } from "./misfit.ts";
import type { Observation } from "./observations.ts";

/**
 * Width of the rounding at the kink of an absolute misfit, in the unit of the
 * residual: a hundred thousandth of what a loss can be known to.
 */
export const KINK = 1e-8;

/** The objective of these runs for a minimizer; see {@linkcode LawObjective}. */
export function misfitObjective(
  observations: readonly Observation[],
  options: Misfit,
): LawObjective {
  const { misfit, residual, overWeight } = options;
  const delta = misfit === "absolute" ? KINK : options.delta;
  // The quick loop divides by delta, which turns Huber's function into |r|.
  const scale = misfit === "huber" ? delta : 1;
  if (misfit !== "squared" && residual === "log" && overWeight === 1) {
    return { ...huberObjective(observations, delta), scale };
  }
  const { xs, ys, encode, decode } = lawCoordinates(observations);
  const losses = Float64Array.from(observations, (o) => o.loss);
  const isLog = residual === "log", isSquared = misfit === "squared";
  const evaluate = (p: Float64Array, gradient: Float64Array): number => {
    const a = p[0]!, b = p[1]!, E = Math.exp(p[2]!);
    const alpha = p[3]!, beta = p[4]!;
    gradient.fill(0);
    let total = 0;
    for (let i = 0; i < xs.length; i++) {
      const u = fastExp(a - alpha * xs[i]!), v = fastExp(b - beta * ys[i]!);
      const sum = u + v + E;
      const r = isLog ? Math.log(sum / losses[i]!) : sum - losses[i]!;
      const weight = r > 0 ? overWeight : 1;
      const clipped = r > delta ? delta : r < -delta ? -delta : r;
      total += weight *
        (isSquared ? r * r : clipped * (r - clipped / 2) / delta);
      const slope = weight * (isSquared ? 2 * r : clipped / delta);
      const q = isLog ? slope / sum : slope;
      gradient[0]! += q * u;
      gradient[1]! += q * v;
      gradient[2]! += q * E;
      gradient[3]! -= q * u * xs[i]!;
      gradient[4]! -= q * v * ys[i]!;
    }
    return total;
  };
  return { evaluate, encode, decode, scale };
}
