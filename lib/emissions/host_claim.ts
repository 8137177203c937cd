/**
 * One tracker a host: the meters see the whole machine, so eight processes
 * with a tracker each would count it eight times (CodeCarbon #544, #1390). The
 * first tracker holds a lock on a file in the folder for temporary files.
 *
 * The lock is the operating system's: it ends with the process, however that
 * ends, so a file that was left behind blocks nobody (CodeCarbon #702, #779).
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAll } from "../util/mod.ts";

/** Who meters this machine. */
export interface HostHolder {
  readonly pid: number;
  readonly project: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
}

/** What an attempt to be the one tracker came to. */
export interface HostClaim extends Disposable {
  /** Whether the machine is ours to meter. */
  readonly isOurs: boolean;
  /** Who meters it already, where that could be read. */
  readonly holder: HostHolder | undefined;
}

/**
 * Tries to be the one tracker of this machine until the claim is disposed.
 * Where no file can be made nobody can tell, and the claim is ours.
 *
 * @param holder who asks, for others to read
 * @param path the file, by default the same for all users of a machine
 */
export async function claimHost(
  holder: HostHolder,
  path: string = join(tmpdir(), "caderno_energy.lock"),
): Promise<HostClaim> {
  const file = await openLockFile(path);
  if (!file) {
    return { isOurs: true, holder: undefined, [Symbol.dispose]() {} };
  }
  // A file system without locks: nobody can tell.
  const isOurs = await file.tryLock(true).catch(() => true);
  if (!isOurs) {
    file.close();
    const other = await readHolder(path);
    return { isOurs: false, holder: other, [Symbol.dispose]() {} };
  }
  await writeHolder(file, holder);
  let isOpen = true;
  return {
    isOurs: true,
    holder,
    [Symbol.dispose]() {
      if (isOpen) file.close(); // which unlocks it
      isOpen = false;
    },
  };
}

/**
 * The file, for reading only where it belongs to another user. A link that
 * somebody put there leads to a file that is not ours to write.
 */
async function openLockFile(path: string): Promise<Deno.FsFile | undefined> {
  const there = await Deno.lstat(path).catch(() => undefined);
  if (there && !there.isFile) return undefined;
  const ways: Deno.OpenOptions[] = [
    { read: true, write: true, create: true },
    { read: true },
  ];
  for (const way of ways) {
    try {
      return await Deno.open(path, way);
    } catch {
      // the next way, or none
    }
  }
  return undefined;
}

/** Says who holds the lock; without leave to write, nobody is told. */
async function writeHolder(
  file: Deno.FsFile,
  holder: HostHolder,
): Promise<void> {
  try {
    await file.truncate(0);
    await writeAll(
      file,
      new TextEncoder().encode(JSON.stringify(holder) + "\n"),
    );
  } catch {
    // the lock holds all the same
  }
}

async function readHolder(path: string): Promise<HostHolder | undefined> {
  try {
    const { pid, project, since } = JSON.parse(await Deno.readTextFile(path));
    return { pid: Number(pid), project: String(project), since: String(since) };
  } catch {
    return undefined; // it is being written
  }
}

/** "process 123 ("stories", since 2024-01-03T13:51:28Z)". */
export function describeHolder(holder: HostHolder | undefined): string {
  return holder
    ? `process ${holder.pid} ("${holder.project}", since ${holder.since})`
    : "another process";
}
