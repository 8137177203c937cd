/**
 * A task whose answers a model writes: how an item is put, what an answer looks
 * like, and which solved examples stand before it.
 *
 * @module
 */
import { ConfigError, DataError, Random } from "../util/mod.ts";
import type { AnswerForm } from "./answer_forms.ts";
import { itemsOfSplits } from "./choice_task.ts";

/** One question of such a task. */
export interface AnswerItem {
  readonly id: string;
  /** Part of the data set: "train", "validation", "test". */
  readonly split: string;
  /** Texts that the prompt is made of, by name: "premise", "hypothesis". */
  readonly fields: Readonly<Record<string, string>>;
  /** Right answer: a letter, a label or a number. */
  readonly gold: string | number;
}

/** How a task writes its items and reads the answers. */
export interface AnswerTask {
  readonly name: string;
  /** One line: what it asks and where it comes from. */
  readonly summary: string;
  /** Kind of data that its items are read from; see `readAnswerItems`. */
  readonly data: "exam" | "pairs" | "questions" | "texts";
  /** What stands before everything. */
  readonly description: string;
  readonly form: AnswerForm;
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
  /** Metric that is reported first. */
  readonly metric: "acc" | "f1_macro" | "pearson";
}

/** How examples are chosen. */
export interface AnswerShotOptions {
  /** Number of examples; the task's own without it. */
  readonly shots?: number | undefined;
  /**
   * "fixed": the published ones, by their ids; "balanced": drawn once, of each
   * answer as many as of the others. "fixed" where a task has published ids.
   */
  readonly sampling?: "fixed" | "balanced";
  /** Seed of the draws, 1234. */
  readonly seed?: number;
}

/** Items to ask, and the examples before each of them. */
export interface AnswerPlan {
  readonly asked: readonly AnswerItem[];
  readonly examples: readonly AnswerItem[];
  /** Description and solved examples; the prompt of an item follows. */
  readonly head: string;
}

/** An answer as the task writes it: numbers with a decimal comma. */
export function writeAnswer(gold: string | number): string {
  return typeof gold === "string" ? gold : gold.toFixed(1).replace(".", ",");
}

/** Examples in turns: one of each answer, then another of each. */
function drawBalanced(
  source: readonly AnswerItem[],
  shots: number,
  seed: number,
): AnswerItem[] {
  const random = new Random(seed, "balanced shots");
  const shuffled = random.shuffle([...source]);
  // Numbers are balanced by whole steps, 1 to 5.
  const classOf = ({ gold }: AnswerItem) =>
    typeof gold === "string" ? gold : String(Math.round(gold));
  const classes = Map.groupBy(shuffled, classOf);
  const drawn: AnswerItem[] = [];
  for (let turn = 0; drawn.length < shots; turn++) {
    const round = [...classes.values()].flatMap((items) => items[turn] ?? []);
    if (round.length === 0) break;
    drawn.push(...round.slice(0, shots - drawn.length));
  }
  return random.shuffle(drawn);
}

/** The published examples that are in the data, in their order. */
function takeFixed(
  { shotIds = [] }: AnswerTask,
  source: readonly AnswerItem[],
  shots: number,
): AnswerItem[] {
  const byId = new Map(source.map((item) => [item.id, item]));
  return shotIds.flatMap((id) => byId.get(id) ?? []).slice(0, shots);
}

/**
 * Cuts a data set as the task says and chooses its examples; an example is
 * never asked.
 *
 * @throws {DataError} when there is nothing to ask
 * @throws {ConfigError} when there are fewer examples than are wanted
 */
export function planAnswers(
  task: AnswerTask,
  items: readonly AnswerItem[],
  options: AnswerShotOptions = {},
): AnswerPlan {
  const {
    shots = task.shots,
    sampling = task.shotIds ? "fixed" : "balanced",
    seed = 1234,
  } = options;
  const all = itemsOfSplits(items, task.askedSplits);
  const own = itemsOfSplits(items, task.shotSplits);
  const source = own.length > 0 ? own : all;
  const examples = sampling === "fixed"
    ? takeFixed(task, source, shots)
    : drawBalanced(source, shots, seed);
  if (examples.length < shots) {
    throw new ConfigError(
      `Cannot write ${shots} examples of ${task.name}: the data has ` +
        `${examples.length} ` +
        (sampling === "fixed"
          ? "of the published ones; draw balanced ones instead"
          : "to draw from"),
    );
  }
  const isExample = new Set(examples.map(({ id }) => id));
  // With published ids, all of them stay out, whatever the number of shots.
  if (source === all) task.shotIds?.forEach((id) => isExample.add(id));
  const asked = source === all
    ? all.filter(({ id }) => !isExample.has(id))
    : all;
  if (asked.length === 0) {
    const splits = [...new Set(items.map(({ split }) => split))];
    throw new DataError(
      `Cannot run ${task.name}: it asks ${task.askedSplits.join(" or ")}, ` +
        `the data has ${splits.join(", ") || "no items"}` +
        (all.length > 0 ? ", and all of them are examples" : ""),
    );
  }
  const solved = examples.map(({ fields, gold }) =>
    `${task.prompt(fields)} ${writeAnswer(gold)}\n\n`
  );
  return {
    asked,
    examples,
    head: `${task.description}\n\n${solved.join("")}`,
  };
}
