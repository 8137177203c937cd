/**
 * A task whose answers a model writes: how an item is put, what an answer looks
 * like, and which solved examples stand before it.
 *
 * @module
 */
import type { AnswerForm } from "./answer_forms.ts";
import type { AnswerSampling } from "./answer_shots.ts";
import type { PromptLayout } from "./choice_task.ts";

/** One question of such a task. */
export interface AnswerItem {
  readonly id: string;
  /** Part of the data set: "train", "validation", "test". */
  readonly split: string;
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
export interface AnswerTask {
  readonly name: string;
  /** One line: what it asks and where it comes from. */
  readonly summary: string;
  /** Where to get its data, and under which licence. */
  readonly source?: string;
  /**
   * Kind of data that its items are read from, see `readAnswerItems`; "own"
   * where they come with the task.
   */
  readonly data: "exam" | "pairs" | "questions" | "texts" | "own";
  /** What the data calls each label, in small letters; yes and no without it. */
  readonly labelNames?: Readonly<Record<string, string>>;
  /** What stands before everything, "" for nothing. */
  readonly description: string;
  readonly form: AnswerForm;
  readonly layout?: PromptLayout;
  /** What ends an answer; a blank line without it. */
  readonly until?: readonly string[];
  /** Most tokens of an answer, 32 without it. */
  readonly maxTokens?: number;
  /** Text up to where the answer begins, without a space at its end. */
  readonly prompt: (fields: Readonly<Record<string, string>>) => string;
  /** Splits whose items are asked, in order of preference. */
  readonly askedSplits: readonly string[];
  /** Splits that examples come from; the asked ones where there are none. */
  readonly shotSplits: readonly string[];
  /** Examples before each item, unless one says otherwise. */
  readonly shots: number;
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
