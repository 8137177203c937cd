/**
 * The budget analysis of TeenyTinyLlama told again: what each set of
 * constants predicts for its two runs, beside what was observed. The
 * authors' script prints 2^loss and calls it perplexity, their training code
 * prints e^loss; both are here, so that the two can be told apart.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import { tokensPerParameter } from "./allocate.ts";
import { type ChinchillaLaw, LAWS, predictLoss } from "./law.ts";
import type { TtlRun } from "./ttl_data.ts";

/** One law's prediction for one run, beside the run's last evaluation. */
export interface TtlPrediction {
  readonly model: string;
  readonly law: string;
  /** D / N at the end of the run. */
  readonly tokensPerParameter: number;
  /** Predicted for the whole run, nats per token. */
  readonly predictedLoss: number;
  /** e^loss: the perplexity of a loss in nats. */
  readonly perplexity: number;
  /** 2^loss: what the authors' script prints. */
  readonly scriptPerplexity: number;
  /** At the last evaluation, nats per token. */
  readonly observedLoss: number;
  readonly observedPerplexity: number;
  /** Predicted for the tokens of the last evaluation, minus observed. */
  readonly gap: number;
}

/**
 * Predictions of several laws for several runs, run by run.
 *
 * @throws {DataError} when a run has no evaluation
 */
export function predictTtlRuns(
  runs: readonly TtlRun[],
  laws: readonly ChinchillaLaw[] = LAWS,
): TtlPrediction[] {
  return runs.flatMap((run) => {
    const last = run.checkpoints.at(-1);
    if (last === undefined) {
      throw new DataError(
        `Cannot compare ${run.name} with a law: it has 0 evaluations, ` +
          `wanted at least 1`,
      );
    }
    return laws.map((law) => {
      const predictedLoss = predictLoss(law, run);
      const { parameters } = run;
      const atLast = predictLoss(law, { parameters, tokens: last.tokens });
      return {
        model: run.name,
        law: law.name,
        tokensPerParameter: tokensPerParameter(run),
        predictedLoss,
        perplexity: Math.exp(predictedLoss),
        scriptPerplexity: 2 ** predictedLoss,
        observedLoss: last.loss,
        observedPerplexity: last.perplexity,
        gap: atLast - last.loss,
      };
    });
  });
}
