/**
 * Results in the form of lm-evaluation-harness, so that tables and leaderboards
 * made for it read ours: one JSON file with all tasks, and one JSON Lines file
 * of samples for each.
 *
 * @module
 */
import { UNREADABLE } from "./answer_forms.ts";
import { type AnswerTask, writeAnswer } from "./answer_task.ts";
import type { Estimate } from "./choice_metrics.ts";
import type { ChoiceTask } from "./choice_task.ts";
import type { AnswerRecord } from "./evaluate_answers.ts";
import type { ChoiceRecord } from "./evaluate_choices.ts";

/** A task that was run, of either kind. */
export interface TaskResult {
  readonly task: ChoiceTask | AnswerTask;
  readonly shots: number;
  readonly summary: {
    readonly items: number;
    /** Items whose context was cut from the left. */
    readonly truncated: number;
    readonly metrics: Readonly<Record<string, Estimate>>;
    /** Score of answering the same to everything, by metric. */
    readonly floors: Readonly<Record<string, number>>;
  };
  /** Items that the data holds for this task, before any limit. */
  readonly available: number;
}

/** What was evaluated, and how. */
export interface RunFacts {
  readonly model: string;
  readonly device: string;
  readonly seed: number;
  readonly bos: boolean;
  readonly limit: number | undefined;
  readonly seconds: number;
  readonly cadernoVersion: string;
  readonly maxLength: number;
  /** When it began. */
  readonly date: Date;
}

/** The results file. */
export function harnessResults(
  results: readonly TaskResult[],
  facts: RunFacts,
): Record<string, unknown> {
  const byTask = <T>(value: (result: TaskResult) => T) =>
    Object.fromEntries(results.map((r) => [r.task.name, value(r)]));
  return {
    results: byTask(({ task, summary }) => ({
      alias: task.name,
      ...Object.fromEntries(
        Object.entries(summary.metrics).flatMap((
          [name, { mean, standardError }],
        ) => [
          [`${name},none`, mean],
          // A single item has none: the harness writes "N/A".
          [
            `${name}_stderr,none`,
            Number.isFinite(standardError) ? standardError : "N/A",
          ],
        ]),
      ),
      sample_len: summary.items,
    })),
    configs: byTask(({ task, shots }) => ({
      task: task.name,
      description: task.description ?? "",
      target_delimiter: " ",
      fewshot_delimiter: "\n\n",
      num_fewshot: shots,
      output_type: "form" in task ? "generate_until" : "multiple_choice",
    })),
    "n-shot": byTask(({ shots }) => shots),
    higher_is_better: byTask(({ summary }) =>
      Object.fromEntries(
        Object.keys(summary.metrics).map((name) => [name, name !== "mse"]),
      )
    ),
    "n-samples": byTask(({ summary, available }) => ({
      original: available,
      effective: summary.items,
    })),
    floors: byTask(({ summary }) => summary.floors),
    truncated: byTask(({ summary }) => summary.truncated),
    config: {
      model: "caderno",
      model_args: `pretrained=${facts.model},add_bos_token=${facts.bos}`,
      device: facts.device,
      limit: facts.limit ?? null,
      fewshot_seed: facts.seed,
    },
    date: facts.date.getTime() / 1000,
    caderno_version: facts.cadernoVersion,
    max_length: facts.maxLength,
    model_name: facts.model,
    total_evaluation_time_seconds: String(facts.seconds),
  };
}

/** A line of the samples file. */
export function harnessSample(record: ChoiceRecord): Record<string, unknown> {
  const { context, choices, logLikelihoods, gold, metrics } = record;
  return {
    doc_id: record.id,
    target: gold,
    arguments: choices.map((choice) => [context, ` ${choice}`]),
    resps: logLikelihoods.map((ll) => [[ll, null]]),
    filtered_resps: logLikelihoods.map((ll) => [ll, null]),
    is_truncated: record.isTruncated,
    ...metrics,
  };
}

/** A line of the samples file of a generative task. */
export function harnessAnswer(record: AnswerRecord): Record<string, unknown> {
  const { context, text, answer, gold } = record;
  return {
    doc_id: record.id,
    target: writeAnswer(gold),
    arguments: [[context, { until: ["\n\n"], do_sample: false }]],
    resps: [[text]],
    filtered_resps: [answer],
    is_truncated: record.isTruncated,
    is_unreadable: answer === UNREADABLE,
  };
}
