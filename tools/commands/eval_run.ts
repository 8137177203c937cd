/**
 * One task of `caderno eval tasks`: its items, what is left of them, and the
 * scores of all.
 *
 * @module
 */
import {
  type AnswerItem,
  type AnswerRunOptions,
  type AnswerTask,
  appendRecord,
  askedItems,
  askedTexts,
  type ChoiceItem,
  type ChoiceRunOptions,
  type ChoiceTask,
  evaluateAnswers,
  evaluateChoices,
  evaluateLikelihoods,
  harnessAnswer,
  harnessLikelihood,
  harnessSample,
  isShareMetric,
  type KeptAnswer,
  type KeptChoice,
  type KeptLikelihood,
  type KeptSamples,
  type LikelihoodItem,
  type LikelihoodTask,
  planAnswers,
  plannedAnswers,
  Progress,
  readKeptSamples,
  splitItems,
  summarizeAnswers,
  summarizeChoices,
  summarizeGroups,
  summarizeLikelihoods,
  type TaskResult,
  taskSettings,
} from "../../lib/mod.ts";
import type { PlannedTask } from "./eval_plan.ts";
import type { openModel } from "./generate.ts";
import { note, StatusLine } from "./terminal.ts";

/** How tasks are run, of all kinds. */
export interface EvalRunOptions {
  /** Name of the settings. */
  readonly settings: string;
  /** What holds in place of the settings' own, where it is given. */
  readonly seed: number | undefined;
  readonly bos: boolean | undefined;
  readonly shots: number | undefined;
  readonly limit: number | undefined;
  /** Other examples for every item with choices. */
  readonly isDrawn: boolean;
  /** Balanced examples before items that are answered. */
  readonly isBalanced: boolean;
  readonly signal: AbortSignal;
}

type OpenModel = Awaited<ReturnType<typeof openModel>>;

/** A score as people read it: percent, but errors and bits as they are. */
export function showScore(metric: string, score: number): string {
  return isShareMetric(metric) ? (100 * score).toFixed(2) : score.toFixed(3);
}

/** Fields that are there; what is undefined would hide a setting. */
function given<T extends object>(fields: T): Partial<T> {
  const there = Object.entries(fields).filter(([, x]) => x !== undefined);
  return Object.fromEntries(there) as Partial<T>;
}

/** What a run keeps of a record's group. */
function groupOf({ group }: { readonly group?: string }) {
  return group === undefined ? {} : { group };
}

/** Runs one item after the other, keeps and writes each. */
async function keepAll<
  Kept extends KeptSamples[number],
  R extends { readonly id: string },
>(
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
  { samples, opened, options: { shots, seed, bos, limit, ...run } }: TaskRun,
): Promise<TaskResult> {
  const sampling = run.isDrawn ? "drawn" as const : undefined;
  let skipped = 0;
  const options: ChoiceRunOptions = {
    ...taskSettings(run.settings, task),
    ...given({ shots, seed, bos, limit, sampling }),
    signal: run.signal,
    onSkip: (id, reason) => {
      skipped++;
      note(`${task.name}: skipped item ${id}: ${reason}`);
    },
  };
  const kept = samples ? await readKeptSamples<KeptChoice>(samples) : [];
  const done = new Set(kept.map(({ id }) => id));
  const last = await keepAll(
    (done) => evaluateChoices(opened, task, items, { ...options, done }),
    {
      name: task.name,
      samples,
      total: askedItems(task, items, { ...options, done }).length,
      keep: (record) => ({
        id: record.id,
        metrics: record.metrics,
        gold: record.gold,
        isTruncated: record.isTruncated,
        ...groupOf(record),
      }),
      write: (record) => harnessSample(record, task),
      kept,
    },
  );
  if (last) {
    const share = last.separateTokens / last.computedTokens;
    note(`${task.name}: shared beginnings saved ${share.toFixed(1)} times`);
  }
  return {
    task,
    shots: options.shots ?? task.shots,
    sampling: options.sampling ?? task.sampling ?? "fixed",
    bos: options.bos ?? true,
    summary: summarizeChoices(kept),
    groups: summarizeGroups(kept, summarizeChoices),
    available: splitItems(task, items).asked.length,
    skipped,
  };
}

async function runAnswers(
  task: AnswerTask,
  items: readonly AnswerItem[],
  { samples, opened, options: { shots, seed, bos, limit, ...run } }: TaskRun,
): Promise<TaskResult> {
  const sampling = run.isBalanced ? "balanced" as const : undefined;
  const options: AnswerRunOptions = {
    ...given({ shots, seed, bos, limit, sampling }),
    signal: run.signal,
  };
  const plan = planAnswers(task, items, options);
  const hasPublished = task.shotIds ?? task.shotPlaces;
  if (!sampling && hasPublished && plan.sampling === "balanced") {
    note(
      `${task.name}: the published examples are not in the data, balanced ones ` +
        "are drawn",
    );
  }
  const kept = samples ? await readKeptSamples<KeptAnswer>(samples) : [];
  const done = new Set(kept.map(({ id }) => id));
  await keepAll(
    (done) => evaluateAnswers(opened, task, items, { ...options, done }),
    {
      name: task.name,
      samples,
      total: plannedAnswers(plan, { ...options, done }).length,
      keep: (record) => ({
        id: record.id,
        gold: record.gold,
        answer: record.answer,
        isTruncated: record.isTruncated,
        form: task.form.kind,
        ...groupOf(record),
      }),
      write: (record) => harnessAnswer(record, task),
      kept,
    },
  );
  const summarize = (records: readonly KeptAnswer[]) =>
    summarizeAnswers(task, records);
  const summary = summarizeAnswers(task, kept);
  if (summary.unreadable > 0) {
    note(`${task.name}: ${summary.unreadable} answers could not be read`);
  }
  return {
    task,
    shots: plan.examples.length,
    sampling: plan.sampling,
    summary,
    groups: summarizeGroups(kept, summarize),
    available: plan.asked.length,
  };
}

async function runLikelihoods(
  task: LikelihoodTask,
  items: readonly LikelihoodItem[],
  { samples, opened, options: { shots, seed, bos, limit, signal } }: TaskRun,
): Promise<TaskResult> {
  const options = { ...given({ shots, seed, bos, limit }), signal };
  const kept = samples ? await readKeptSamples<KeptLikelihood>(samples) : [];
  const done = new Set(kept.map(({ id }) => id));
  const { kind } = task;
  await keepAll(
    (done) => evaluateLikelihoods(opened, task, items, { ...options, done }),
    {
      name: task.name,
      samples,
      total: askedTexts(task, items, { ...options, done }).length,
      keep: ({ context: _, doc: __, target, ...facts }) => ({
        ...facts,
        kind,
        gold: target,
      }),
      write: (record) => harnessLikelihood(record, task),
      kept,
    },
  );
  return {
    task,
    shots: shots ?? task.shots,
    summary: summarizeLikelihoods(task, kept),
    available: askedTexts(task, items).length,
  };
}

/** What a task is run with. */
interface TaskRun {
  readonly samples: string | undefined;
  readonly opened: OpenModel;
  readonly options: EvalRunOptions;
}

/** Scores what is left of a task, and all that it came to. */
export async function runTask(
  planned: PlannedTask,
  opened: OpenModel,
  options: EvalRunOptions,
): Promise<TaskResult> {
  const { task, items, samples } = planned;
  const run = { samples, opened, options };
  const result = "form" in task
    ? await runAnswers(task, items as readonly AnswerItem[], run)
    : "kind" in task
    ? await runLikelihoods(task, items as readonly LikelihoodItem[], run)
    : await runChoices(task, items as readonly ChoiceItem[], run);
  return { ...result, skipped: planned.skipped + (result.skipped ?? 0) };
}
