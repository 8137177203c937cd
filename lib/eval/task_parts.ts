/**
 * What tasks of all kinds have in common: where their items come from, what
 * stands between the parts of a prompt, and which items a run asks.
 *
 * @module
 */
import { DataError, InterruptedError } from "../util/mod.ts";
import type { RowFields } from "./data_rows.ts";

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

/** A task of any kind. */
export interface TaskParts {
  readonly name: string;
  /** One line: what it asks and where it comes from. */
  readonly summary: string;
  /** Where to get its data, and under which licence. */
  readonly source?: string;
  /** Splits whose items are asked, in order of preference. */
  readonly askedSplits: readonly string[];
  /**
   * Splits that examples come from, in order of preference; the asked items
   * where there are none.
   */
  readonly shotSplits: readonly string[];
  /** Examples before each item, unless one says otherwise. */
  readonly shots: number;
  /** What stands before everything. */
  readonly description?: string;
  readonly layout?: PromptLayout;
}

/** An item of any task. */
export interface TaskItem {
  readonly id: string;
  /** Part of the data set: "train", "validation", "test", "dev". */
  readonly split: string;
  /** The row that it was read from; none where a row makes several. */
  readonly doc?: RowFields;
}

/** The row of an item as samples keep it; the item where it has none. */
export function docOf(item: TaskItem): RowFields {
  return item.doc ?? { ...item };
}

/** The items of the first of these splits that has any. */
export function itemsOfSplits<T extends TaskItem>(
  items: readonly T[],
  splits: readonly string[],
): readonly T[] {
  for (const split of splits) {
    const found = items.filter((item) => item.split === split);
    if (found.length > 0) return found;
  }
  return [];
}

/** Says that a data set has nothing that a task asks. */
export function nothingToAsk(
  { name, askedSplits }: TaskParts,
  items: readonly TaskItem[],
  why = "",
): DataError {
  const there = [...new Set(items.map(({ split }) => split))];
  return new DataError(
    `Cannot run ${name}: it asks ${askedSplits.join(" or ")}, the data has ` +
      (there.join(", ") || "no items") + why,
  );
}

/** How a task of any kind is run. */
export interface TaskRunOptions {
  /** Most items; all without it. */
  readonly limit?: number | undefined;
  /** Items that were done before, by id: they are not asked again. */
  readonly done?: ReadonlySet<string>;
  /** Whether `<s>` begins the context (default true); it changes scores. */
  readonly bos?: boolean | undefined;
  /** Stops before an item is asked; what was scored by then is yielded. */
  readonly signal?: AbortSignal;
}

/** What is left of the items of a run. */
export function leftItems<T extends TaskItem>(
  items: readonly T[],
  { limit = Infinity, done = new Set() }: TaskRunOptions,
): T[] {
  return items.slice(0, limit).filter(({ id }) => !done.has(id));
}

/** @throws {InterruptedError} when the signal of a run is aborted */
export function checkSignal(
  { signal }: TaskRunOptions,
  { id }: TaskItem,
): void {
  if (signal?.aborted) throw new InterruptedError(`Stopped before item ${id}`);
}
