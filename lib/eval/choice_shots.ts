/**
 * The solved examples before an item with choices.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import type { ChoiceItem, ChoiceTask, SplitItems } from "./choice_task.ts";
import { drawShots, type ShotDraw } from "./draw_shots.ts";
import { layoutOf } from "./task_parts.ts";

/** How examples are chosen. */
export interface ShotOptions {
  /** Number of examples; the task's own without it. */
  readonly shots?: number | undefined;
  /** How they are drawn: the task's own way without it, else "fixed". */
  readonly sampling?: ShotDraw | undefined;
  /** Seed of the draws; 1234, and 42 for "okapi". */
  readonly seed?: number | undefined;
}

/** Solved examples before an item, separated by blank lines. */
export type ShotWriter = (item: ChoiceItem) => string;

/** Whether two items say the same; harnesses compare what is in them. */
function isSame(a: ChoiceItem, b: ChoiceItem): boolean {
  return a === b || a.question === b.question && a.gold === b.gold &&
      a.choices.join("\0") === b.choices.join("\0");
}

/**
 * Writes the examples of a task.
 *
 * @throws {ConfigError} when there are fewer examples than are wanted
 */
export function shotWriter(
  task: ChoiceTask,
  { asked, pool }: SplitItems,
  { shots = task.shots, sampling = task.sampling ?? "fixed", seed }:
    ShotOptions = {},
): ShotWriter {
  if (!Number.isInteger(shots) || shots < 0) {
    throw new ConfigError(`Cannot write ${shots} examples of ${task.name}`);
  }
  // Without items of their own, examples are other asked items.
  const source = pool.length > 0 ? pool : asked;
  const isOwn = source === asked;
  const oneMore = isOwn || sampling === "okapi" && task.drawsOneMore === true;
  if (shots > 0 && shots > source.length - Number(oneMore)) {
    throw new ConfigError(
      `Cannot write ${shots} examples of ${task.name}: there are ` +
        `${source.length} items to draw them from`,
    );
  }
  const { afterDescription, beforeAnswer, betweenShots } = layoutOf(task);
  const head = task.description ? task.description + afterDescription : "";
  const solve = (item: ChoiceItem) =>
    task.prompt(item) + beforeAnswer + task.answers(item)[item.gold] +
    betweenShots;
  const plan = { asked, source, shots, oneMore, isSame };
  const drawn = drawShots(plan, { draw: sampling, seed });
  return (item) => head + drawn(item).map(solve).join("");
}
