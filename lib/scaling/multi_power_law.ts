/**
 * The multi-power law (Luo et al. 2025, arXiv 2503.12811): the whole loss curve
 * under any learning-rate schedule, which a Chinchilla law, made for finished
 * runs, cannot give. It reads the schedule as a list, one rate a step.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";

/** Constants of the multi-power law. */
export interface MultiPowerLaw {
  readonly L0: number;
  readonly A: number;
  readonly alpha: number;
  readonly B: number;
  readonly C: number;
  readonly beta: number;
  readonly gamma: number;
}

function checkRates(rates: ArrayLike<number>): void {
  for (let i = 0; i < rates.length; i++) {
    if (rates[i]! >= 0 && rates[i]! < Infinity) continue;
    throw new ConfigError(
      `Cannot use learning rate ${rates[i]} at step ${i}: wanted finite ` +
        `numbers of at least 0`,
    );
  }
}

function checkStep(step: number, numSteps: number): void {
  if (Number.isInteger(step) && step >= 1 && step < numSteps) return;
  throw new ConfigError(
    `Cannot predict step ${step} of a schedule of ${numSteps}: ` +
      `wanted a whole number in 1..${numSteps - 1}`,
  );
}

/**
 * Loss at chosen steps by the multi-power law:
 * L(t) = L0 + A S(t)^-alpha - B sum_k (lr_{k-1} - lr_k)
 * (1 - (1 + C lr_k^-gamma (S(t) - S(k-1)))^-beta) over 1 <= k <= t, with S the
 * running sum of the rates, warm-up included.
 *
 * @param rates learning rate of each step, from step 0
 * @param steps for which to predict, each from 1 to the last
 * @returns nats per token, one for each of `steps`
 * @throws {ConfigError} when a rate is negative or a step outside
 */
export function multiPowerLoss(
  law: MultiPowerLaw,
  rates: ArrayLike<number>,
  steps: readonly number[],
): Float64Array {
  checkRates(rates);
  const { L0, A, alpha, B, C, beta, gamma } = law;
  let area = 0; // under the schedule
  const S = Float64Array.from(rates, (rate) => area += rate);
  // Constant stretches add nothing: only changes of the rate are kept.
  const changes: { step: number; fall: number; speed: number }[] = [];
  for (let k = 1; k < rates.length; k++) {
    const fall = rates[k - 1]! - rates[k]!;
    if (fall === 0) continue;
    changes.push({ step: k, fall, speed: C * rates[k]! ** -gamma });
  }
  return Float64Array.from(steps, (t) => {
    checkStep(t, rates.length);
    let drop = 0;
    for (const { step, fall, speed } of changes) {
      if (step > t) break;
      drop += fall * (1 - (1 + speed * (S[t]! - S[step - 1]!)) ** -beta);
    }
    return L0 + A * S[t]! ** -alpha - B * drop;
  });
}
