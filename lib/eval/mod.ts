/**
 * Floor 6: how good a model is: loss on held-out text, tasks with choices and
 * tasks with written answers, comparison of models, contamination, and the
 * published tables to stand beside.
 *
 * @module
 */
export * from "./answer_forms.ts";
export * from "./answer_items.ts";
export * from "./answer_shots.ts";
export * from "./answer_task.ts";
export * from "./answer_tasks.ts";
export * from "./benchmark_ranks.ts";
export * from "./benchmark_tables.ts";
export * from "./choice_items.ts";
export * from "./choice_metrics.ts";
export * from "./choice_sequences.ts";
export * from "./choice_shots.ts";
export {
  type ChoiceItem,
  type ChoiceTask,
  type SplitItems,
  splitItems,
} from "./choice_task.ts";
export * from "./choice_tasks.ts";
export * from "./compare_models.ts";
export * from "./contamination.ts";
export * from "./continuation_scorer.ts";
export type { ItemReadOptions, SkipItem } from "./data_rows.ts";
export * from "./draw_shots.ts";
export * from "./eval_settings.ts";
export { type DataRow, readDataRows, type RowFields } from "./data_rows.ts";
export * from "./evaluate_answers.ts";
export * from "./evaluate_choices.ts";
export * from "./evaluate_likelihood.ts";
export * from "./find_task.ts";
export * from "./harness_results.ts";
export * from "./harness_samples.ts";
export * from "./held_out.ts";
export * from "./label_metrics.ts";
export * from "./likelihood_metrics.ts";
export * from "./likelihood_task.ts";
export type { RecordMetric, TaskSummary } from "./record_metric.ts";
export * from "./scoring_plan.ts";
export type {
  PromptLayout,
  TaskItem,
  TaskParts,
  TaskRunOptions,
} from "./task_parts.ts";
export * from "./task_result.ts";
export * from "./template_task.ts";
