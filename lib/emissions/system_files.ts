/**
 * The kernel's files, `/proc` and `/sys`, behind two functions, so that meters
 * run on a recorded tree, and on a machine that has none of these files.
 *
 * @module
 */
import { join } from "node:path";

/** Reads small files below some root; paths are relative, without "/" first. */
export interface SystemFiles {
  /** Text of a file. Throws what Deno throws: NotFound, PermissionDenied. */
  read(path: string): Promise<string>;
  /** Names in a folder, sorted; throws in the same way. */
  list(folder: string): Promise<string[]>;
}

/** Files of this machine, or of a recorded tree below `root`. */
export function systemFiles(root = "/"): SystemFiles {
  return {
    read: (path) => Deno.readTextFile(join(root, path)),
    list: async (folder) => {
      const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
      return entries.map((entry) => entry.name).sort();
    },
  };
}

/** Text of a file, or undefined when it cannot be read for any reason. */
export async function readIfThere(
  files: SystemFiles,
  path: string,
): Promise<string | undefined> {
  try {
    return await files.read(path);
  } catch {
    return undefined;
  }
}
