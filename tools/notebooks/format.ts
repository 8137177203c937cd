/**
 * Formatting of notebooks: `deno fmt` writes them well, but `deno fmt --check`
 * of 2.9 calls every notebook unformatted that it has not just written itself.
 * So the project's own check formats a copy and compares.
 *
 *     deno run -A tools/notebooks/format.ts notebooks/*.ipynb
 *
 * @module
 */
import { basename, join } from "node:path";
import { DataError, writeFileAtomic } from "../../lib/util/mod.ts";

/**
 * The notebook as `deno fmt` writes it.
 *
 * @throws {DataError} with what `deno fmt` says when it cannot read it
 */
export async function formattedNotebook(path: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const copy = join(folder, basename(path));
    await Deno.copyFile(path, copy);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["fmt", "--no-config", copy],
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) {
      throw new DataError(
        `Cannot format ${path}: ${new TextDecoder().decode(stderr).trim()}`,
      );
    }
    return await Deno.readTextFile(copy);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const path of Deno.args) {
    await writeFileAtomic(path, await formattedNotebook(path));
  }
}
