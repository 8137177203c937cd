/**
 * Which items of a generative task are asked, and which solved examples stand
 * before each of them.
 *
 * | sampling | examples                                                       |
 * | -------- | -------------------------------------------------------------- |
 * | fixed    | the published ones, by their ids or places                     |
 * | balanced | drawn once, of each answer as many as of the others            |
 * | first    | the first ones of the data                                     |
 * | harness  | others for every item, as lm-evaluation-harness 0.4 draws them |
 *
 * @module
 */
import { ConfigError, Random } from "../util/mod.ts";
import {
  type AnswerItem,
  type AnswerTask,
  writeAnswer,
} from "./answer_task.ts";
import { drawShots } from "./draw_shots.ts";
import { itemsOfSplits, layoutOf, nothingToAsk } from "./task_parts.ts";

/** A way to choose the examples of a generative task. */
export type AnswerSampling = "fixed" | "balanced" | "first" | "harness";

/** How examples are chosen. */
export interface AnswerShotOptions {
  /** Number of examples; the task's own without it. */
  readonly shots?: number | undefined;
  /**
   * The task's own way without it: "fixed" where it has published examples,
   * else "balanced".
   */
  readonly sampling?: AnswerSampling | undefined;
  /** Seed of the draws, 1234. */
  readonly seed?: number | undefined;
}

/** Items to ask, and the examples before them. */
export interface AnswerPlan {
  readonly asked: readonly AnswerItem[];
  /** How examples were chosen in the end. */
  readonly sampling: AnswerSampling;
  /** Examples before the first item; before every item except for "harness". */
  readonly examples: readonly AnswerItem[];
  /** Description and solved examples before the first item. */
  readonly head: string;
  /** The same before any item; its prompt follows. */
  readonly headOf: (item: AnswerItem) => string;
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
function publishedOf(
  { shotIds = [], shotPlaces }: AnswerTask,
  source: readonly AnswerItem[],
): AnswerItem[] {
  if (shotPlaces) {
    // Places count the rows of the published set; derived items are others.
    const isPublished = !source.some(({ isDerived }) => isDerived);
    return isPublished ? shotPlaces.flatMap((at) => source[at] ?? []) : [];
  }
  const byId = new Map(source.map((item) => [item.id, item]));
  return shotIds.flatMap((id) => byId.get(id) ?? []);
}

/** How examples are chosen where nobody says it. */
function usualSampling(
  task: AnswerTask,
  published: readonly AnswerItem[],
  shots: number,
): AnswerSampling {
  if (task.sampling) return task.sampling;
  if (!task.shotIds && !task.shotPlaces) return "balanced";
  return task.mayDraw && published.length < shots ? "balanced" : "fixed";
}

function isSame(a: AnswerItem, b: AnswerItem): boolean {
  return a === b ||
    JSON.stringify([a.fields, a.gold]) === JSON.stringify([b.fields, b.gold]);
}

/**
 * Cuts a data set as the task says and chooses its examples. An example is never
 * asked; only "first" and "harness", which leave an item out of its own
 * examples, ask all.
 *
 * @throws {DataError} when there is nothing to ask
 * @throws {ConfigError} when there are fewer examples than are wanted
 */
export function planAnswers(
  task: AnswerTask,
  items: readonly AnswerItem[],
  options: AnswerShotOptions = {},
): AnswerPlan {
  const { shots = task.shots, seed = 1234 } = options;
  const all = itemsOfSplits(items, task.askedSplits);
  const own = itemsOfSplits(items, task.shotSplits);
  const source = own.length > 0 ? own : all;
  const isOwn = source === all;
  const published = publishedOf(task, source);
  const sampling = options.sampling ?? usualSampling(task, published, shots);
  const isDrawnEach = sampling === "first" || sampling === "harness";
  // Of those that are drawn for each item, only the number counts here.
  const found = sampling === "fixed"
    ? published.slice(0, shots)
    : isDrawnEach
    ? source.slice(0, Math.max(0, source.length - Number(isOwn)))
    : drawBalanced(source, shots, seed);
  if (found.length < shots) {
    throw new ConfigError(
      `Cannot write ${shots} examples of ${task.name}: the data has ` +
        `${found.length} ` +
        (sampling === "fixed"
          ? "of the published ones; draw balanced ones instead"
          : "to draw from"),
    );
  }
  const hidden = new Set(isOwn && !isDrawnEach ? found : []);
  // With published ids, all of them stay out, whatever the number of shots.
  if (isOwn && !isDrawnEach) published.forEach((item) => hidden.add(item));
  const asked = all.filter((item) => !hidden.has(item));
  if (asked.length === 0) {
    const why = all.length > 0 ? ", and all of them are examples" : "";
    throw nothingToAsk(task, items, why);
  }
  const examplesOf = isDrawnEach
    ? drawShots({ asked, source, shots, oneMore: isOwn, isSame }, {
      draw: sampling,
      seed,
    })
    : () => found;
  const { afterDescription, beforeAnswer, betweenShots } = layoutOf(task);
  const solve = ({ fields, gold, written }: AnswerItem) =>
    task.prompt(fields) + beforeAnswer + (written ?? writeAnswer(gold)) +
    betweenShots;
  const description = task.description === ""
    ? ""
    : task.description + afterDescription;
  const headOf = (item: AnswerItem) =>
    description + examplesOf(item).map(solve).join("");
  const [first] = asked;
  return {
    asked,
    sampling,
    examples: examplesOf(first!),
    head: headOf(first!),
    headOf,
  };
}
