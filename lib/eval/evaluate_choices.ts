/**
 * Runs a multiple-choice task: an asynchronous generator that yields a record
 * for every item, and a summary of such records.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { DataError, InterruptedError, messageOf } from "../util/mod.ts";
import {
  choiceMetrics,
  type Estimate,
  estimateMean,
  truthfulShare,
} from "./choice_metrics.ts";
import { choiceSequence, type PairEncoding } from "./choice_sequences.ts";
import { type ShotOptions, shotWriter } from "./choice_shots.ts";
import {
  type ChoiceItem,
  type ChoiceTask,
  layoutOf,
  splitItems,
} from "./choice_task.ts";
import { askingOrder } from "./draw_shots.ts";
import { ContinuationScorer } from "./continuation_scorer.ts";

/** What came out of one item. */
export interface ChoiceRecord {
  readonly id: string;
  readonly context: string;
  readonly choices: readonly string[];
  readonly gold: number;
  /** Group of the item, where it has one. */
  readonly group?: string;
  /** Natural logarithm of each choice's probability. */
  readonly logLikelihoods: readonly number[];
  /** Whether the context of some choice was cut from the left. */
  readonly isTruncated: boolean;
  /** Metrics by name, 0 to 1. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Tokens that went through the model so far, and without sharing. */
  readonly computedTokens: number;
  readonly separateTokens: number;
}

/** How a task is run. */
export interface ChoiceRunOptions extends ShotOptions {
  /** Most items; all without it. */
  readonly limit?: number | undefined;
  /** Items that were scored before, by id: they are not scored again. */
  readonly done?: ReadonlySet<string>;
  /** Whether `<s>` begins the context (default true); it changes scores. */
  readonly bos?: boolean | undefined;
  /** How context and choice become tokens, "together" without it. */
  readonly encoding?: PairEncoding | undefined;
  /**
   * Takes items that cannot be scored (an answer longer than the context) and
   * why, and goes on; without it they are an error.
   */
  readonly onSkip?: (id: string, reason: string) => void;
  /** Stops between items. */
  readonly signal?: AbortSignal;
}

/** Items that a run will score, in order. */
export function askedItems(
  task: ChoiceTask,
  items: readonly ChoiceItem[],
  { limit = Infinity, done = new Set(), sampling, seed }: ChoiceRunOptions = {},
): ChoiceItem[] {
  const draw = sampling ?? task.sampling ?? "fixed";
  return askingOrder(splitItems(task, items).asked, { draw, seed })
    .slice(0, limit).filter(({ id }) => !done.has(id));
}

/**
 * Scores the items of a task and yields a record for each.
 *
 * @throws {ConfigError} when there are too few examples
 * @throws {DataError} when there is nothing to ask, or a choice cannot be scored
 * @throws {InterruptedError} when the signal stops it
 */
export async function* evaluateChoices(
  { model, tokenizer }: { model: Llama; tokenizer: Tokenizer },
  task: ChoiceTask,
  items: readonly ChoiceItem[],
  options: ChoiceRunOptions = {},
): AsyncGenerator<ChoiceRecord, void> {
  const shotsBefore = shotWriter(task, splitItems(task, items), options);
  using scorer = new ContinuationScorer(model);
  const { bos = true, encoding = "together" } = options;
  const { beforeAnswer } = layoutOf(task);
  const maxLength = model.config.maxPositionEmbeddings;
  const score = async (context: string, choices: readonly string[]) => {
    const sequences = choices.map((choice) =>
      choiceSequence(tokenizer, context, beforeAnswer + choice, {
        maxLength,
        bos,
        encoding,
      })
    );
    return {
      logLikelihoods: (await scorer.score(sequences))
        .map(({ logLikelihood }) => logLikelihood),
      isTruncated: sequences.some(({ isTruncated }) => isTruncated),
    };
  };
  for (const item of askedItems(task, items, options)) {
    if (options.signal?.aborted) {
      throw new InterruptedError(`Stopped before item ${item.id}`);
    }
    const context = shotsBefore(item) + task.prompt(item);
    let scored: ScoredItem;
    try {
      scored = await scoreItem(item, context, task.answers(item), score);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const reason = messageOf(error);
      if (!options.onSkip) {
        throw new DataError(`Cannot use item ${item.id}: ${reason}`);
      }
      options.onSkip(item.id, reason);
      continue;
    }
    yield {
      id: item.id,
      context,
      gold: item.gold,
      ...(item.group === undefined ? {} : { group: item.group }),
      ...scored,
      computedTokens: scorer.computedTokens,
      separateTokens: scorer.separateTokens,
    };
  }
}

type ScoredItem = Pick<
  ChoiceRecord,
  "choices" | "logLikelihoods" | "isTruncated" | "metrics"
>;

/** One item: its choices, and those of mc2 where it has them. */
async function scoreItem(
  { gold, truth }: ChoiceItem,
  context: string,
  choices: readonly string[],
  score: (context: string, choices: readonly string[]) => Promise<
    Pick<ChoiceRecord, "logLikelihoods" | "isTruncated">
  >,
): Promise<ScoredItem> {
  const scored = await score(context, choices);
  const metrics: Record<string, number> = {
    ...choiceMetrics(scored.logLikelihoods, choices, gold),
  };
  if (truth) {
    metrics.mc1 = metrics.acc!;
    const { logLikelihoods } = await score(context, truth.choices);
    metrics.mc2 = truthfulShare(logLikelihoods, truth.labels);
  }
  return { choices, ...scored, metrics };
}

/** What a task came to. */
export interface ChoiceSummary {
  readonly items: number;
  /** Items whose context was cut from the left. */
  readonly truncated: number;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /**
   * By metric of right or wrong, the score of always taking the most frequent
   * position: what a model with equal scores for everything is near. None for
   * TruthfulQA, whose right answer always stands first.
   */
  readonly floors: Readonly<Record<string, number>>;
}

/** Means and standard errors over the items. */
export function summarizeChoices(
  records: readonly Pick<ChoiceRecord, "metrics" | "gold" | "isTruncated">[],
): ChoiceSummary {
  const names = [...new Set(records.flatMap((r) => Object.keys(r.metrics)))];
  const counts = new Map<number, number>();
  for (const { gold } of records) counts.set(gold, (counts.get(gold) ?? 0) + 1);
  const majority = Math.max(0, ...counts.values()) / records.length;
  return {
    items: records.length,
    truncated: records.filter(({ isTruncated }) => isTruncated).length,
    metrics: Object.fromEntries(
      names.map((name) => [
        name,
        estimateMean(
          records.map(({ metrics }) => metrics[name])
            .filter((value) => value !== undefined),
        ),
      ]),
    ),
    floors: names.includes("mc1")
      ? {}
      : Object.fromEntries(names.map((name) => [name, majority])),
  };
}
