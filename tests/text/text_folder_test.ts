/** The reader, on small folders made here. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  readTextFolder,
  type TextDocument,
} from "../../lib/text/text_folder.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

/** Runs a test in a folder with the given files. */
function withFiles(
  files: Record<string, string | Uint8Array>,
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

function readAll(folder: string): Promise<TextDocument[]> {
  return Array.fromAsync(readTextFolder(folder));
}

Deno.test("readTextFolder() reads .txt and .md files in the order of paths", () =>
  withFiles({
    "b.txt": "dois",
    "a/z.md": "\ufeffum\r\nfim\rjá",
    "c.TXT": "três",
    "blank.txt": " \n",
    "d.html": "<p>não</p>",
  }, async (folder) => {
    assert.deepEqual(await readAll(folder), [
      { name: "a/z.md", text: "um\nfim\njá" },
      { name: "b.txt", text: "dois" },
      { name: "c.TXT", text: "três" },
    ]);
  }));

Deno.test("readTextFolder() reads a file only when it is asked for", () =>
  withFiles(
    { "a.txt": "um", "b.txt": new Uint8Array([0xff]) },
    async (folder) => {
      const documents = readTextFolder(folder);
      assert.deepEqual((await documents.next()).value, {
        name: "a.txt",
        text: "um",
      });
      await assertFails(() => documents.next(), FormatError, /b\.txt/);
    },
  ));

Deno.test("readTextFolder() names the file and byte that is not UTF-8", async () => {
  const encode = (text: string) => [...new TextEncoder().encode(text)];
  const cases: [number[], RegExp][] = [
    [[...encode("olá "), 0xe7], /byte 5 \(0xe7\)/],
    [[...encode("\ufffd🙂"), 0xc3, 0x28], /byte 7 \(0xc3\)/],
    [[...encode("\ufeffa"), 0x80, 0x62], /byte 4 \(0x80\)/],
    [[0xed, 0xa0, 0x80], /byte 0 \(0xed\)/], // a surrogate is not UTF-8
  ];
  for (const [bytes, message] of cases) {
    await withFiles(
      { "x.txt": Uint8Array.from(bytes) },
      (folder) =>
        assertFails(
          () => readAll(folder),
          FormatError,
          new RegExp(`x\\.txt: ${message.source} is not UTF-8`),
        ),
    );
  }
});

Deno.test("readTextFolder() says when there is nothing to read", () =>
  withFiles({ "a.html": "x", "e.txt": "" }, async (folder) => {
    const wanted = /wanted \.txt or \.md files in UTF-8 that are not blank/;
    const cases: [string, RegExp][] = [
      [folder, /it holds none/],
      [join(folder, "none"), /there is no such folder/],
      [join(folder, "a.html"), /it is not a folder/],
    ];
    for (const [path, reason] of cases) {
      await assertFails(
        () => readAll(path),
        DataError,
        new RegExp(`Cannot read texts of .*${reason.source}; ${wanted.source}`),
      );
    }
  }));
