/**
 * The step law (Li et al. 2025, arXiv 2503.04715): the best peak learning rate
 * and the best batch as power laws of N and D. The constants are means over
 * the 1000 resamples in the authors' repository.
 *
 * @module
 */
import { checkPositive } from "./checks.ts";
import type { Allocation } from "./law.ts";

/** What to train with. */
export interface TrainingSettings {
  /** Peak learning rate of AdamW. */
  readonly learningRate: number;
  /** Tokens in one optimizer step. */
  readonly batchTokens: number;
}

/**
 * The best learning rate and batch for a size and its tokens:
 * 1.797 N^-0.713 D^0.307 and 0.581 D^0.571.
 *
 * @throws {ConfigError} when a number is not above 0
 */
export function stepLawSettings(
  { parameters, tokens }: Allocation,
): TrainingSettings {
  checkPositive("parameters", parameters);
  checkPositive("tokens", tokens);
  return {
    learningRate: 1.797 * parameters ** -0.713 * tokens ** 0.307,
    batchTokens: 0.581 * tokens ** 0.571,
  };
}
