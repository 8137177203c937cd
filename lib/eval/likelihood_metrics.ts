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
import { type Estimate, estimateMean } from "./choice_metrics.ts";
import type { LikelihoodRecord } from "./evaluate_likelihood.ts";
import { bootstrapError } from "./label_metrics.ts";
import type { LikelihoodTask } from "./likelihood_task.ts";

/** What a score is made of. */
export type LikelihoodFacts = Pick<
  LikelihoodRecord,
  "logLikelihood" | "isGreedy" | "words" | "bytes"
>;

/** A metric of likelihoods; `isMean` where it is a mean over the items. */
export interface LikelihoodMetric {
  readonly name: string;
  readonly isMean: boolean;
  readonly isHigherBetter: boolean;
  readonly of: (facts: readonly LikelihoodFacts[]) => number;
}

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
  Record<LikelihoodTask["kind"], readonly LikelihoodMetric[]>
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

/** What such a task came to. */
export interface LikelihoodSummary {
  readonly items: number;
  /** Items whose context was cut from the left. */
  readonly truncated: number;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** There is no floor to a likelihood. */
  readonly floors: Readonly<Record<string, number>>;
}

/** Scores of records; perplexities with bootstrap errors (1,000 draws). */
export function summarizeLikelihoods(
  { kind }: Pick<LikelihoodTask, "kind">,
  records: readonly (LikelihoodFacts & { readonly isTruncated: boolean })[],
): LikelihoodSummary {
  const metrics = LIKELIHOOD_METRICS[kind].map(({ name, isMean, of }) => {
    const estimate = isMean
      ? estimateMean(records.map((record) => of([record])))
      : {
        mean: of(records),
        standardError: records.length < 2 ? NaN : bootstrapError(
          records.length,
          (indices) => of(indices.map((i) => records[i]!)),
        ),
        count: records.length,
      };
    return [name, estimate] as const;
  });
  return {
    items: records.length,
    truncated: records.filter(({ isTruncated }) => isTruncated).length,
    metrics: Object.fromEntries(metrics),
    floors: {},
  };
}
