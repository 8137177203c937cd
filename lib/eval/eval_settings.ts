/**
 * Settings by name, since the same benchmark is run in several ways and scores
 * depend on it:
 *
 * - "okapi": laiviet's fork of lm-evaluation-harness as its code stands (commit
 *   10cb529), which TTL ran: 25 examples for ARC and MMLU, none for HellaSwag
 *   and TruthfulQA, drawn anew for every item by Python's generator with seed
 *   42; no `<s>`, context and choice encoded apart.
 * - "leaderboard": the Open LLM Leaderboard's 25, 10, 5 and 0 examples. Its
 *   harness is the fork's ancestor, so examples are drawn in the same way; that
 *   its MMLU took the first ones of each subject is not imitated.
 * - "shared": each task's own number of examples, the same ones before every
 *   item: several times faster, since what items begin with is read once.
 *
 * Tasks that a setting does not know run by their own definition.
 *
 * @module
 */
import { findNamedTask } from "./find_task.ts";
import type { ChoiceTask } from "./choice_task.ts";
import type { ChoiceRunOptions } from "./evaluate_choices.ts";

/** What a setting decides. */
export type TaskSettings = Pick<
  ChoiceRunOptions,
  "shots" | "sampling" | "bos" | "encoding"
>;

const OKAPI: TaskSettings = {
  sampling: "okapi",
  bos: false,
  encoding: "apart",
};
const LEADERBOARD: TaskSettings = { sampling: "okapi" };

/** Settings of the tasks that each of them knows. */
const SETTINGS: readonly {
  readonly name: string;
  readonly tasks: Readonly<Record<string, TaskSettings>>;
}[] = [{
  name: "okapi",
  tasks: {
    arc_pt: { ...OKAPI, shots: 25 },
    hellaswag_pt: { ...OKAPI, shots: 0 },
    mmlu_pt: { ...OKAPI, shots: 25 },
    truthfulqa_pt: { ...OKAPI, shots: 0 },
  },
}, {
  name: "leaderboard",
  tasks: {
    arc_pt: { ...LEADERBOARD, shots: 25 },
    hellaswag_pt: { ...LEADERBOARD, shots: 10 },
    mmlu_pt: { ...LEADERBOARD, shots: 5 },
    truthfulqa_pt: { ...LEADERBOARD, shots: 0 },
  },
}, { name: "shared", tasks: {} }];

/** Names of the settings. */
export const EVAL_SETTINGS = SETTINGS.map(({ name }) => name);

/**
 * What a setting decides for a task: options of `evaluateChoices`.
 *
 * @throws {ConfigError} when there is no setting of this name
 */
export function taskSettings(
  name: string,
  task: Pick<ChoiceTask, "name">,
): TaskSettings {
  return findNamedTask(SETTINGS, name, "setting").tasks[task.name] ?? {};
}
