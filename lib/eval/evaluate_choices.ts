/**
 * Runs a multiple-choice task: an asynchronous generator that yields a record
 * for every item, and a summary of such records.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { DataError, messageOf } from "../util/mod.ts";
import {
  choiceMetrics,
  estimateMean,
  truthfulShare,
} from "./choice_metrics.ts";
import {
  type ChoiceSequence,
  choiceSequence,
  type PairEncoding,
} from "./choice_sequences.ts";
import { type ShotOptions, shotWriter } from "./choice_shots.ts";
import { type ChoiceItem, type ChoiceTask, splitItems } from "./choice_task.ts";
import type { RowFields } from "./data_rows.ts";
import { askingOrder } from "./draw_shots.ts";
import {
  type ContinuationScore,
  ContinuationScorer,
  type SequenceGroup,
} from "./continuation_scorer.ts";
import { countRecords, type TaskSummary } from "./record_metric.ts";
import {
  checkSignal,
  docOf,
  layoutOf,
  leftItems,
  type TaskRunOptions,
} from "./task_parts.ts";

/** What came out of one item. */
export interface ChoiceRecord {
  readonly id: string;
  /** The row that the item was read from; the item where there is none. */
  readonly doc: RowFields;
  readonly context: string;
  readonly choices: readonly string[];
  readonly gold: number;
  /** Group of the item, where it has one. */
  readonly group?: string;
  /** Natural logarithm of each choice's probability. */
  readonly logLikelihoods: readonly number[];
  /** Of each choice, whether all its tokens were the likeliest. */
  readonly isGreedy: readonly boolean[];
  /** Whether the context of some choice was cut from the left. */
  readonly isTruncated: boolean;
  /** Metrics by name, 0 to 1. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Tokens that went through the model so far, and without sharing. */
  readonly computedTokens: number;
  readonly separateTokens: number;
}

/** How a task is run. */
export interface ChoiceRunOptions extends ShotOptions, TaskRunOptions {
  /** How context and choice become tokens, "together" without it. */
  readonly encoding?: PairEncoding | undefined;
  /**
   * Takes items that cannot be scored (an answer longer than the context) and
   * why, and goes on; without it they are an error.
   */
  readonly onSkip?: (id: string, reason: string) => void;
}

/** Items that a run will score, in order. */
export function askedItems(
  task: ChoiceTask,
  items: readonly ChoiceItem[],
  options: ChoiceRunOptions = {},
): ChoiceItem[] {
  const { sampling = task.sampling ?? "fixed", seed } = options;
  const { asked } = splitItems(task, items);
  return leftItems(askingOrder(asked, { draw: sampling, seed }), options);
}

/** An item with all that is scored of it: its choices, and those of mc2. */
interface AskedChoices extends SequenceGroup {
  readonly item: ChoiceItem;
  readonly context: string;
  readonly choices: readonly string[];
  /** Each text once, in the order of the sequences. */
  readonly texts: readonly string[];
  readonly sequences: readonly ChoiceSequence[];
}

/**
 * Scores the items of a task and yields a record for each, in their order.
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
  const { bos = true, encoding = "together", onSkip } = options;
  const shotsBefore = shotWriter(task, splitItems(task, items), options);
  const { beforeAnswer } = layoutOf(task);
  const maxLength = model.config.maxPositionEmbeddings;
  const sequence = { maxLength, bos, encoding };
  /** What is made of an item; nothing where it is skipped. */
  const attempt = <T>({ id }: ChoiceItem, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const reason = messageOf(error);
      if (!onSkip) throw new DataError(`Cannot use item ${id}: ${reason}`);
      onSkip(id, reason);
      return undefined;
    }
  };
  const ask = (item: ChoiceItem): AskedChoices => {
    const context = shotsBefore(item) + task.prompt(item);
    const choices = task.answers(item);
    const texts = [...new Set([...choices, ...item.truth?.choices ?? []])];
    const sequences = texts.map((text) =>
      choiceSequence(tokenizer, context, beforeAnswer + text, sequence)
    );
    return { item, context, choices, texts, sequences };
  };
  const asked = function* () {
    for (const item of askedItems(task, items, options)) {
      checkSignal(options, item);
      const made = attempt(item, () => ask(item));
      if (made) yield made;
    }
  };
  using scorer = new ContinuationScorer(model);
  for await (const [group, scores] of scorer.scoreEach(asked())) {
    const record = attempt(group.item, () => choiceRecord(group, scores));
    const { computedTokens, separateTokens } = scorer;
    if (record) yield { ...record, computedTokens, separateTokens };
  }
}

function choiceRecord(
  { item, context, choices, texts, sequences }: AskedChoices,
  scores: readonly ContinuationScore[],
): Omit<ChoiceRecord, "computedTokens" | "separateTokens"> {
  const { id, gold, group, truth } = item;
  const scoreOf = new Map(texts.map((text, i) => [text, scores[i]!]));
  const likelihoods = (texts: readonly string[]) =>
    texts.map((text) => scoreOf.get(text)!.logLikelihood);
  const logLikelihoods = likelihoods(choices);
  const metrics = { ...choiceMetrics(logLikelihoods, choices, gold) };
  return {
    id,
    doc: docOf(item),
    context,
    choices,
    gold,
    ...(group === undefined ? {} : { group }),
    logLikelihoods,
    isGreedy: choices.map((text) => scoreOf.get(text)!.isGreedy),
    isTruncated: sequences.some(({ isTruncated }) => isTruncated),
    metrics: truth
      ? {
        ...metrics,
        mc1: metrics.acc,
        mc2: truthfulShare(likelihoods(truth.choices), truth.labels),
      }
      : metrics,
  };
}

/**
 * Means and standard errors over the items. The floor is the score of always
 * taking the most frequent position: what a model with equal scores for
 * everything is near. None for TruthfulQA, whose right answer always stands
 * first.
 */
export function summarizeChoices(
  records: readonly Pick<ChoiceRecord, "metrics" | "gold" | "isTruncated">[],
): TaskSummary {
  const names = [...new Set(records.flatMap((r) => Object.keys(r.metrics)))];
  const counts = new Map<number, number>();
  for (const { gold } of records) counts.set(gold, (counts.get(gold) ?? 0) + 1);
  const majority = Math.max(0, ...counts.values()) / records.length;
  return {
    ...countRecords(records),
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
