/**
 * Metrics of cloze and rolling tasks, as in lm-evaluation-harness:
 *
 *     acc              share of targets that the model would write greedily
 *     perplexity       exp(-mean of log p(target))
 *     word_perplexity  exp(-Σ log p / Σ words)
 *     byte_perplexity  exp(-Σ log p / Σ bytes)
 *     bits_per_byte    -Σ log p / Σ bytes / ln 2
 *
 * @module
 */
import type { LikelihoodRecord } from "./evaluate_likelihood.ts";
import type { LikelihoodTask } from "./likelihood_task.ts";
import {
  countRecords,
  estimateMetric,
  type RecordMetric,
  type TaskSummary,
} from "./record_metric.ts";

/** What a score is made of. */
export type LikelihoodFacts = Pick<
  LikelihoodRecord,
  "logLikelihood" | "isGreedy" | "words" | "bytes"
>;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Nats per unit of what `count` counts. */
const lossPer =
  (count: (facts: LikelihoodFacts) => number) =>
  (facts: readonly LikelihoodFacts[]) =>
    -sum(facts.map(({ logLikelihood }) => logLikelihood)) /
    sum(facts.map(count));

const perItem = lossPer(() => 1);
const perWord = lossPer(({ words }) => words);
const perByte = lossPer(({ bytes }) => bytes);

const falling = { isMean: false, isHigherBetter: false };

/** Metrics of a kind of task. */
export const LIKELIHOOD_METRICS: Readonly<
  Record<LikelihoodTask["kind"], readonly RecordMetric<LikelihoodFacts>[]>
> = {
  cloze: [
    {
      name: "acc",
      isMean: true,
      isHigherBetter: true,
      of: (facts) =>
        facts.filter(({ isGreedy }) => isGreedy).length / facts.length,
    },
    { name: "perplexity", ...falling, of: (f) => Math.exp(perItem(f)) },
  ],
  rolling: [
    { name: "bits_per_byte", ...falling, of: (f) => perByte(f) / Math.LN2 },
    { name: "byte_perplexity", ...falling, of: (f) => Math.exp(perByte(f)) },
    { name: "word_perplexity", ...falling, of: (f) => Math.exp(perWord(f)) },
  ],
};

/** Scores of records; perplexities with bootstrap errors (1,000 draws). */
export function summarizeLikelihoods(
  { kind }: Pick<LikelihoodTask, "kind">,
  records: readonly (LikelihoodFacts & { readonly isTruncated: boolean })[],
): TaskSummary {
  const metrics = LIKELIHOOD_METRICS[kind];
  return {
    ...countRecords(records),
    metrics: Object.fromEntries(
      metrics.map((m) => [m.name, estimateMetric(m, records)]),
    ),
    floors: {}, // there is none to a likelihood
  };
}
