/**
 * TeenyTinyLlama's benchmark tables (arXiv 2401.16640, tables 4 and 5, and the
 * Portuguese one of February 2024) as data from `data/eval`, with a row for
 * one's own model. The paper mixes languages: a cell that holds the score of an
 * English set says so.
 *
 * @module
 */
import {
  ConfigError,
  type CsvRow,
  dataTable,
  FormatError,
  numberCell,
  readCsv,
  readDataTable,
  readJson,
} from "../util/mod.ts";
import { join } from "node:path";
import type { Estimate } from "./choice_metrics.ts";

/** The tables by name. */
export const BENCHMARK_TITLES = {
  fewshot: "Few-shot, machine-translated (TTL table 4)",
  finetuned: "Fine-tuned (TTL table 5)",
  portuguese: "Few-shot, written in Portuguese (TTL, February 2024)",
} as const;

/** Name of a table. */
export type BenchmarkName = keyof typeof BENCHMARK_TITLES;

/** One benchmark of a table. */
export interface BenchmarkColumn {
  readonly key: string;
  readonly title: string;
  /** Task of this library that measures it; "" where there is none. */
  readonly task: string;
  readonly metric: string;
  /** Score of chance or of one answer to everything, percent. */
  readonly floor: number | undefined;
}

/** A score. */
export interface BenchmarkCell {
  /** Percent. */
  readonly score: number;
  /** Points; undefined where neither it nor the number of items is known. */
  readonly standardError: number | undefined;
  /** Whether it is of an English set, in a table of Portuguese ones. */
  readonly isEnglish: boolean;
}

/** A model's scores. */
export interface BenchmarkRow {
  readonly model: string;
  /** By column; a benchmark that was not run is missing. */
  readonly cells: Readonly<Record<string, BenchmarkCell>>;
  /** As printed, percent. */
  readonly printedAverage?: number;
  /** Whether it was added here. */
  readonly isOwn: boolean;
}

/** A table of models and benchmarks. */
export interface BenchmarkTable {
  readonly name: BenchmarkName;
  readonly title: string;
  /** Source, licence and remarks. */
  readonly citation: string;
  readonly columns: readonly BenchmarkColumn[];
  readonly rows: readonly BenchmarkRow[];
}

const optional = (row: CsvRow, column: string) =>
  row[column] ? numberCell(row, column) : undefined;

/**
 * Standard error in points: the published one, taken back to the items where it
 * counts each of them more than once, else that of the number of items. For F1
 * and mc2 the error of a share is an upper bound in practice.
 */
function errorOf(
  score: number,
  published: number | undefined,
  column: CsvRow,
  items: number | undefined,
): number | undefined {
  if (published !== undefined) {
    return published * Math.sqrt(numberCell(column, "error_items"));
  }
  if (items === undefined) return undefined;
  const p = score / 100;
  return column.metric === "pearson"
    ? 100 * (1 - p * p) / Math.sqrt(items - 1)
    : 100 * Math.sqrt(p * (1 - p) / items);
}

function readRow(row: CsvRow, columns: readonly CsvRow[]): BenchmarkRow {
  const cells = columns.map((column) => {
    const key = column.column!;
    const score = numberCell(row, key);
    const isEnglish = row[`${key}_language`] === "en";
    const items = optional(column, isEnglish ? "items_en" : "items");
    const published = optional(row, `${key}_error`);
    const standardError = errorOf(score, published, column, items);
    return [key, { score, standardError, isEnglish }] as const;
  });
  return {
    model: row.model!,
    cells: Object.fromEntries(cells),
    printedAverage: numberCell(row, "average"),
    isOwn: false,
  };
}

/** One of TTL's tables as published; averages are as printed. */
export async function loadBenchmarks(
  name: BenchmarkName,
): Promise<BenchmarkTable> {
  const { rows, comment } = await readCsv(dataTable(`eval/ttl_${name}`));
  const all = await readDataTable("eval/benchmark_columns");
  const columns = all.filter(({ table }) => table === name);
  return {
    name,
    title: BENCHMARK_TITLES[name],
    citation: comment,
    columns: columns.map((row) => ({
      key: row.column!,
      title: row.title!,
      task: row.task!,
      metric: row.metric!,
      floor: optional(row, "floor"),
    })),
    rows: rows.map((row) => readRow(row, columns)),
  };
}

/** Scores of a model: by task, then by metric, 0 to 1. */
export type TaskScores = Readonly<
  Record<
    string,
    Readonly<Record<string, Pick<Estimate, "mean" | "standardError">>>
  >
>;

/**
 * The table with a row for one's own model. Scores of tasks that the table does
 * not have are passed over.
 *
 * @throws {ConfigError} when none of the tasks is in the table, or there is a
 * row of this name
 */
export function addModel(
  table: BenchmarkTable,
  model: string,
  scores: TaskScores,
): BenchmarkTable {
  if (table.rows.some((row) => row.model === model)) {
    throw new ConfigError(
      `Cannot add ${model}: the table has a row of this name`,
    );
  }
  const cells = table.columns.flatMap(({ key, task, metric }) => {
    const estimate = scores[task]?.[metric];
    if (!estimate) return [];
    const { mean, standardError } = estimate;
    return [[key, {
      score: 100 * mean,
      // Where all items went alike, their spread tells no error.
      standardError: standardError > 0 ? 100 * standardError : undefined,
      isEnglish: false,
    }]] as const;
  });
  if (cells.length === 0) {
    const wanted = table.columns.map(({ task, metric }) =>
      `${task} (${metric})`
    );
    throw new ConfigError(
      `Cannot add ${model} to "${table.title}": it has scores of ` +
        `${Object.keys(scores).join(", ") || "no task"}, wanted one of ` +
        wanted.filter((text) => !text.startsWith(" ")).join(", "),
    );
  }
  const row = { model, cells: Object.fromEntries(cells), isOwn: true };
  return { ...table, rows: [...table.rows, row] };
}

/**
 * Scores of a results file as {@linkcode harnessResults} writes it, or
 * lm-evaluation-harness itself.
 *
 * @throws {DataError} when there is no `results.json` in the folder
 * @throws {FormatError} when it holds no results
 */
export async function readTaskScores(folder: string): Promise<TaskScores> {
  const path = join(folder, "results.json");
  const json = await readJson<{ results?: unknown } | null>(
    path,
    "the results of an evaluation",
  );
  const results = json?.results;
  if (typeof results !== "object" || results === null) {
    throw new FormatError(`Cannot read ${path}: it has no "results"`);
  }
  const tasks = Object.entries(results as Record<string, object>);
  return Object.fromEntries(tasks.map(([task, values]) => {
    const cells = new Map<string, unknown>(Object.entries(values));
    const metrics = [...cells].flatMap(([key, mean]) => {
      const metric = key.split(",")[0]!;
      if (typeof mean !== "number" || metric.endsWith("_stderr")) return [];
      const filter = key.slice(metric.length);
      const error = cells.get(`${metric}_stderr${filter}`);
      const standardError = typeof error === "number" ? error : NaN;
      return [[metric, { mean, standardError }] as const];
    });
    return [task, Object.fromEntries(metrics)];
  }));
}

/** A checkpoint of TTL-460m with its score on ARC-Challenge in Portuguese. */
export interface CheckpointScore {
  readonly step: number;
  readonly tokens: number;
  /** Up to this checkpoint, evaluations included. */
  readonly energyKwh: number;
  /** Percent. */
  readonly score: number;
}

/** The 13 checkpoints of TTL's figure 2. */
export async function loadArcCheckpoints(): Promise<CheckpointScore[]> {
  const rows = await readDataTable("eval/ttl_arc_460m");
  return rows.map((row) => ({
    step: numberCell(row, "step"),
    tokens: numberCell(row, "tokens"),
    energyKwh: numberCell(row, "energy_kwh"),
    score: numberCell(row, "arc"),
  }));
}
