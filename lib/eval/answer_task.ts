/**
 * A task whose answers a model writes: how an item is put, what an answer looks
 * like, and which solved examples stand before it.
 *
 * @module
 */
import type { AnswerForm } from "./answer_forms.ts";
import type { AnswerSampling } from "./answer_shots.ts";
import type { TaskItem, TaskParts } from "./task_parts.ts";

/** One question of such a task. */
export interface AnswerItem extends TaskItem {
  /** Texts that the prompt is made of, by name: "premise", "hypothesis". */
  readonly fields: Readonly<Record<string, string>>;
  /** Right answer: a letter, a label or a number. */
  readonly gold: string | number;
  /** How the answer stands in an example, where that is not `gold`. */
  readonly written?: string;
  /** What its score is told by, beside that of all: an exam. */
  readonly group?: string;
  /** Whether it was made from other data, so that published places mean nothing. */
  readonly isDerived?: boolean;
}

/** How a task writes its items and reads the answers. */
export interface AnswerTask extends TaskParts {
  /**
   * Kind of data that its items are read from, see `readAnswerItems`; "own"
   * where they come with the task.
   */
  readonly data: "exam" | "pairs" | "questions" | "texts" | "own";
  /** What the data calls each label, in small letters; yes and no without it. */
  readonly labelNames?: Readonly<Record<string, string>>;
  /** "" for nothing. */
  readonly description: string;
  readonly form: AnswerForm;
  /** What ends an answer; a blank line without it. */
  readonly until?: readonly string[];
  /** Most tokens of an answer, 32 without it. */
  readonly maxTokens?: number;
  /** Text up to where the answer begins, without a space at its end. */
  readonly prompt: (fields: Readonly<Record<string, string>>) => string;
  /** Ids of the published examples in their order, where data holds them. */
  readonly shotIds?: readonly string[];
  /** Places of the published examples in their split, where ids are missing. */
  readonly shotPlaces?: readonly number[];
  /** Whether balanced examples may stand in for published ones. */
  readonly mayDraw?: boolean;
  /** How examples are chosen unless one says otherwise. */
  readonly sampling?: AnswerSampling;
  /** Metric that is reported first. */
  readonly metric: "acc" | "f1_macro" | "pearson" | "exact_match";
}

/** An answer as the task writes it: numbers with a decimal comma. */
export function writeAnswer(gold: string | number): string {
  return typeof gold === "string" ? gold : gold.toFixed(1).replace(".", ",");
}
