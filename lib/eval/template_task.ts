/**
 * From a task file and rows of data to a task with its items: rows are cut into
 * what is asked and what is shown, and templates are written once for each.
 *
 * @module
 */
import { DataError, FormatError, messageOf } from "../util/mod.ts";
import type { AnswerItem, AnswerTask } from "./answer_task.ts";
import type { ChoiceItem, ChoiceTask } from "./choice_task.ts";
import {
  readDataRows,
  type RowFields,
  type SkipItem,
  splitOfFile,
  usableItems,
} from "./data_rows.ts";
import type { LikelihoodItem, LikelihoodTask } from "./likelihood_task.ts";
import { readTaskFile, type TaskFile } from "./task_file.ts";
import { RowWriter } from "./row_writer.ts";

/** A task that brings its items. */
export type OwnTask =
  | { readonly task: ChoiceTask; readonly items: readonly ChoiceItem[] }
  | { readonly task: AnswerTask; readonly items: readonly AnswerItem[] }
  | {
    readonly task: LikelihoodTask;
    readonly items: readonly LikelihoodItem[];
  };

/** How a task file is read. */
export interface TaskReadOptions {
  /** File or folder of the data, in place of those that the task names. */
  readonly data?: string | undefined;
  /** See {@linkcode ItemReadOptions}. */
  readonly onSkip?: SkipItem | undefined;
}

/** What a task was read to, and what of its file changes nothing here. */
export type ReadTask = OwnTask & { readonly ignored: readonly string[] };

/** A row with its part of the data: asked, or only for examples. */
interface PlacedRow {
  readonly id: string;
  readonly fields: RowFields;
  readonly split: "asked" | "examples";
}

interface SplitRow {
  readonly fields: RowFields;
  readonly split: string;
}

/** All rows with the split of each. */
async function readRows(
  { dataFiles, path }: TaskFile,
  data: string | undefined,
): Promise<SplitRow[]> {
  const files = data === undefined ? dataFiles : [["", data] as const];
  if (files.length === 0) {
    throw new DataError(
      `Cannot run ${path}: it names no data; give dataset_path a file beside it`,
    );
  }
  const rows: SplitRow[] = [];
  for (const [named, file] of files) {
    const read = await readDataRows(file).catch((error) => {
      if (data !== undefined || !(error instanceof DataError)) throw error;
      throw new DataError(
        `${messageOf(error)}. If ${file} is the name of a set on a hub, ` +
          "download it and give its file",
      );
    });
    for (const { fields, file } of read) {
      const split = named !== ""
        ? named
        : typeof fields.split === "string"
        ? fields.split
        : splitOfFile(file);
      rows.push({ fields, split });
    }
  }
  return rows;
}

/** Rows of a split; all of them where the data has only one. */
function rowsOf(
  rows: readonly SplitRow[],
  split: string | undefined,
  { path }: TaskFile,
): readonly SplitRow[] {
  const splits = [...new Set(rows.map((row) => row.split))];
  if (splits.length === 1) return rows;
  const found = rows.filter((row) => row.split === split);
  if (found.length > 0) return found;
  throw new DataError(
    `Cannot run ${path}: ` +
      (split === undefined
        ? "it names no split"
        : `there is no split ${split}`) +
      `, the data has ${splits.join(", ")}`,
  );
}

/** Rows that are asked, and those of the examples where they are others. */
function placeRows(
  task: TaskFile,
  rows: readonly SplitRow[],
): PlacedRow[] {
  const { shots, samples, shotIds, shotPlaces, idColumn } = task;
  const asked = rowsOf(rows, task.askedSplit, task);
  const place = (split: PlacedRow["split"]) =>
  (
    { fields }: { readonly fields: RowFields },
    i: number,
  ): PlacedRow => ({ id: String(fields.id ?? fields.idx ?? i), fields, split });
  const isOther = shots > 0 && (task.shotSplit ?? task.askedSplit) !==
      task.askedSplit;
  const source = samples?.map((fields) => ({ fields, split: "" })) ??
    (isOther ? rowsOf(rows, task.shotSplit, task) : asked);
  const idOf = ({ fields }: SplitRow) => String(fields[idColumn]);
  const chosen = shotIds
    ? shotIds.flatMap((id) => source.find((row) => idOf(row) === id) ?? [])
    : shotPlaces
    ? shotPlaces.flatMap((at) => source[at] ?? [])
    : source;
  if (chosen.length < shots) {
    throw new DataError(
      `Cannot run ${task.path}: of its ${shots} examples the data has ` +
        `${chosen.length}`,
    );
  }
  const isShown = new Set<SplitRow>(chosen === asked ? [] : chosen);
  return [
    ...asked.filter((row) => !isShown.has(row)).map(place("asked")),
    ...(chosen === asked ? [] : chosen.map(place("examples"))),
  ];
}

/** What all kinds of tasks share. */
function sharedParts(task: TaskFile, kind: "choice" | "answer") {
  const { sampler, description, targetDelimiter, shotDelimiter } = task;
  const draw = sampler === "default" ? "harness" : "first";
  return {
    name: task.task,
    summary: `${kind === "choice" ? "choices" : "texts"} of ${task.path}`,
    askedSplits: ["asked"],
    shotSplits: ["examples"],
    shots: task.shots,
    sampling: draw,
    description,
    layout: {
      afterDescription: "",
      beforeAnswer: targetDelimiter,
      betweenShots: shotDelimiter,
    },
  } as const;
}

/** Makes an item of a row, and names it where that fails. */
function makeItem<T>(
  { path }: TaskFile,
  row: PlacedRow,
  make: (row: PlacedRow) => T,
): T {
  try {
    return make(row);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const reason = messageOf(error);
    throw new FormatError(`Cannot use item ${row.id} of ${path}: ${reason}`);
  }
}

/**
 * Reads a task file and its data.
 *
 * @throws {DataError} when a file is missing, or the data lacks a split or the
 * examples
 * @throws {FormatError} naming what cannot be used of the file, or the first
 * item that its templates fail on
 */
export async function readTemplateTask(
  path: string,
  options: TaskReadOptions = {},
): Promise<ReadTask> {
  const file = await readTaskFile(path);
  const { outputType, ignored, maxTokens, until, form } = file;
  const [metric] = file.metrics;
  const writer = new RowWriter(file);
  const rows = placeRows(file, await readRows(file, options.data));
  const made = <T>(make: (row: PlacedRow) => T) =>
    usableItems(rows, (row) => [makeItem(file, row, make)], options);
  if (outputType === "multiple_choice") {
    const items = made(({ id, split, fields }): ChoiceItem => {
      const choices = writer.choices(fields);
      const gold = writer.gold(fields, choices);
      const question = writer.prompt(fields);
      return { id, split, question, choices, gold, doc: fields };
    });
    const task: ChoiceTask = {
      ...sharedParts(file, "choice"),
      prompt: ({ question }) => question,
      answers: ({ choices }) => choices,
      metric: metric as ChoiceTask["metric"],
    };
    return { task, items, ignored };
  }
  const shared = sharedParts(file, "answer");
  if (outputType === "generate_until") {
    const items = made(({ id, split, fields }): AnswerItem => ({
      id,
      split,
      fields: { prompt: writer.prompt(fields) },
      ...writer.answer(fields),
      doc: fields,
    }));
    const task: AnswerTask = {
      ...shared,
      data: "own",
      form,
      until,
      maxTokens,
      prompt: ({ prompt }) => prompt!,
      metric: metric as AnswerTask["metric"],
    };
    return { task, items, ignored };
  }
  const items = made(({ id, split, fields }): LikelihoodItem => ({
    id,
    split,
    context: writer.prompt(fields),
    target: writer.target(fields),
    doc: fields,
  }));
  const task: LikelihoodTask = {
    ...shared,
    kind: outputType === "loglikelihood" ? "cloze" : "rolling",
    metric: metric as LikelihoodTask["metric"],
  };
  return { task, items, ignored };
}
