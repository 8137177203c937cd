/**
 * The published tables that this folder reads.
 *
 * @module
 */
import { readCsv } from "../util/mod.ts";

/** Cells of one row as text, by column. */
export type TableRow = Readonly<Record<string, string>>;

/** Rows of a table below `data`, by name: "emissions/cpu_tdp". */
export async function readTable(name: string): Promise<readonly TableRow[]> {
  const file = new URL(`../../data/${name}.csv`, import.meta.url);
  return (await readCsv(file)).rows;
}
