/**
 * Folders for tests.
 *
 * @module
 */

/** Runs a test in a new folder, which is removed afterwards. */
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
