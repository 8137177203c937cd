/**
 * Two models on the same items: is one better, or is it luck? Each item is
 * compared with itself. A difference comes with z, its ratio to its standard
 * error, and with the interval of a paired bootstrap: both models' answers to
 * the same resampled items, again and again.
 *
 * @module
 */
import { basename, join } from "node:path";
import { DataError, exists, Random, readRecords } from "../util/mod.ts";
import type { AnswerForm } from "./answer_forms.ts";
import { findAnswerTask } from "./answer_tasks.ts";
import { pairedDifference } from "./choice_metrics.ts";
import { answerMetrics, type AnswerRecord } from "./evaluate_answers.ts";
import type { ChoiceRecord } from "./evaluate_choices.ts";
import type { LikelihoodRecord } from "./evaluate_likelihood.ts";
import {
  LIKELIHOOD_METRICS,
  type LikelihoodFacts,
} from "./likelihood_metrics.ts";
import type { LikelihoodTask } from "./likelihood_task.ts";
import type { RecordMetric } from "./record_metric.ts";

/** What a samples file keeps of an item with choices. */
export type KeptChoice = Pick<
  ChoiceRecord,
  "id" | "metrics" | "gold" | "group" | "isTruncated"
>;

/** What a samples file keeps of an item that was answered. */
export type KeptAnswer =
  & Pick<
    AnswerRecord,
    "id" | "answer" | "gold" | "group" | "isTruncated"
  >
  & {
    /** Form of the task's answers, where it is not one of this library. */
    readonly form?: AnswerForm["kind"];
  };

/** What a samples file keeps of a text whose likelihood was measured. */
export type KeptLikelihood =
  & Pick<LikelihoodRecord, "id" | "isTruncated">
  & LikelihoodFacts
  & {
    readonly kind: LikelihoodTask["kind"];
    /** The text itself, by which two models are known to have read the same. */
    readonly gold: string;
  };

/** Items of a task as one model solved them. */
export type KeptSamples = readonly (
  | KeptChoice
  | KeptAnswer
  | KeptLikelihood
)[];

/** Path of a task's samples below a folder of results. */
export function samplesPath(folder: string, task: string): string {
  return join(folder, `samples_${task}.jsonl`);
}

/** What is kept of the items in a samples file; none where there is no file. */
export async function readKeptSamples<T extends KeptSamples[number]>(
  path: string,
): Promise<T[]> {
  if (!await exists(path)) return [];
  const lines = await readRecords<{ kept?: T }>(path);
  return lines.map(({ kept }) => {
    if (kept) return kept;
    throw new DataError(
      `Cannot use ${path}: its lines are not those of "caderno eval tasks"`,
    );
  });
}

/**
 * Samples of a folder of results, by task.
 *
 * @throws {DataError} when there are none
 */
export async function readResultFolder(
  folder: string,
): Promise<Map<string, KeptSamples>> {
  const samples = new Map<string, KeptSamples>();
  const names = await exists(folder)
    ? (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    : [];
  for (const name of names.sort()) {
    const task = /^samples_(.+)\.jsonl$/.exec(name)?.[1];
    if (task) samples.set(task, await readKeptSamples(join(folder, name)));
  }
  if (samples.size > 0) return samples;
  throw new DataError(
    `Cannot compare ${basename(folder)}: it has no samples_*.jsonl, which ` +
      '"caderno eval tasks --out" writes',
  );
}

/** How two models differ by one metric of one task. */
export interface ModelDifference {
  readonly task: string;
  readonly metric: string;
  /** Items that both models solved. */
  readonly items: number;
  readonly a: number;
  readonly b: number;
  /** b - a. */
  readonly difference: number;
  readonly standardError: number;
  /** Difference over its error; 0 where the models agree on every item. */
  readonly z: number;
  /** 2.5 % and 97.5 % quantiles of the bootstrap. */
  readonly low: number;
  readonly high: number;
}

/** Settings of the bootstrap. */
export interface CompareOptions {
  /** Resamples, 1000. */
  readonly draws?: number;
  /** Seed of the draws, 0. */
  readonly seed?: number;
}

/** A metric of one model over chosen items, and its values where it is a mean. */
interface ItemScores {
  readonly metric: string;
  readonly values?: readonly number[];
  readonly of: (indices: ArrayLike<number>) => number;
}

function meanScores(metric: string, values: readonly number[]): ItemScores {
  const of = (indices: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < indices.length; i++) sum += values[indices[i]!]!;
    return sum / indices.length;
  };
  return { metric, values, of };
}

function metricScores<T>(
  metrics: readonly RecordMetric<T>[],
  records: readonly T[],
): ItemScores[] {
  return metrics.map(({ name, isMean, of }) =>
    isMean ? meanScores(name, records.map((record) => of([record]))) : {
      metric: name,
      of: (indices) => of(Array.from(indices, (i) => records[i]!)),
    }
  );
}

/** All metrics of one model's samples. */
function scoresOf(task: string, samples: KeptSamples): ItemScores[] {
  const [first] = samples;
  if (first && "metrics" in first) {
    const choices = samples as readonly KeptChoice[];
    return Object.keys(first.metrics).map((name) =>
      meanScores(name, choices.map(({ metrics }) => metrics[name] ?? NaN))
    );
  }
  if (first && "kind" in first) {
    const facts = samples as readonly KeptLikelihood[];
    return metricScores(LIKELIHOOD_METRICS[first.kind], facts);
  }
  const pairs = samples as readonly KeptAnswer[];
  const kind = pairs[0]?.form ?? findAnswerTask(task).form.kind;
  return metricScores(answerMetrics({ kind }), pairs);
}

/** Quantile of sorted values, between neighbours linearly. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at % 1) * (sorted[Math.ceil(at)]! - low);
}

function differenceOf(
  a: ItemScores,
  b: ItemScores,
  resamples: readonly Int32Array[],
): Omit<ModelDifference, "task" | "items"> {
  const count = resamples[0]!.length;
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const draws = Float64Array.from(resamples, (at) => b.of(at) - a.of(at))
    .sort();
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const squares = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const difference = b.of(all) - a.of(all);
  const standardError = a.values && b.values
    ? pairedDifference(a.values, b.values).standardError
    : Math.sqrt(squares / (draws.length - 1));
  return {
    metric: a.metric,
    a: a.of(all),
    b: b.of(all),
    difference,
    standardError,
    z: difference === 0 ? 0 : difference / standardError,
    low: quantile(draws, 0.025),
    high: quantile(draws, 0.975),
  };
}

/**
 * Compares two models on the items of one task that both solved.
 *
 * @throws {DataError} when fewer than two items are common, or the same item has
 * another right answer
 */
export function compareSamples(
  task: string,
  a: KeptSamples,
  b: KeptSamples,
  { draws = 1000, seed = 0 }: CompareOptions = {},
): ModelDifference[] {
  const ofB = new Map(b.map((sample) => [sample.id, sample]));
  const commonA = a.filter(({ id }) => ofB.has(id));
  const commonB = commonA.map(({ id }) => ofB.get(id)!);
  if (commonA.length < 2) {
    throw new DataError(
      `Cannot compare two models on ${task}: they have ${commonA.length} ` +
        "items in common, wanted at least 2",
    );
  }
  const other = commonA.findIndex(({ gold }, i) => gold !== commonB[i]!.gold);
  if (other >= 0) {
    throw new DataError(
      `Cannot compare two models on ${task}: item ${commonA[other]!.id} has ` +
        `the right answer ${commonA[other]!.gold} here and ` +
        `${commonB[other]!.gold} there`,
    );
  }
  const items = commonA.length;
  const random = new Random(seed, "compare");
  const resamples = Array.from(
    { length: draws },
    () => Int32Array.from({ length: items }, () => random.int(items)),
  );
  const scoresA = scoresOf(task, commonA);
  const scoresB = scoresOf(task, commonB);
  return scoresA.flatMap((score) => {
    const match = scoresB.find(({ metric }) => metric === score.metric);
    return match
      ? [{ task, items, ...differenceOf(score, match, resamples) }]
      : [];
  });
}
