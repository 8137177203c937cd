/**
 * Tables of published numbers. A file may open with lines that start with
 * "#": they hold the citation and are kept with the table.
 *
 * @module
 */
// @ts-types="@types/d3-dsv"
import { csvFormat, csvParseRows } from "d3-dsv";
import { fileURLToPath } from "node:url";
import { FormatError, messageOf } from "./errors.ts";
import { readText } from "./files.ts";

/** Cells of one row as text, by column. */
export type CsvRow = Readonly<Record<string, string>>;

/** Rows of a CSV file as text, with the comment that opened it. */
export interface CsvTable {
  /** Lines before the head, without "#": source, licence, units. */
  readonly comment: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Parses CSV text (RFC 4180, with a head row).
 *
 * @throws {FormatError} when there is no head or a row has another length
 */
export function parseCsv(text: string, name = "CSV text"): CsvTable {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const start = lines.findIndex((line) => !line.startsWith("#"));
  const comment = lines.slice(0, Math.max(0, start))
    .map((line) => line.replace(/^#\s?/, "").trimEnd()).join("\n");
  const [columns = [], ...cells] = csvParseRows(
    lines.slice(Math.max(0, start)).join("\n"),
  );
  if (start < 0 || columns.length === 0 || columns[0] === "") {
    throw new FormatError(`Cannot read ${name}: it has no head row`);
  }
  const rows = cells.map((row, i) => {
    if (row.length !== columns.length) {
      throw new FormatError(
        `Cannot read ${name}: row ${i + 1} has ${row.length} cells, ` +
          `the head has ${columns.length}${separatorHint(columns)}`,
      );
    }
    return Object.fromEntries(columns.map((column, c) => [column, row[c]!]));
  });
  return { comment, columns, rows };
}

/** Reads a CSV file; see {@linkcode parseCsv}. */
export async function readCsv(path: string | URL): Promise<CsvTable> {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  return parseCsv(await readText(file, "a table"), file);
}

/** What a head of a single column with another separator in it means. */
function separatorHint(columns: readonly string[]): string {
  const [separator] = /[;\t|]/.exec(columns[0] ?? "") ?? [];
  if (columns.length !== 1 || !separator) return "";
  const name = separator === "\t" ? "tabs" : `"${separator}"`;
  return `; cells seem to be separated by ${name}, wanted ","`;
}

/**
 * One cell as a number.
 *
 * @throws {FormatError} when there is no such column, or the cell is empty or
 * not a number
 */
export function numberCell(
  row: CsvRow,
  column: string,
): number {
  const cell = row[column];
  if (cell === undefined) {
    const columns = Object.keys(row);
    throw new FormatError(
      `Cannot read column "${column}": there is none, the columns are ` +
        columns.map((name) => `"${name}"`).join(", ") + separatorHint(columns),
    );
  }
  const value = Number(cell);
  if (cell.trim() === "" || Number.isNaN(value)) {
    throw new FormatError(
      `Cannot read column "${column}": "${cell}" is not a number`,
    );
  }
  return value;
}

/** The same, undefined where the cell is empty. */
export function optionalCell(
  row: CsvRow,
  column: string,
): number | undefined {
  return row[column] === "" ? undefined : numberCell(row, column);
}

/**
 * What `parse` makes of each row.
 *
 * @param name of the file, for messages
 * @throws {FormatError} naming the row at which `parse` throws
 */
export function parseRows<T>(
  rows: readonly CsvRow[],
  name: string,
  parse: (row: CsvRow) => T,
): T[] {
  return rows.map((row, i) => {
    try {
      return parse(row);
    } catch (error) {
      throw new FormatError(
        `Cannot read row ${i + 1} of ${name}: ${messageOf(error)}`,
      );
    }
  });
}

/** Records as CSV text with a head row. */
export function formatCsv(rows: readonly object[]): string {
  return csvFormat(rows as object[]) + "\n";
}
