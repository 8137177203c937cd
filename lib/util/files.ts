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

async function writeContent(
  file: Deno.FsFile,
  content: Content,
): Promise<void> {
  if (typeof content === "function") return await content(file);
  await writeAll(
    file,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
}

/**
 * What a path leads to, links followed; undefined where nothing is.
 *
 * @throws {DataError} when the path goes on below a file
 */
async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) throw await notBelow(path);
    throw error;
  }
}

/** Says which part of a path is no folder. */
async function notBelow(path: string): Promise<DataError> {
  let file = dirname(path);
  while (!await isThere(file)) file = dirname(file);
  return new DataError(
    `Cannot look for ${path}: ${file} is a file, wanted a folder`,
  );
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The file that a path leads to, which need not be there yet. */
async function followLinks(path: string): Promise<string> {
  try {
    const target = await Deno.readLink(path);
    const folder = await Deno.realPath(dirname(path)); // ".." is seen from there
    return await followLinks(resolve(folder, target));
  } catch {
    return path; // no link, or nothing at all
  }
}

/**
 * Writes a file so that a reader sees the old or the new content and never a
 * part: into a temporary file of the same folder, flushed to disk, renamed.
 * On any error the temporary file is removed and the old content stays.
 *
 * A link stays and the file that it leads to is replaced. What is no file, as
 * a pipe or a device, is written to as it is.
 */
export async function writeFileAtomic(
  path: string,
  content: Content,
): Promise<void> {
  const info = await statOf(path);
  if (info && !info.isFile && !info.isDirectory) {
    using file = await Deno.open(path, { write: true });
    return await writeContent(file, content);
  }
  const target = await followLinks(path);
  const folder = dirname(target);
  await Deno.mkdir(folder, { recursive: true });
  const temporary = await Deno.makeTempFile({ dir: folder, suffix: ".tmp" });
  try {
    const file = await Deno.open(temporary, { write: true });
    try {
      await writeContent(file, content);
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.chmod(temporary, 0o644).catch(() => {}); // not on Windows
    await Deno.rename(temporary, target);
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

/**
 * Whether something is at that path.
 *
 * @throws {DataError} when the path goes on below a file
 */
export async function exists(path: string): Promise<boolean> {
  return await statOf(path) !== undefined;
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
    if (error instanceof Deno.errors.NotADirectory) throw await notBelow(path);
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
