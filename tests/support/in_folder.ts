/**
 * A temporary folder, or a path in one, for a test.
 *
 * @module
 */
import { join } from "node:path";

/** Runs `fn` with a new folder that is removed afterwards. */
export async function inFolder(
  fn: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `fn` with a path in a new folder, at which nothing is yet. */
export function inFile(
  name: string,
  fn: (path: string) => Promise<void>,
): Promise<void> {
  return inFolder((folder) => fn(join(folder, name)));
}
