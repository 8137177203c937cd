/** What is written is what is read again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CorpusCleaner } from "../../../lib/text/corpus/clean_corpus.ts";
import {
  type CorpusRecord,
  writeCorpusFolder,
} from "../../../lib/text/corpus/corpus_folder.ts";
import { openCorpus } from "../../../lib/text/corpus/corpus_reader.ts";
import type { CorpusDocument } from "../../../lib/text/corpus/document.ts";
import { ConfigError, DataError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";

const DOCUMENTS: CorpusDocument[] = [
  { name: "a.txt", text: "um\n\u2028🙂", source: "x", licence: "CC0-1.0" },
  { name: "b:2", text: "dois", source: "y", metadata: { id: 3 } },
  { name: "c", text: "x".repeat(3_000_000), source: "x", licence: "CC0-1.0" },
];

Deno.test("writeCorpusFolder() keeps texts, origins and licences", () =>
  inFolder(async (folder) => {
    for (const gzip of [false, true]) {
      const out = join(folder, gzip ? "packed" : "plain");
      const cleaner = new CorpusCleaner([]);
      const record = await writeCorpusFolder(out, cleaner.clean(DOCUMENTS), {
        gzip,
        command: "caderno corpus clean x",
        funnel: () => cleaner.funnel,
        files: () => ({ "copyright/x": "CC0" }),
      });
      const corpus = await openCorpus(out);
      assert.deepEqual(await Array.fromAsync(corpus), DOCUMENTS);
      assert.deepEqual(record.sources, [
        { name: "x", licence: "CC0-1.0", documents: 2, bytes: 3_000_010 },
        { name: "y", licence: null, documents: 1, bytes: 4 },
      ]);
      const path = join(out, "corpus.json");
      const read: CorpusRecord = JSON.parse(await Deno.readTextFile(path));
      assert.deepEqual(read, record);
      assert.equal(
        await Deno.readTextFile(join(out, "copyright", "x")),
        "CC0",
      );
    }
  }));

Deno.test("writeCorpusFolder() is whole or absent", () =>
  inFolder(async (folder) => {
    const out = join(folder, "corpus");
    function* failing() {
      yield* DOCUMENTS;
      throw new DataError("Cannot go on");
    }
    await assertFails(
      () => writeCorpusFolder(out, failing()),
      DataError,
      /Cannot go on/,
    );
    await assertFails(
      () => writeCorpusFolder(out, []),
      DataError,
      /without a document/,
    );
    const signal = AbortSignal.abort(new DataError("Stopped"));
    await assertFails(
      () => writeCorpusFolder(out, DOCUMENTS, { signal }),
      DataError,
      /Stopped/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
    await writeCorpusFolder(out, DOCUMENTS);
    await assertFails(
      () => writeCorpusFolder(out, DOCUMENTS),
      ConfigError,
      /it is there already; choose a new folder/,
    );
  }));
