/**
 * A multiple-choice task as data: where its items come from, how one is written
 * for a model, and how many solved examples stand before it.
 *
 * @module
 */
import { ConfigError, DataError, Random } from "../util/mod.ts";

/** One question with its choices. */
export interface ChoiceItem {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly gold: number;
  /** Part of the data set: "train", "validation", "test", "dev". */
  readonly split: string;
  /** Where several choices are right (mc2): 1 or 0 for each, beside `gold`. */
  readonly truth?: {
    readonly choices: readonly string[];
    readonly labels: readonly number[];
  };
}

/** How a task writes its items. */
export interface ChoiceTask {
  readonly name: string;
  /** One line: what it asks and where it comes from. */
  readonly summary: string;
  /** Splits whose items are asked, in order of preference. */
  readonly askedSplits: readonly string[];
  /** Splits that examples come from, in order of preference. */
  readonly shotSplits: readonly string[];
  /** Examples before each item, unless one says otherwise. */
  readonly shots: number;
  /** What stands before everything. */
  readonly description?: string;
  /** Text up to where the answer begins, without a space at its end. */
  readonly prompt: (item: ChoiceItem) => string;
  /** What is scored for each choice, behind one space. */
  readonly answers: (item: ChoiceItem) => readonly string[];
  /** Metric that is reported first. */
  readonly metric: "acc" | "acc_norm" | "mc2";
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

/** How examples are chosen. */
export interface ShotOptions {
  /** Number of examples; the task's own without it. */
  readonly shots?: number | undefined;
  /**
   * "fixed": the same ones before every item, drawn once, which lets their keys
   * and values be shared; "drawn": others for every item.
   */
  readonly sampling?: "fixed" | "drawn";
  /** Seed of the draws, 1234. */
  readonly seed?: number;
}

/** Solved examples before an item, separated by blank lines. */
export type ShotWriter = (item: ChoiceItem) => string;

/**
 * Writes the examples of a task.
 *
 * @throws {ConfigError} when there are fewer examples than are wanted
 */
export function shotWriter(
  task: ChoiceTask,
  { asked, pool }: SplitItems,
  { shots = task.shots, sampling = "fixed", seed = 1234 }: ShotOptions = {},
): ShotWriter {
  if (!Number.isInteger(shots) || shots < 0) {
    throw new ConfigError(`Cannot write ${shots} examples of ${task.name}`);
  }
  // Without items of their own, examples are other asked items.
  const source = pool.length > 0 ? pool : asked;
  const isOwn = source === asked;
  if (shots > source.length - Number(isOwn)) {
    throw new ConfigError(
      `Cannot write ${shots} examples of ${task.name}: there are ` +
        `${source.length} items to draw them from`,
    );
  }
  const solve = (item: ChoiceItem) =>
    `${task.prompt(item)} ${task.answers(item)[item.gold]}\n\n`;
  const head = task.description ? `${task.description}\n\n` : "";
  const draw = (random: Random, avoid?: ChoiceItem) =>
    // One more than needed, since the item itself may be among them.
    random.shuffle([...source.keys()]).slice(0, shots + 1)
      .map((i) => source[i]!).filter((item) => item !== avoid).slice(0, shots);
  if (sampling === "fixed" && !isOwn) {
    const text = head + draw(new Random(seed, "shots")).map(solve).join("");
    return () => text;
  }
  return (item) => {
    const stream = sampling === "fixed" ? "shots" : `shots ${item.id}`;
    return head + draw(new Random(seed, stream), item).map(solve).join("");
  };
}
