/**
 * JSON Lines: one record a line, appended as it happens, readable after a
 * crash: a last line that was cut short is dropped, and only that one.
 *
 * @module
 */
import { dirname } from "node:path";
import { FormatError, messageOf } from "./errors.ts";
import { readText } from "./files.ts";
import { isJson } from "./json.ts";

const LINE_FEED = 10;
/** Bytes that are read at once in search of the beginning of a line. */
const CHUNK = 1 << 16;

/** Bytes `start` up to `end` of a file. */
function readRange(file: Deno.FsFile, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  file.seekSync(start, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}

/** Where the last line of a file begins. */
function lastLineStart(file: Deno.FsFile, size: number): number {
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const at = readRange(file, start, end).lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

/**
 * Makes the end of a file fit to write behind: a last line that was cut short
 * goes, as readers drop it. Returns the line feed that a whole one may lack.
 */
function mendEnd(file: Deno.FsFile): string {
  const { size } = file.statSync();
  if (size === 0 || readRange(file, size - 1, size)[0] === LINE_FEED) return "";
  const start = lastLineStart(file, size);
  const last = new TextDecoder().decode(readRange(file, start, size));
  if (isJson(last)) return "\n";
  file.truncateSync(start);
  return "";
}

/**
 * Appends one record; the folder is made when it is missing. What a crash has
 * left of a line at the end is dropped first, so that the new record begins a
 * line of its own. One line is written at once, since a file's promises take
 * three times as long as its bytes.
 */
export async function appendRecord(
  path: string,
  record: object,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const options = { read: true, append: true, create: true };
  using file = Deno.openSync(path, options);
  const line = mendEnd(file) + JSON.stringify(record) + "\n";
  const bytes = new TextEncoder().encode(line);
  for (let offset = 0; offset < bytes.length;) {
    offset += file.writeSync(bytes.subarray(offset));
  }
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
