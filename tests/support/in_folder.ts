/**
 * A temporary folder for one test.
 *
 * @module
 */

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
