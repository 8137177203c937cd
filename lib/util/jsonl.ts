/**
 * JSON Lines: one record a line, appended as it happens, readable after a
 * crash (a last line that was cut short is dropped, and only that one).
 *
 * @module
 */
import { dirname } from "node:path";
import { FormatError, messageOf } from "./errors.ts";
import { readText } from "./files.ts";

/** Appends one record; the folder is made when it is missing. */
export async function appendRecord(
  path: string,
  record: object,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const line = JSON.stringify(record) + "\n";
  await Deno.writeTextFile(path, line, { append: true });
}

/**
 * Reads all whole records.
 *
 * @throws {DataError} when the file is missing
 * @throws {FormatError} when a line before the last is not JSON
 */
export async function readRecords<T extends object>(
  path: string,
): Promise<T[]> {
  const lines = (await readText(path, "records")).split("\n");
  const records: T[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      records.push(JSON.parse(line) as T);
    } catch (error) {
      if (i === lines.length - 1) break; // cut short by a crash
      throw new FormatError(
        `Cannot read ${path}: line ${i + 1} is not JSON: ${messageOf(error)}`,
      );
    }
  }
  return records;
}
