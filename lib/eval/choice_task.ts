/**
 * A multiple-choice task as data: where its items come from, how one is written
 * for a model, and how many solved examples stand before it.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";
import type { ShotDraw } from "./draw_shots.ts";

/** One question with its choices. */
export interface ChoiceItem {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly gold: number;
  /** Part of the data set: "train", "validation", "test", "dev". */
  readonly split: string;
  /** What its score is told by, beside that of all: a subject, an exam. */
  readonly group?: string;
  /** Where several choices are right (mc2): 1 or 0 for each, beside `gold`. */
  readonly truth?: {
    readonly choices: readonly string[];
    readonly labels: readonly number[];
  };
}

/** What stands between the parts of a prompt. */
export interface PromptLayout {
  /** Behind the description, a blank line without it. */
  readonly afterDescription?: string;
  /** Between a prompt and its answer, a space without it. */
  readonly beforeAnswer?: string;
  /** Behind each solved example, a blank line without it. */
  readonly betweenShots?: string;
}

/** The layout of a task with what holds where it says nothing. */
export function layoutOf(
  { layout }: { readonly layout?: PromptLayout },
): Required<PromptLayout> {
  return {
    afterDescription: "\n\n",
    beforeAnswer: " ",
    betweenShots: "\n\n",
    ...layout,
  };
}

/** How a task writes its items. */
export interface ChoiceTask {
  readonly name: string;
  /** One line: what it asks and where it comes from. */
  readonly summary: string;
  /** Where to get its data, and under which licence. */
  readonly source?: string;
  /** Splits whose items are asked, in order of preference. */
  readonly askedSplits: readonly string[];
  /** Splits that examples come from, in order of preference. */
  readonly shotSplits: readonly string[];
  /** Examples before each item, unless one says otherwise. */
  readonly shots: number;
  /** How examples are drawn unless one says otherwise, "fixed" without it. */
  readonly sampling?: ShotDraw;
  /**
   * Whether laiviet's fork takes it for a task without training part: it draws
   * an example more than it needs, even where the item cannot be among them.
   */
  readonly drawsOneMore?: boolean;
  /** What stands before everything. */
  readonly description?: string;
  readonly layout?: PromptLayout;
  /** Text up to where the answer begins, without a space at its end. */
  readonly prompt: (item: ChoiceItem) => string;
  /** What is scored for each choice, behind a space (see `layout`). */
  readonly answers: (item: ChoiceItem) => readonly string[];
  /** Metric that is reported first. */
  readonly metric: "acc" | "acc_norm" | "acc_bytes" | "mc2";
}

/** The items of the first of these splits that has any. */
export function itemsOfSplits<T extends { readonly split: string }>(
  items: readonly T[],
  splits: readonly string[],
): readonly T[] {
  for (const split of splits) {
    const found = items.filter((item) => item.split === split);
    if (found.length > 0) return found;
  }
  return [];
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
  if (asked.length === 0) {
    const there = [...new Set(items.map(({ split }) => split))];
    throw new DataError(
      `Cannot run ${task.name}: it asks ${
        task.askedSplits.join(" or ")
      }, the ` +
        `data has ${there.join(", ") || "no items"}`,
    );
  }
  return { asked, pool: itemsOfSplits(items, task.shotSplits) };
}
