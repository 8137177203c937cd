/** Which files are taken, in folders made here as Hugging Face makes them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { findCorpusFiles } from "../../../lib/text/corpus/corpus_files.ts";
import { DataError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { withFiles } from "./in_corpus.ts";

async function namesIn(path: string, split?: string): Promise<string[]> {
  return (await findCorpusFiles(path, { split })).files.map(({ name }) => name);
}

const CARD = "---\npretty_name: X\nlicense: cc-by-4.0\n---\n# X\n";

Deno.test("findCorpusFiles() takes texts and tables in the order of paths", () =>
  withFiles({
    "b.txt": "b",
    "a/c.jsonl.zst": "c",
    "a/b.PARQUET": "b",
    "a/x.png": "x",
    ".hidden/d.txt": "d",
    "README.md": "# só texto",
  }, async (folder) => {
    assert.deepEqual(await namesIn(folder), [
      "README.md", // an ordinary text: it opens with no card
      "a/b.PARQUET",
      "a/c.jsonl.zst",
      "b.txt",
    ]);
    assert.deepEqual(await namesIn(join(folder, "a", "x.png")), ["x.png"]);
  }));

Deno.test("findCorpusFiles() reads licence and splits of a data set", () =>
  withFiles({
    "set/README.md": CARD,
    "set/data/train-00000-of-00002.parquet": "",
    "set/data/train-00001-of-00002.parquet": "",
    "set/data/test-00000-of-00001.parquet": "",
  }, async (folder) => {
    const path = join(folder, "set");
    const { name, licence, files } = await findCorpusFiles(path);
    assert.deepEqual([name, licence, files.length], ["set", "cc-by-4.0", 3]);
    assert.deepEqual(await namesIn(path, "test"), [
      "data/test-00000-of-00001.parquet",
    ]);
    await assertFails(
      () => findCorpusFiles(path, { split: "dev" }),
      DataError,
      /split "dev" of .*: its files name test, train/,
    );
  }));

Deno.test("findCorpusFiles() reads licences that are a list", async () => {
  const cards: [string, string | undefined][] = [
    ["license:\n- mit\n- apache-2.0\ntags:\n- a", "mit, apache-2.0"],
    ["license: 'other'", "other"],
    ["tags:\n- a", undefined],
  ];
  for (const [head, licence] of cards) {
    await withFiles({
      "README.md": `---\n${head}\n---\nlicense: not this one\n`,
      "a.jsonl": "",
    }, async (folder) => {
      assert.equal((await findCorpusFiles(folder)).licence, licence);
    });
  }
});

Deno.test("findCorpusFiles() follows the links of the Hugging Face cache", () =>
  withFiles({
    "datasets--org--set/refs/main": "abc",
    "datasets--org--set/blobs/111": '{"text":"a"}',
    "datasets--org--set/snapshots/abc/.keep": "",
    "datasets--org--set/snapshots/zzz/old.jsonl": "",
  }, async (folder) => {
    const path = join(folder, "datasets--org--set");
    await Deno.symlink(
      "../../blobs/111",
      join(path, "snapshots", "abc", "train.jsonl"),
    );
    const { name, files } = await findCorpusFiles(path);
    assert.equal(name, "org/set");
    assert.deepEqual(files.map((file) => file.name), ["train.jsonl"]);
    assert.equal(await Deno.readTextFile(files[0]!.path), '{"text":"a"}');
  }));

Deno.test("findCorpusFiles() says what is wrong with a folder without texts", () =>
  withFiles(
    { "set/data-00000.arrow": "x", "none/x.png": "" },
    async (folder) => {
      await assertFails(
        () => findCorpusFiles(join(folder, "set")),
        DataError,
        /holds none; wanted .*; Arrow files of save_to_disk are not read/,
      );
      await assertFails(
        () => findCorpusFiles(join(folder, "none")),
        DataError,
        /holds none; wanted [^;]*$/,
      );
      await assertFails(
        () => findCorpusFiles(join(folder, "nowhere")),
        DataError,
        /there is no such folder or file/,
      );
    },
  ));
