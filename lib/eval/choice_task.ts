/**
 * A multiple-choice task as data: where its items come from, how one is written
 * for a model, and how many solved examples stand before it.
 *
 * @module
 */
import type { ShotDraw } from "./draw_shots.ts";
import {
  itemsOfSplits,
  nothingToAsk,
  type TaskItem,
  type TaskParts,
} from "./task_parts.ts";

/** One question with its choices. */
export interface ChoiceItem extends TaskItem {
  readonly question: string;
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly gold: number;
  /** What its score is told by, beside that of all: a subject, an exam. */
  readonly group?: string;
  /** Where several choices are right (mc2): 1 or 0 for each, beside `gold`. */
  readonly truth?: {
    readonly choices: readonly string[];
    readonly labels: readonly number[];
  };
}

/** How a task writes its items. */
export interface ChoiceTask extends TaskParts {
  /** How examples are drawn unless one says otherwise, "fixed" without it. */
  readonly sampling?: ShotDraw;
  /**
   * Whether laiviet's fork takes it for a task without training part: it draws
   * an example more than it needs, even where the item cannot be among them.
   */
  readonly drawsOneMore?: boolean;
  /** Text up to where the answer begins, without a space at its end. */
  readonly prompt: (item: ChoiceItem) => string;
  /** What is scored for each choice, behind a space (see `layout`). */
  readonly answers: (item: ChoiceItem) => readonly string[];
  /** Metric that is reported first. */
  readonly metric: "acc" | "acc_norm" | "acc_bytes" | "mc2";
}

/** Items to ask, and those that examples are drawn from. */
export interface SplitItems {
  readonly asked: readonly ChoiceItem[];
  readonly pool: readonly ChoiceItem[];
}

/**
 * Cuts a data set as the task says.
 *
 * @throws {DataError} when there is nothing to ask
 */
export function splitItems(
  task: ChoiceTask,
  items: readonly ChoiceItem[],
): SplitItems {
  const asked = itemsOfSplits(items, task.askedSplits);
  if (asked.length === 0) throw nothingToAsk(task, items);
  return { asked, pool: itemsOfSplits(items, task.shotSplits) };
}
