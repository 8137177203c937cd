/**
 * What `caderno eval tasks` is asked to run: tasks of the library with their
 * data, and tasks of one's own from a file.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  ANSWER_TASKS,
  CHOICE_TASKS,
  type ChoiceItem,
  ConfigError,
  exists,
  findNamedTask,
  FormatError,
  type ItemReadOptions,
  LIKELIHOOD_TASKS,
  messageOf,
  type OwnTask,
  readAnswerItems,
  readChoiceItems,
  readLikelihoodItems,
  readTemplateTask,
  samplesPath,
  SYNTHETIC_GENRES,
  syntheticCorpus,
  syntheticItems,
} from "../../lib/mod.ts";
import { note } from "./terminal.ts";

/** Documents behind the synthetic task: of the part that nobody trains on. */
const SYNTHETIC_DOCUMENTS = 40;
const SYNTHETIC_SEED = 1;
/** Items that cannot be used and are named one by one. */
const MAX_NAMED = 5;

/** All tasks of the library. */
export const ALL_TASKS = [
  ...CHOICE_TASKS,
  ...ANSWER_TASKS,
  ...LIKELIHOOD_TASKS,
];

/** A task, its items, and where its samples go. */
export type PlannedTask = OwnTask & {
  readonly samples: string | undefined;
  /** Items of the data that cannot be used. */
  readonly skipped: number;
};

/** Items of all genres, those of the training part as examples. */
function syntheticTaskItems(): ChoiceItem[] {
  const ofSplit = (split: "train" | "heldOut") =>
    syntheticItems(
      syntheticCorpus({
        seed: SYNTHETIC_SEED,
        documents: SYNTHETIC_DOCUMENTS,
        genres: SYNTHETIC_GENRES,
        difficulty: 2,
        split,
      }),
      split,
    );
  return [...ofSplit("train"), ...ofSplit("heldOut")];
}

/** A task of the library with its data. */
async function knownTask(
  name: string,
  file: string | undefined,
  reading: ItemReadOptions,
): Promise<OwnTask> {
  if (/\.(jsonl?|csv|parquet|xml|txt)$/.test(name)) {
    throw new ConfigError(
      `Cannot use ${name} as a task: it is data; wanted TASK=${name} for a ` +
        "task of the library, or TASK.yaml, a file that says what is asked",
    );
  }
  const task = findNamedTask(ALL_TASKS, name);
  if (file === undefined) {
    if (!("form" in task) && !("kind" in task) && name === "synthetic") {
      return { task, items: syntheticTaskItems() };
    }
    throw new ConfigError(
      `Cannot run ${name} without its data: download the set, ${task.source}, ` +
        `and give ${name}=FILE (JSON, JSON Lines, CSV, XML, Parquet, text, or ` +
        "a folder)",
    );
  }
  if ("form" in task) {
    return { task, items: await readAnswerItems(task, file, reading) };
  }
  if ("kind" in task) {
    return { task, items: await readLikelihoodItems(task, file, reading) };
  }
  return { task, items: await readChoiceItems(file, reading) };
}

/** What a module gives: a task with its items, or a function that makes them. */
async function moduleTask(path: string): Promise<OwnTask> {
  if (!await exists(path)) {
    throw new ConfigError(
      `Cannot read the task ${path}: there is no such file`,
    );
  }
  let given: unknown;
  try {
    const { href } = pathToFileURL(resolve(path));
    given = ((await import(href)) as { default?: unknown }).default;
    if (typeof given === "function") given = await given();
  } catch (error) {
    throw new FormatError(`Cannot run the task ${path}: ${messageOf(error)}`);
  }
  const { task, items } = (given ?? {}) as Partial<OwnTask>;
  if (typeof task?.name === "string" && Array.isArray(items)) {
    return given as OwnTask;
  }
  throw new FormatError(
    `Cannot use the task ${path}: its default export is { task, items } or a ` +
      "function that returns them",
  );
}

/** A task from a file of one's own. */
async function ownTask(
  path: string,
  data: string | undefined,
  { onSkip }: ItemReadOptions,
): Promise<OwnTask> {
  if (/\.[cm]?[jt]s$/.test(path)) return await moduleTask(path);
  const read = await readTemplateTask(path, { data, onSkip });
  if (read.ignored.length > 0) {
    note(`${path}: passed over ${read.ignored.join(", ")}`);
  }
  return read;
}

/**
 * Reads "arc_pt=FILE", "synthetic", "my_task.yaml" or "my_task.yaml=FILE". Items
 * that cannot be used are named and counted.
 *
 * @param out folder of the results
 */
export async function planTask(
  text: string,
  out: string | undefined,
): Promise<PlannedTask> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const file = at < 0 ? undefined : text.slice(at + 1);
  let skipped = 0;
  const onSkip = (reason: string) => {
    if (++skipped <= MAX_NAMED) note(`left out: ${reason}`);
  };
  const isFile = /\.(ya?ml|[cm]?[jt]s)$/.test(name);
  const planned = await (isFile ? ownTask : knownTask)(name, file, { onSkip });
  if (skipped > MAX_NAMED) {
    note(`${name}: left out ${skipped} items that cannot be used`);
  }
  const samples = out && samplesPath(out, planned.task.name);
  return { ...planned, samples, skipped };
}
