/**
 * One task of `caderno eval tasks`: its items, what is left of them, and the
 * scores of all.
 *
 * @module
 */
import {
  ANSWER_TASKS,
  type AnswerItem,
  type AnswerRunOptions,
  type AnswerTask,
  appendRecord,
  askedItems,
  CHOICE_TASKS,
  type ChoiceItem,
  type ChoiceRunOptions,
  type ChoiceTask,
  ConfigError,
  evaluateAnswers,
  evaluateChoices,
  findNamedTask,
  harnessAnswer,
  harnessSample,
  type KeptAnswer,
  type KeptChoice,
  type KeptSamples,
  planAnswers,
  plannedAnswers,
  Progress,
  readAnswerItems,
  readChoiceItems,
  readKeptSamples,
  samplesPath,
  splitItems,
  summarizeAnswers,
  summarizeChoices,
  syntheticCorpus,
  syntheticItems,
  type TaskResult,
} from "../../lib/mod.ts";
import type { openModel } from "./generate.ts";
import { note, StatusLine } from "./terminal.ts";

/** Stories behind the synthetic task: of the part that nobody trains on. */
const SYNTHETIC_STORIES = 60;
const SYNTHETIC_SEED = 1;

/** How tasks are run, of both kinds. */
export interface EvalRunOptions {
  readonly seed: number;
  readonly bos: boolean;
  readonly limit: number | undefined;
  readonly shots: number | undefined;
  /** Other examples for every item with choices. */
  readonly isDrawn: boolean;
  /** Balanced examples before items that are answered. */
  readonly isBalanced: boolean;
  readonly signal: AbortSignal;
}

/** A task, its items, and where its samples go. */
export type PlannedTask =
  & { readonly samples: string | undefined }
  & (
    | { readonly task: ChoiceTask; readonly items: readonly ChoiceItem[] }
    | { readonly task: AnswerTask; readonly items: readonly AnswerItem[] }
  );

type OpenModel = Awaited<ReturnType<typeof openModel>>;

/** A score as people read it: percent, but errors of numbers as they are. */
export function showScore(metric: string, score: number): string {
  return metric === "mse" ? score.toFixed(3) : (100 * score).toFixed(2);
}

/** Items of the synthetic stories, those of the training part as examples. */
function syntheticTaskItems(): ChoiceItem[] {
  const ofSplit = (split: "train" | "heldOut") =>
    syntheticItems(
      syntheticCorpus({
        seed: SYNTHETIC_SEED,
        documents: SYNTHETIC_STORIES,
        split,
      }),
      split,
    );
  return [...ofSplit("train"), ...ofSplit("heldOut")];
}

/** Reads "arc_pt=FILE"; the synthetic task needs no file. */
export async function planTask(
  text: string,
  out: string | undefined,
): Promise<PlannedTask> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const task = findNamedTask([...CHOICE_TASKS, ...ANSWER_TASKS], name);
  const samples = out && samplesPath(out, name);
  if (at >= 0) {
    const file = text.slice(at + 1);
    return "form" in task
      ? { task, items: await readAnswerItems(task, file), samples }
      : { task, items: await readChoiceItems(file), samples };
  }
  if ("form" in task || name !== "synthetic") {
    throw new ConfigError(
      `Cannot run ${name} without its data: download the set and give ` +
        `${name}=FILE (JSON, JSON Lines, CSV, XML, Parquet, or a folder)`,
    );
  }
  return { task, items: syntheticTaskItems(), samples };
}

/** Runs one item after the other, keeps and writes each. */
async function keepAll<Kept extends KeptSamples[number], R extends Kept>(
  records: (done: ReadonlySet<string>) => AsyncIterable<R>,
  { name, samples, total, keep, write, kept }: {
    readonly name: string;
    readonly samples: string | undefined;
    /** Items that are left. */
    readonly total: number;
    readonly keep: (record: R) => Kept;
    readonly write: (record: R) => Record<string, unknown>;
    /** Items that were there; the new ones are added. */
    readonly kept: Kept[];
  },
): Promise<R | undefined> {
  const done = new Set(kept.map(({ id }) => id));
  if (done.size > 0) note(`${name}: ${done.size} items are there`);
  using line = new StatusLine(new Progress(name, { total, unit: "items" }));
  let last: R | undefined;
  for await (const record of records(done)) {
    last = record;
    const row = keep(record);
    kept.push(row);
    if (samples) await appendRecord(samples, { ...write(record), kept: row });
    line.update(kept.length - done.size);
  }
  return last;
}

async function runChoices(
  task: ChoiceTask,
  items: readonly ChoiceItem[],
  { samples, opened, given }: TaskRun,
): Promise<TaskResult> {
  const { isDrawn } = given;
  const options: ChoiceRunOptions = {
    ...given,
    sampling: isDrawn ? "drawn" : "fixed",
    onSkip: (id, reason) => note(`${task.name}: skipped item ${id}: ${reason}`),
  };
  const kept = samples ? await readKeptSamples<KeptChoice>(samples) : [];
  const done = new Set(kept.map(({ id }) => id));
  const last = await keepAll(
    (done) => evaluateChoices(opened, task, items, { ...options, done }),
    {
      name: task.name,
      samples,
      total: askedItems(task, items, { ...options, done }).length,
      keep: ({ id, metrics, gold, isTruncated }) => ({
        id,
        metrics,
        gold,
        isTruncated,
      }),
      write: harnessSample,
      kept,
    },
  );
  if (last) {
    const share = last.separateTokens / last.computedTokens;
    note(`${task.name}: shared beginnings saved ${share.toFixed(1)} times`);
  }
  return {
    task,
    shots: given.shots ?? task.shots,
    summary: summarizeChoices(kept),
    available: splitItems(task, items).asked.length,
  };
}

async function runAnswers(
  task: AnswerTask,
  items: readonly AnswerItem[],
  { samples, opened, given }: TaskRun,
): Promise<TaskResult> {
  const options: AnswerRunOptions = {
    ...given,
    ...(given.isBalanced ? { sampling: "balanced" } : {}),
  };
  const plan = planAnswers(task, items, options);
  const kept = samples ? await readKeptSamples<KeptAnswer>(samples) : [];
  const done = new Set(kept.map(({ id }) => id));
  await keepAll(
    (done) => evaluateAnswers(opened, task, items, { ...options, done }),
    {
      name: task.name,
      samples,
      total: plannedAnswers(plan, { ...options, done }).length,
      keep: ({ id, gold, answer, isTruncated }) => ({
        id,
        gold,
        answer,
        isTruncated,
      }),
      write: harnessAnswer,
      kept,
    },
  );
  const summary = summarizeAnswers(task, kept);
  if (summary.unreadable > 0) {
    note(`${task.name}: ${summary.unreadable} answers could not be read`);
  }
  return {
    task,
    shots: plan.examples.length,
    summary,
    available: plan.asked.length,
  };
}

/** What a task is run with. */
interface TaskRun {
  readonly samples: string | undefined;
  readonly opened: OpenModel;
  readonly given: EvalRunOptions;
}

/** Scores what is left of a task, and all that it came to. */
export function runTask(
  planned: PlannedTask,
  opened: OpenModel,
  given: EvalRunOptions,
): Promise<TaskResult> {
  const { task, items, samples } = planned;
  const facts = { samples, opened, given };
  return "form" in task
    ? runAnswers(task, items as readonly AnswerItem[], facts)
    : runChoices(task, items as readonly ChoiceItem[], facts);
}
