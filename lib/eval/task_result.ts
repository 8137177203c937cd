/**
 * What came out of a task of any kind, as a whole and by groups of its items.
 *
 * @module
 */
import type { AnswerTask } from "./answer_task.ts";
import type { ChoiceTask } from "./choice_task.ts";
import type { LikelihoodTask } from "./likelihood_task.ts";
import type { TaskSummary } from "./record_metric.ts";

/** A task that was run, of any kind. */
export interface TaskResult {
  readonly task: ChoiceTask | AnswerTask | LikelihoodTask;
  readonly shots: number;
  readonly summary: TaskSummary;
  /** Scores by group of items (family, subject, exam), where they have any. */
  readonly groups?: Readonly<Record<string, TaskSummary>>;
  /** Items that the data holds for this task, before any limit. */
  readonly available: number;
  /** Items that could not be used. */
  readonly skipped?: number;
  /** How its examples were drawn. */
  readonly sampling?: string;
  /** Whether `<s>` began its prompts. */
  readonly bos?: boolean;
}

/** Metrics that are no shares of something. */
const MEASURES = [
  ...["mse", "perplexity", "bits_per_byte", "byte_perplexity"],
  "word_perplexity",
];

/** Whether a metric lies in 0 to 1 and the larger is the better. */
export function isShareMetric(metric: string): boolean {
  return !MEASURES.includes(metric);
}

/** Summaries by the groups of records; none where they have none. */
export function summarizeGroups<T extends { readonly group?: string }>(
  records: readonly T[],
  summarize: (records: readonly T[]) => TaskSummary,
): Record<string, TaskSummary> {
  const grouped = records.filter(({ group }) => group !== undefined);
  const groups = [...Map.groupBy(grouped, ({ group }) => group!)];
  return Object.fromEntries(
    groups.sort(([a], [b]) => a < b ? -1 : 1)
      .map(([group, some]) => [group, summarize(some)]),
  );
}
