/**
 * Tables of published numbers. A file may open with lines that start with
 * "#": they hold the citation and are kept with the table.
 *
 * @module
 */
// @ts-types="@types/d3-dsv"
import { csvFormat, csvParse } from "d3-dsv";
import { fileURLToPath } from "node:url";
import { FormatError } from "./errors.ts";
import { readText } from "./files.ts";

/** Rows of a CSV file as text, with the comment that opened it. */
export interface CsvTable {
  /** Lines before the head, without "#": source, licence, units. */
  readonly comment: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/**
 * Parses CSV text (RFC 4180, with a head row).
 *
 * @throws {FormatError} when there is no head or a row lacks a cell
 */
export function parseCsv(text: string, name = "CSV text"): CsvTable {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const start = lines.findIndex((line) => !line.startsWith("#"));
  const comment = lines.slice(0, Math.max(0, start))
    .map((line) => line.replace(/^#\s?/, "").trimEnd()).join("\n");
  const table = csvParse(lines.slice(Math.max(0, start)).join("\n"));
  const columns = table.columns.map(String);
  if (start < 0 || columns.length === 0 || columns[0] === "") {
    throw new FormatError(`Cannot read ${name}: it has no head row`);
  }
  for (const [i, row] of table.entries()) {
    const missing = columns.find((column) => row[column] === undefined);
    if (missing === undefined) continue;
    throw new FormatError(
      `Cannot read ${name}: row ${i + 1} has no cell for "${missing}"`,
    );
  }
  return { comment, columns, rows: table as Record<string, string>[] };
}

/** Reads a CSV file; see {@linkcode parseCsv}. */
export async function readCsv(path: string | URL): Promise<CsvTable> {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  return parseCsv(await readText(file, "a table"), file);
}

/**
 * One cell as a number.
 *
 * @throws {FormatError} when it is absent, empty or not a number
 */
export function numberCell(
  row: Readonly<Record<string, string>>,
  column: string,
): number {
  const cell = row[column];
  const value = Number(cell);
  if (cell === undefined || cell.trim() === "" || Number.isNaN(value)) {
    throw new FormatError(
      `Cannot read column "${column}": "${cell ?? ""}" is not a number`,
    );
  }
  return value;
}

/** Records as CSV text with a head row. */
export function formatCsv(rows: readonly object[]): string {
  return csvFormat(rows as object[]) + "\n";
}
