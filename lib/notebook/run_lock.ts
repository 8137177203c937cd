/**
 * Who trains in a folder: a file that the process holds locked. The lock goes
 * when the process ends, however it ends, so others can tell a run that goes on
 * from one that was killed.
 *
 * @module
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../util/mod.ts";

const FILE = "session.lock";

/** Tries of taking the lock, which a watcher may hold for a moment. */
const TRIES = 5;
const PAUSE_MS = 50;

/** Whether the lock could be taken; undefined where there are no locks. */
async function tryLock(
  file: Deno.FsFile,
  isExclusive: boolean,
): Promise<boolean | undefined> {
  try {
    return await file.tryLock(isExclusive);
  } catch {
    return undefined; // some shared folders have none
  }
}

/**
 * Takes a run's folder for this process until it is disposed of. Where the disk
 * has no locks it is not kept from others.
 *
 * @throws {ConfigError} when another process trains there
 */
export async function holdRun(folder: string): Promise<Disposable> {
  await Deno.mkdir(folder, { recursive: true });
  const options = { create: true, read: true, write: true };
  const file = await Deno.open(join(folder, FILE), options);
  for (let i = 0; await tryLock(file, true) === false; i++) {
    if (i < TRIES) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    file.close();
    throw new ConfigError(
      `Cannot train in ${folder}: another process trains there`,
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(hostname()));
  return { [Symbol.dispose]: () => file.close() };
}

/**
 * Whether a process holds the folder. Undefined where that cannot be told: it
 * was never held, it may not be read, or it was held by another machine, whose
 * locks not every shared folder passes on.
 */
export async function isRunHeld(folder: string): Promise<boolean | undefined> {
  const path = join(folder, FILE);
  try {
    using file = await Deno.open(path, { read: true });
    const isFree = await tryLock(file, false);
    if (isFree !== true) return isFree === false ? true : undefined;
    return await Deno.readTextFile(path) === hostname() ? false : undefined;
  } catch {
    return undefined;
  }
}
