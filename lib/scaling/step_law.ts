/**
 * The step law (Li et al. 2025, arXiv 2503.04715): the best peak learning rate
 * and the best batch as power laws of N and D. The constants are means over
 * the 1000 resamples in the authors' repository.
 *
 * @module
 */
import { checkPositive } from "./checks.ts";
import type { Allocation } from "./law.ts";

/** Constants of the step law. */
export interface StepLaw {
  /** Peak learning rate = rate N^rateByParameters D^rateByTokens. */
  readonly rate: number;
  readonly rateByParameters: number;
  readonly rateByTokens: number;
  /** Batch in tokens = batch D^batchByTokens. */
  readonly batch: number;
  readonly batchByTokens: number;
}

/** The published constants. */
export const STEP_LAW: StepLaw = {
  rate: 1.797,
  rateByParameters: -0.713,
  rateByTokens: 0.307,
  batch: 0.581,
  batchByTokens: 0.571,
};

/** What to train with. */
export interface TrainingSettings {
  /** Peak learning rate of AdamW. */
  readonly learningRate: number;
  /** Tokens in one optimizer step. */
  readonly batchTokens: number;
}

/**
 * The best learning rate and batch for a size and its tokens.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function stepLawSettings(
  { parameters, tokens }: Allocation,
  law: StepLaw = STEP_LAW,
): TrainingSettings {
  checkPositive("parameters", parameters);
  checkPositive("tokens", tokens);
  return {
    learningRate: law.rate * parameters ** law.rateByParameters *
      tokens ** law.rateByTokens,
    batchTokens: law.batch * tokens ** law.batchByTokens,
  };
}
