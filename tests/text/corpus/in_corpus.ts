/**
 * Small corpora on disk for the tests of this folder.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { CorpusDocument } from "../../../lib/text/corpus/document.ts";
import { inFolder } from "../../support/in_folder.ts";

/** Runs a test in a folder with the given files. */
export function withFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  fn: (folder: string) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    await fn(folder);
  });
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A document of a text. */
export function documentOf(text: string, name = "a"): CorpusDocument {
  return { name, text, source: "test" };
}
