/**
 * Floor 6: how good a model is: loss on held-out text, tasks with choices, and
 * the metrics of both.
 *
 * @module
 */
export * from "./choice_items.ts";
export * from "./choice_metrics.ts";
export { type ChoiceSequence, choiceSequence } from "./choice_sequences.ts";
export type {
  ChoiceItem,
  ChoiceTask,
  ShotOptions,
  ShotWriter,
} from "./choice_task.ts";
export { shotWriter, splitItems } from "./choice_task.ts";
export * from "./choice_tasks.ts";
export * from "./continuation_scorer.ts";
export * from "./evaluate_choices.ts";
export * from "./harness_results.ts";
export * from "./held_out.ts";
export * from "./label_metrics.ts";
