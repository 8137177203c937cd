/**
 * How far a law is from runs, in one number: what a fit makes small. Hoffmann
 * et al. 2022 take Huber's function of log losses; others take absolute or
 * squared errors, of logs or of losses, or count a prediction that is too high
 * more than one too low. The fitted exponents depend on it.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import { checkPositive } from "./checks.ts";
import { type LawConstants, predictLoss } from "./law.ts";
import type { Observation } from "./observations.ts";

/** What a fit makes small; every field has a default. */
export interface MisfitOptions {
  /**
   * Function of one residual r, summed over runs (default "huber"):
   * "huber" r^2 / 2 within ±delta and delta (|r| - delta / 2) outside;
   * "absolute" |r|; "squared" r^2.
   */
  readonly misfit?: "huber" | "absolute" | "squared";
  /**
   * What is compared (default "log"): "log" ln predicted - ln observed loss,
   * "loss" predicted - observed loss, nats per token.
   */
  readonly residual?: "log" | "loss";
  /**
   * Where Huber's function turns from a square to a line, in the unit of the
   * residual (default 0.001). Towards 0 it becomes the absolute misfit.
   */
  readonly delta?: number;
  /** Weight of a run whose loss is predicted too high (default 1). */
  readonly overWeight?: number;
}

/** {@linkcode MisfitOptions} with all defaults filled in. */
export type Misfit = Required<MisfitOptions>;

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} when delta or the weight is not a finite number above 0
 * or a name is not known
 */
export function resolveMisfit(options: MisfitOptions = {}): Misfit {
  const { misfit = "huber", residual = "log", delta = 1e-3, overWeight = 1 } =
    options;
  checkPositive("delta", delta);
  checkPositive("overWeight", overWeight);
  if (!["huber", "absolute", "squared"].includes(misfit)) {
    throw new ConfigError(
      `Cannot use misfit "${misfit}": there are huber, absolute, squared`,
    );
  }
  if (residual !== "log" && residual !== "loss") {
    throw new ConfigError(
      `Cannot use residual "${residual}": there are log, loss`,
    );
  }
  return { misfit, residual, delta, overWeight };
}

/** "Huber misfit (delta 0.001) of log loss", for the source of a law. */
export function describeMisfit(misfit: Misfit): string {
  const name = misfit.misfit === "huber"
    ? `Huber misfit (delta ${misfit.delta})`
    : `${misfit.misfit} misfit`;
  const of = misfit.residual === "log" ? "log loss" : "loss";
  const weight = misfit.overWeight === 1
    ? ""
    : `, predictions too high weigh ${misfit.overWeight}`;
  return `${name} of ${of}${weight}`;
}

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
 * Sum over runs of the misfit of a law, in plain steps: by default the Huber
 * terms of log residuals of Hoffmann et al. 2022, equation 3.
 *
 * @throws {ConfigError} as {@linkcode resolveMisfit}
 */
export function fitObjective(
  law: LawConstants,
  observations: readonly Observation[],
  options: MisfitOptions = {},
): number {
  const { misfit, residual, delta, overWeight } = resolveMisfit(options);
  const residuals = residual === "log"
    ? logResiduals(law, observations)
    : observations.map((o) => predictLoss(law, o) - o.loss);
  let sum = 0;
  for (const r of residuals) {
    const clipped = Math.max(-delta, Math.min(delta, r));
    const term = misfit === "squared"
      ? r * r
      : misfit === "absolute"
      ? Math.abs(r)
      : clipped * (r - clipped / 2);
    sum += r > 0 ? overWeight * term : term;
  }
  return sum;
}

/**
 * Log likelihood of the observed log losses when residuals follow Laplace's
 * density with the scale that suits them best: -n (ln(2 mean |r|) + 1). It is
 * what the likelihood of Besiroglu et al. 2024 (arXiv 2404.10102, a Huber
 * density of free scale) becomes, since its scale goes to zero.
 */
export function laplaceLogLikelihood(
  law: LawConstants,
  observations: readonly Observation[],
): number {
  const count = observations.length;
  const total = fitObjective(law, observations, { misfit: "absolute" });
  return -count * (Math.log(2 * total / count) + 1);
}
