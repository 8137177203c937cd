/**
 * Runs a generative task: an asynchronous generator that yields a record for
 * every item, what the model wrote and what was read from it, and a summary of
 * such records with the score of a model that always says the same.
 *
 * @module
 */
import { generate, type Llama, PromptCache } from "../model/mod.ts";
import type { Tokenizer } from "../text/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { type AnswerForm, readAnswer, UNREADABLE } from "./answer_forms.ts";
import {
  type AnswerPlan,
  type AnswerShotOptions,
  planAnswers,
} from "./answer_shots.ts";
import type { AnswerItem, AnswerTask } from "./answer_task.ts";
import type { RowFields } from "./data_rows.ts";
import {
  accuracy,
  macroF1,
  meanSquaredError,
  pearson,
} from "./label_metrics.ts";
import {
  countRecords,
  estimateMetric,
  type RecordMetric,
  type TaskSummary,
} from "./record_metric.ts";
import {
  checkSignal,
  docOf,
  leftItems,
  type TaskRunOptions,
} from "./task_parts.ts";

/** Most tokens of an answer, and what ends one, where a task says nothing. */
const ANSWER_TOKENS = 32;
const ANSWER_END = ["\n\n"];

/** What came out of one item. */
export interface AnswerRecord {
  readonly id: string;
  /** The row that the item was read from; the item where there is none. */
  readonly doc: RowFields;
  readonly context: string;
  /** What the model wrote, up to what ends an answer: a blank line. */
  readonly text: string;
  readonly gold: string | number;
  /** What was read from it. */
  readonly answer: string | number;
  /** Group of the item, where it has one. */
  readonly group?: string;
  /** Whether the context was cut from the left. */
  readonly isTruncated: boolean;
}

/** How a generative task is run. */
export interface AnswerRunOptions extends AnswerShotOptions, TaskRunOptions {
  /** Most tokens of an answer; the task's own number without it. */
  readonly maxTokens?: number;
}

/** Items of a plan that a run will ask, in order. */
export function plannedAnswers(
  { asked }: AnswerPlan,
  options: AnswerRunOptions = {},
): AnswerItem[] {
  return leftItems(asked, options);
}

/** Where the first of the endings begins, or -1. */
function endOf(text: string, until: readonly string[]): number {
  const places = until.map((end) => text.indexOf(end)).filter((at) => at >= 0);
  return places.length > 0 ? Math.min(...places) : -1;
}

/**
 * What a model writes behind a context, greedily, up to an ending. What the
 * context and the one before begin with is not read again.
 */
async function writeOn(
  { model, tokenizer }: { model: Llama; tokenizer: Tokenizer },
  ids: Int32Array,
  { maxTokens, until, cache }: {
    readonly maxTokens: number;
    readonly until: readonly string[];
    readonly cache: PromptCache;
  },
): Promise<string> {
  const stopIds = [tokenizer.eosId, tokenizer.bosId];
  const decoder = tokenizer.streamDecoder({ isContinuation: true });
  let text = "";
  for await (const id of generate(model, ids, { maxTokens, stopIds, cache })) {
    text += decoder.push(id);
    const end = endOf(text, until);
    if (end >= 0) return text.slice(0, end);
  }
  text += decoder.end();
  const end = endOf(text, until);
  return end >= 0 ? text.slice(0, end) : text;
}

/**
 * Asks the items of a task and yields a record for each. Items that begin with
 * the same examples share their keys and values.
 *
 * @throws {ConfigError} when there are too few examples, or the context is too
 * short for an answer
 * @throws {DataError} when there is nothing to ask
 * @throws {InterruptedError} when the signal stops it
 */
export async function* evaluateAnswers(
  opened: { model: Llama; tokenizer: Tokenizer },
  task: AnswerTask,
  items: readonly AnswerItem[],
  options: AnswerRunOptions = {},
): AsyncGenerator<AnswerRecord, void> {
  const { bos = true } = options;
  const { maxTokens = task.maxTokens ?? ANSWER_TOKENS } = options;
  const { until = ANSWER_END } = task;
  const plan = planAnswers(task, items, options);
  const { maxPositionEmbeddings } = opened.model.config;
  const room = maxPositionEmbeddings - maxTokens;
  if (room < 1) {
    throw new ConfigError(
      `Cannot write answers of ${maxTokens} tokens: the model's context holds ` +
        `${maxPositionEmbeddings}`,
    );
  }
  using cache = new PromptCache();
  for (const item of plannedAnswers(plan, options)) {
    const { id, fields, gold, group } = item;
    checkSignal(options, item);
    const context = plan.headOf(item) + task.prompt(fields);
    const ids = opened.tokenizer.encode(context, { bos });
    const text = await writeOn(opened, ids.slice(-room), {
      maxTokens,
      until,
      cache,
    });
    yield {
      id,
      doc: docOf(item),
      context,
      text,
      gold,
      answer: readAnswer(task.form, text),
      ...(group === undefined ? {} : { group }),
      isTruncated: ids.length > room,
    };
  }
}

/** What a score is made of: the right answers and the given ones. */
export type AnswerPair = Pick<AnswerRecord, "gold" | "answer">;

/** A metric of answers. */
type AnswerMetric = RecordMetric<
  AnswerPair,
  "acc" | "f1_macro" | "pearson" | "mse" | "exact_match"
>;

/** A metric as a function of two lists. */
function metricOf<T extends string | number>(
  name: AnswerMetric["name"],
  score: (gold: readonly T[], given: readonly T[]) => number,
  { isMean = false, isHigherBetter = true } = {},
): AnswerMetric {
  const of = (pairs: readonly AnswerPair[]) =>
    score(
      pairs.map(({ gold }) => gold as T),
      pairs.map(({ answer }) => answer as T),
    );
  return { name, isMean, isHigherBetter, of };
}

const LABEL_METRICS = [
  metricOf<string>("f1_macro", macroF1),
  metricOf<string>("acc", accuracy, { isMean: true }),
];
const LETTER_METRICS = [LABEL_METRICS[1]!];
const TEXT_METRICS = [
  metricOf<string>("exact_match", accuracy, { isMean: true }),
];
const NUMBER_METRICS = [
  metricOf<number>("pearson", pearson),
  metricOf<number>("mse", meanSquaredError, {
    isMean: true,
    isHigherBetter: false,
  }),
];

const METRICS: Readonly<Record<AnswerForm["kind"], readonly AnswerMetric[]>> = {
  number: NUMBER_METRICS,
  letter: LETTER_METRICS,
  label: LABEL_METRICS,
  text: TEXT_METRICS,
};

/** Metrics of an answer's form, the one that is reported first. */
export function answerMetrics(
  { kind }: Pick<AnswerForm, "kind">,
): readonly AnswerMetric[] {
  return METRICS[kind];
}

/** What a generative task came to. */
export interface AnswerSummary extends TaskSummary {
  /** Items whose answer could not be read. */
  readonly unreadable: number;
}

/** Best score of one answer to everything: a label, or the mean. */
function floorOf(
  metric: AnswerMetric,
  golds: readonly (string | number)[],
): number {
  const isNumeric = typeof golds[0] === "number";
  if (metric.name === "exact_match") {
    const counts = [...Map.groupBy(golds, (gold) => gold).values()];
    return Math.max(...counts.map(({ length }) => length)) / golds.length;
  }
  const constants = isNumeric
    ? [(golds as readonly number[]).reduce((a, b) => a + b, 0) / golds.length]
    : [...new Set(golds)];
  const scores = constants.map((answer) =>
    metric.of(golds.map((gold) => ({ gold, answer })))
  );
  return metric.isHigherBetter ? Math.max(...scores) : Math.min(...scores);
}

/**
 * Scores of records: means with closed-form errors, F1 and correlation with
 * bootstrap errors (1,000 draws), and the floors.
 */
export function summarizeAnswers(
  { form }: Pick<AnswerTask, "form">,
  records: readonly Omit<AnswerRecord, "id" | "doc" | "context" | "text">[],
): AnswerSummary {
  const golds = records.map(({ gold }) => gold);
  const metrics = answerMetrics(form);
  return {
    ...countRecords(records),
    unreadable: records.filter(({ answer }) => answer === UNREADABLE).length,
    metrics: Object.fromEntries(
      metrics.map((m) => [m.name, estimateMetric(m, records)]),
    ),
    floors: Object.fromEntries(
      metrics.map((metric) => [metric.name, floorOf(metric, golds)]),
    ),
  };
}
