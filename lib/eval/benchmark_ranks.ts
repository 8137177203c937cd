/**
 * What the benchmark tables say when their errors are taken into account:
 * averages computed anew, and ranks with intervals.
 *
 * @module
 */
import { ConfigError, nearNames } from "../util/mod.ts";
import type {
  BenchmarkCell,
  BenchmarkRow,
  BenchmarkTable,
} from "./benchmark_tables.ts";

/** Standard errors of a difference that is taken for real, of 95 %. */
const REAL_DIFFERENCE = 1.96;

/** Name of the column that the mean over all benchmarks stands in. */
const AVERAGE = "average";

/**
 * Mean over all benchmarks of the table, percent, with its error in points
 * where those of all cells are known; undefined where one was not run.
 */
export function averageCell(
  { columns }: BenchmarkTable,
  { cells }: BenchmarkRow,
): BenchmarkCell | undefined {
  const all = columns.map(({ key }) => cells[key]);
  if (!all.every((cell) => cell !== undefined)) return undefined;
  const squares = all.reduce(
    (sum, x) => sum + (x.standardError ?? NaN) ** 2,
    0,
  );
  return {
    score: all.reduce((sum, { score }) => sum + score, 0) / all.length,
    standardError: Number.isNaN(squares)
      ? undefined
      : Math.sqrt(squares) / all.length,
    isEnglish: all.some(({ isEnglish }) => isEnglish),
  };
}

/** An average that is not the mean of its row. */
export interface MisprintedAverage {
  readonly model: string;
  /** Percent. */
  readonly printed: number;
  readonly average: number;
}

/**
 * Rows whose printed average is neither the rounded mean of their scores nor the
 * mean cut after two digits, which is what TTL's tables mostly print.
 */
export function misprintedAverages(
  table: BenchmarkTable,
): MisprintedAverage[] {
  return table.rows.flatMap((row) => {
    const average = averageCell(table, row)?.score;
    const { model, printedAverage: printed } = row;
    if (average === undefined || printed === undefined) return [];
    const missing = average - printed;
    const isRounded = missing > -0.00501 && missing < 0.00999;
    return isRounded ? [] : [{ model, printed, average }];
  });
}

/** A model's place in one column. */
export interface RankedModel {
  readonly model: string;
  readonly isOwn: boolean;
  readonly cell: BenchmarkCell;
  /** 1 is the best; equal scores share the better rank. */
  readonly rank: number;
  /**
   * Best and worst rank that the errors leave open: models that are better (or
   * worse) by more than 1.96 errors of the difference are taken as such.
   * Undefined where its error is not known; others without one are taken as
   * neither. Models solved the same items, so these errors are too large rather
   * than too small.
   */
  readonly interval: readonly [best: number, worst: number] | undefined;
}

/**
 * Models by falling score.
 *
 * @param column key of a column, or "average"
 * @throws {ConfigError} when the table has no such column
 */
export function rankModels(
  table: BenchmarkTable,
  column: string = AVERAGE,
): RankedModel[] {
  const keys = [...table.columns.map(({ key }) => key), AVERAGE];
  if (!keys.includes(column)) {
    const [near] = nearNames(column, keys);
    throw new ConfigError(
      `Cannot rank by "${column}"` +
        (near ? `, the nearest is "${near}"` : "") +
        `: there are ${keys.join(", ")}`,
    );
  }
  const scored = table.rows.flatMap((row) => {
    const cell = column === AVERAGE
      ? averageCell(table, row)
      : row.cells[column];
    return cell ? [{ model: row.model, isOwn: row.isOwn, cell }] : [];
  });
  /** How many models are better (or, with -1, worse) for certain. */
  const countBetter = (score: number, error: number, sign: number) =>
    scored.filter(({ cell }) =>
      sign * (cell.score - score) >
        REAL_DIFFERENCE * Math.hypot(cell.standardError ?? Infinity, error)
    ).length;
  const intervalOf = ({ score, standardError: error }: BenchmarkCell) =>
    error === undefined ? undefined : [
      1 + countBetter(score, error, 1),
      scored.length - countBetter(score, error, -1),
    ] as const;
  return scored.map(({ model, isOwn, cell }) => ({
    model,
    isOwn,
    cell,
    rank: 1 + scored.filter((other) => other.cell.score > cell.score).length,
    interval: intervalOf(cell),
  })).sort((a, b) => a.rank - b.rank);
}

/** "29.40", "24.74 (en)" for a score of an English set, unbroken; "" for none. */
function writeCell(cell: BenchmarkCell | undefined): string {
  if (!cell) return "";
  return cell.score.toFixed(2) + (cell.isEnglish ? "\u00a0(en)" : "");
}

/**
 * The table for people: a record for each model, best average first, those
 * without an average behind, ranks as "2 (1–6)"; last comes what chance or one
 * answer to everything scores.
 */
export function benchmarkRecords(
  table: BenchmarkTable,
): Record<string, string>[] {
  const ranks = rankModels(table);
  const order = (row: BenchmarkRow) =>
    ranks.find(({ model }) => model === row.model);
  const rows = table.rows.toSorted((a, b) =>
    (order(a)?.rank ?? Infinity) - (order(b)?.rank ?? Infinity) || 0
  );
  const records = rows.map((row) => {
    const place = order(row);
    const interval = place?.interval ? ` (${place.interval.join("–")})` : "";
    return {
      model: row.isOwn ? `${row.model} ←` : row.model,
      ...Object.fromEntries(
        table.columns.map(({ key, title }) => [
          title,
          writeCell(row.cells[key]),
        ]),
      ),
      average: place ? place.cell.score.toFixed(2) : "",
      rank: place ? `${place.rank}${interval}` : "",
    };
  });
  const floors = table.columns.map(({ title, floor }) =>
    [title, floor === undefined ? "" : floor.toFixed(2)] as const
  );
  const floor = { model: "(floor)", ...Object.fromEntries(floors) };
  return [...records, { ...floor, average: "", rank: "" }];
}
