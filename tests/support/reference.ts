/**
 * Reference data that is not part of the project (it lies beside a checkout,
 * in `../shared/reference`, or where CADERNO_REFERENCE says). A test that needs
 * it says that it skips when it is not there.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const folder = Deno.env.get("CADERNO_REFERENCE") ??
  fileURLToPath(new URL("../../../shared/reference/", import.meta.url));

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Path of a reference file, whether or not it is there. */
export function referencePath(relative: string): string {
  return join(folder, relative);
}

/** A test that runs only where `relative` is in the reference folder. */
export function referenceTest(
  name: string,
  relative: string,
  fn: (path: string) => void | Promise<void>,
): void {
  const path = referencePath(relative);
  const ignore = !isThere(path);
  Deno.test({
    name: ignore ? `${name} (skipped: no ${path})` : name,
    ignore,
    fn: () => fn(path),
  });
}
