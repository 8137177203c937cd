/**
 * Results in the form of lm-evaluation-harness, so that tables and leaderboards
 * made for it read ours: one JSON file with all tasks. Its files of samples are
 * in `harness_samples.ts`.
 *
 * @module
 */
import type { TaskSummary } from "./record_metric.ts";
import { isShareMetric, type TaskResult } from "./task_result.ts";

/** What was evaluated, and how. */
export interface RunFacts {
  readonly model: string;
  readonly device: string;
  /** Seed of the examples, where one was given. */
  readonly seed: number | undefined;
  readonly bos: boolean;
  /** Name of the settings. */
  readonly settings?: string;
  readonly limit: number | undefined;
  readonly seconds: number;
  readonly cadernoVersion: string;
  readonly maxLength: number;
  /** When it began. */
  readonly date: Date;
}

/** What the harness calls the kind of requests of a task. */
function outputType(task: TaskResult["task"]): string {
  if ("form" in task) return "generate_until";
  if (!("kind" in task)) return "multiple_choice";
  return task.kind === "cloze" ? "loglikelihood" : "loglikelihood_rolling";
}

function scoreFields(alias: string, { metrics, items }: TaskSummary) {
  const scores = Object.entries(metrics).flatMap(
    ([name, { mean, standardError }]) => [
      [`${name},none`, mean],
      // A single item has none: the harness writes "N/A".
      [
        `${name}_stderr,none`,
        Number.isFinite(standardError) ? standardError : "N/A",
      ],
    ],
  );
  return { alias, ...Object.fromEntries(scores), sample_len: items };
}

/** A task and the groups of its items: "mmlu_pt", "mmlu_pt_law". */
function namedScores({ task, summary, groups = {} }: TaskResult) {
  const whole = [task.name, scoreFields(task.name, summary)] as const;
  const parts = Object.entries(groups).map(([group, part]) =>
    [`${task.name}_${group}`, scoreFields(` - ${group}`, part)] as const
  );
  return [whole, ...parts];
}

/** The results file. */
export function harnessResults(
  results: readonly TaskResult[],
  facts: RunFacts,
): Record<string, unknown> {
  const byTask = <T>(value: (result: TaskResult) => T) =>
    Object.fromEntries(results.map((r) => [r.task.name, value(r)]));
  return {
    results: Object.fromEntries(results.flatMap(namedScores)),
    group_subtasks: byTask(({ task, groups = {} }) =>
      Object.keys(groups).map((group) => `${task.name}_${group}`)
    ),
    configs: byTask(({ task, shots, sampling, bos = facts.bos }) => ({
      task: task.name,
      description: task.description ?? "",
      target_delimiter: task.layout?.beforeAnswer ?? " ",
      fewshot_delimiter: task.layout?.betweenShots ?? "\n\n",
      fewshot_config: { sampler: sampling ?? null },
      num_fewshot: shots,
      output_type: outputType(task),
      add_bos_token: bos,
    })),
    "n-shot": byTask(({ shots }) => shots),
    higher_is_better: byTask(({ summary }) =>
      Object.fromEntries(
        Object.keys(summary.metrics).map((name) => [name, isShareMetric(name)]),
      )
    ),
    "n-samples": byTask(({ summary, available }) => ({
      original: available,
      effective: summary.items,
    })),
    floors: byTask(({ summary }) => summary.floors),
    truncated: byTask(({ summary }) => summary.truncated),
    skipped: byTask(({ skipped }) => skipped ?? 0),
    config: {
      model: "caderno",
      model_args: `pretrained=${facts.model},add_bos_token=${facts.bos}`,
      device: facts.device,
      limit: facts.limit ?? null,
      bootstrap_iters: 1000,
      settings: facts.settings ?? null,
      fewshot_seed: facts.seed ?? null,
    },
    date: facts.date.getTime() / 1000,
    caderno_version: facts.cadernoVersion,
    max_length: facts.maxLength,
    model_name: facts.model,
    total_evaluation_time_seconds: String(facts.seconds),
  };
}
