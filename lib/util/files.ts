/**
 * Files that are either whole or absent: write beside, flush, rename.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, DataError } from "./errors.ts";

/** Bytes or text, or a function that writes them piece by piece. */
export type Content =
  | string
  | Uint8Array
  | ((file: Deno.FsFile) => Promise<void>);

/** Writes all bytes of `data`; a single `write` may stop short. */
export async function writeAll(
  file: Deno.FsFile,
  data: Uint8Array,
): Promise<void> {
  let offset = 0;
  while (offset < data.length) {
    offset += await file.write(data.subarray(offset));
  }
}

/**
 * Writes a file so that a reader sees the old or the new content and never a
 * part: into a temporary file of the same folder, flushed to disk, renamed.
 * On any error the temporary file is removed and the old content stays.
 */
export async function writeFileAtomic(
  path: string,
  content: Content,
): Promise<void> {
  const folder = dirname(path);
  await Deno.mkdir(folder, { recursive: true });
  const temporary = await Deno.makeTempFile({ dir: folder, suffix: ".tmp" });
  try {
    const file = await Deno.open(temporary, { write: true });
    try {
      if (typeof content === "function") await content(file);
      else {
        await writeAll(
          file,
          typeof content === "string"
            ? new TextEncoder().encode(content)
            : content,
        );
      }
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.chmod(temporary, 0o644).catch(() => {}); // not on Windows
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Makes a folder that is whole or absent: written beside, then renamed.
 *
 * @param write fills the folder that it is given
 * @throws {ConfigError} when the folder is there already
 */
export async function writeFolderAtomic<T>(
  folder: string,
  write: (temporary: string) => Promise<T>,
): Promise<T> {
  if (await exists(folder)) {
    throw new ConfigError(
      `Cannot write to ${folder}: it is there already; choose a new folder`,
    );
  }
  const whole = resolve(folder);
  const temporary = join(dirname(whole), `.${basename(whole)}.tmp`);
  await Deno.remove(temporary, { recursive: true }).catch(() => {});
  await Deno.mkdir(temporary, { recursive: true });
  try {
    const result = await write(temporary);
    await Deno.rename(temporary, whole);
    return result;
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    throw error;
  }
}

/** Whether something is at that path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Reads a text file, or says which file was missing and what it was for.
 *
 * @throws {DataError} when there is no such file
 */
export async function readText(path: string, purpose: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataError(`Cannot read ${purpose}: there is no file ${path}`);
  }
}

/** Files below a folder in the order of their paths, links not followed. */
export async function* walkFiles(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* walkFiles(path);
    else if (entry.isFile) yield path;
  }
}
