/**
 * Where a device keeps what it would otherwise find out again: compiled
 * modules, the choices of tuners.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder beside the library, or a temporary one where that is no folder. */
export function cacheFolder(name: string): string {
  const here = new URL(`../../.cache/${name}/`, import.meta.url);
  if (here.protocol === "file:") return fileURLToPath(here);
  return join(tmpdir(), `caderno-${name}`);
}
