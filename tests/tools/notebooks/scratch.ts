/**
 * Notebooks for tests, made from a few strings.
 *
 * @module
 */
import { join } from "node:path";
import {
  type CodeCell,
  type Notebook,
  type TextCell,
  writeNotebook,
} from "../../../tools/notebooks/notebook_file.ts";

/** A code cell that has not run. */
export function code(source: string, ...tags: string[]): CodeCell {
  return {
    cell_type: "code",
    metadata: tags.length > 0 ? { tags } : {},
    source,
    outputs: [],
    execution_count: null,
  };
}

/** A cell of Markdown. */
export function text(source: string): TextCell {
  return { cell_type: "markdown", metadata: {}, source };
}

/** A notebook of some cells; a string is a code cell. */
export function notebookOf(
  cells: readonly (string | CodeCell | TextCell)[],
  metadata: Notebook["metadata"] = {},
): Notebook {
  return {
    cells: cells.map((cell, i) => ({
      ...(typeof cell === "string" ? code(cell) : cell),
      id: `cell-${i + 1}`,
    })),
    metadata,
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Runs `fn` with the path of a notebook in a folder that goes away. */
export async function withNotebook<T>(
  cells: readonly (string | CodeCell | TextCell)[],
  fn: (path: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "caderno-test-" });
  try {
    const path = join(folder, "scratch.ipynb");
    await writeNotebook(path, notebookOf(cells));
    return await fn(path, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
