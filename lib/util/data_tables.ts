/**
 * The published tables in the project's `data`, wherever it was started.
 *
 * @module
 */
import { type CsvRow, readCsv } from "./csv.ts";

/** A table of the project by name: "emissions/cpu_tdp". */
export function dataTable(name: string): URL {
  return new URL(`../../data/${name}.csv`, import.meta.url);
}

/** Rows of a table; see {@linkcode dataTable}. */
export async function readDataTable(name: string): Promise<readonly CsvRow[]> {
  return (await readCsv(dataTable(name))).rows;
}
