/**
 * Files of one JSON value: read with an error that names the file, written
 * whole.
 *
 * @module
 */
import { FormatError, messageOf } from "./errors.ts";
import { readText, writeFileAtomic } from "./files.ts";

/** Whether a text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The value of a JSON file, not checked for being a `T`.
 *
 * @param purpose what the file is for, for the message
 * @throws {DataError} when there is no such file
 * @throws {FormatError} when it is not JSON
 */
export async function readJson<T>(path: string, purpose: string): Promise<T> {
  const text = await readText(path, purpose);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `Cannot read ${path}: it is not JSON: ${messageOf(error)}`,
    );
  }
}

/** Writes a value for people to read, whole or not at all. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, JSON.stringify(value, null, 2) + "\n");
}
