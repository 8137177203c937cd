/** Readers of all formats on files made here, whole and broken. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import {
  type CorpusReader,
  openCorpus,
} from "../../../lib/text/corpus/corpus_reader.ts";
import type { CorpusDocument } from "../../../lib/text/corpus/document.ts";
import type { ReadCorpusOptions } from "../../../lib/text/corpus/reading.ts";
import { ConfigError, FormatError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { utf8, withFiles } from "./in_corpus.ts";

async function readAll(
  folder: string,
  options: ReadCorpusOptions = {},
): Promise<[CorpusDocument[], CorpusReader]> {
  const corpus = await openCorpus(folder, options);
  return [await Array.fromAsync(corpus), corpus];
}

async function textsIn(
  folder: string,
  options: ReadCorpusOptions = {},
): Promise<string[]> {
  return (await readAll(folder, options))[0].map(({ text }) => text);
}

const ROWS = [
  { text: "um gato", id: 1 },
  { text: "dois\r\ngatos" },
  { text: "  " },
];
const JSONL = ROWS.map((row) => JSON.stringify(row)).join("\n") + "\n\n";
const ROW_TEXTS = ["um gato", "dois\ngatos"];

/** Rows as Parquet, two in a group. */
function parquet(rows: readonly { text: string; id?: number }[]): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({
    columnData: [
      { name: "text", data: rows.map(({ text }) => text), type: "STRING" },
      { name: "id", data: rows.map(({ id }) => id ?? 0), type: "INT32" },
    ],
    rowGroupSize: 2,
  }));
}

Deno.test("openCorpus() reads every format", () =>
  withFiles({
    "a.txt": "\ufeffum\r\ndois\rtrês",
    "b.md": "---\ntags: x\n---\n# Título\n\nUm *texto*.\n\n- item",
    "c.html": "<head><title>t</title></head><p>Um <b>gato</b></p>",
    "d.jsonl": JSONL,
    "e.jsonl.gz": gzipSync(JSONL),
    "f.jsonl.zst": zstdCompressSync(utf8(JSONL)),
    "g.parquet": parquet(ROWS),
    "h.txt.gz": gzipSync("em pacote"),
  }, async (folder) => {
    const [documents, { tally, fileBytes }] = await readAll(folder);
    assert.deepEqual(documents.map(({ text }) => text), [
      "um\ndois\ntrês",
      "Título\n\nUm texto.\n\nitem",
      "Um gato",
      ...ROW_TEXTS,
      ...ROW_TEXTS,
      ...ROW_TEXTS,
      ...ROW_TEXTS,
      "em pacote",
    ]);
    assert.equal(documents[0]!.name, "a.txt");
    assert.deepEqual(documents[3], {
      name: "d.jsonl:1",
      text: "um gato",
      source: folder.split("/").at(-1),
      metadata: { id: 1 },
    });
    assert.deepEqual([tally.files, tally.documents, tally.blank], [8, 12, 4]);
    assert.equal(tally.skippedCount, 0);
    // Row groups of Parquet are counted without the file's head and foot.
    assert.ok(tally.fileBytes <= fileBytes && tally.fileBytes > 0);
    assert.deepEqual(
      await textsIn(join(folder, "b.md"), { markdown: "source" }),
      ["---\ntags: x\n---\n# Título\n\nUm *texto*.\n\n- item"],
    );
  }));

Deno.test("openCorpus() reads what another program packed in parts", () =>
  withFiles({
    // Both formats may hold several members, one after the other.
    "a.jsonl.gz": Uint8Array.from([
      ...gzipSync('{"text":"um"}\n{"te'),
      ...gzipSync('xt":"dois"}'),
    ]),
    "b.jsonl.zst": Uint8Array.from([
      ...zstdCompressSync(utf8('{"text":"três"}\n')),
      ...zstdCompressSync(utf8('{"text":"quatro"}')),
    ]),
  }, async (folder) => {
    assert.deepEqual(await textsIn(folder), ["um", "dois", "três", "quatro"]);
  }));

Deno.test("openCorpus() takes lines or paragraphs of a text as documents", () =>
  withFiles({ "a.txt": "um\ndois\n\n\ntrês" }, async (folder) => {
    assert.deepEqual(await textsIn(folder, { textUnit: "line" }), [
      "um",
      "dois",
      "três",
    ]);
    const [documents] = await readAll(folder, { textUnit: "paragraph" });
    assert.deepEqual(documents.map(({ name, text }) => [name, text]), [
      ["a.txt:1", "um\ndois"],
      ["a.txt:5", "três"],
    ]);
  }));

Deno.test("openCorpus() reads conversations and other columns", () =>
  withFiles({
    "a.jsonl": '{"messages":[{"role":"user","content":"Oi"},' +
      '{"role":"assistant","content":"Olá"}]}\n{"body":"corpo"}',
  }, async (folder) => {
    const options = { badInput: "skip" } as const;
    assert.deepEqual(await textsIn(folder, options), ["Oi\n\nOlá"]);
    assert.deepEqual(
      await textsIn(folder, { ...options, textColumn: "body" }),
      ["Oi\n\nOlá", "corpo"],
    );
  }));

Deno.test("openCorpus() reads other encodings, and refuses unknown ones", () =>
  withFiles({ "a.txt": Uint8Array.of(0x63, 0xe3, 0x6f) }, async (folder) => {
    const encoding = "windows-1252";
    assert.deepEqual(await textsIn(folder, { encoding }), ["cão"]);
    await assertFails(() => readAll(folder), FormatError, /byte 1 \(0xe3\)/);
    await assertFails(
      () => readAll(folder, { encoding: "ebcdic" }),
      ConfigError,
      /encoding "ebcdic": wanted a label such as utf-8/,
    );
  }));

Deno.test("openCorpus() gives columns of Parquet as JSON can hold them", () =>
  withFiles({
    "a.parquet": new Uint8Array(parquetWriteBuffer({
      columnData: [
        { name: "text", data: ["um"], type: "STRING" },
        { name: "id", data: [7n], type: "INT64" },
        { name: "large", data: [2n ** 60n], type: "INT64" },
        { name: "score", data: [0.5], type: "DOUBLE" },
      ],
    })),
  }, async (folder) => {
    const [[document]] = await readAll(folder);
    assert.deepEqual(document!.metadata, {
      id: 7,
      large: "1152921504606846976",
      score: 0.5,
    });
  }));

Deno.test("CorpusReader reads anew each time it is iterated", async () => {
  const packings: [string, string | Uint8Array][] = [
    ["a.jsonl", JSONL],
    ["a.jsonl.gz", gzipSync(JSONL)],
    ["a.jsonl.zst", zstdCompressSync(utf8(JSONL))],
    ["a.parquet", parquet(ROWS)],
  ];
  for (const [name, content] of packings) {
    await withFiles({ [name]: content }, async (folder) => {
      const corpus = await openCorpus(folder);
      for await (const { text } of corpus) {
        assert.equal(text, "um gato");
        break; // leaves the file closed: the test would tell of a leak
      }
      assert.equal((await Array.fromAsync(corpus)).length, 2);
      assert.equal(corpus.tally.documents, 2);
    });
  }
});

/** Broken files, what a refusal says, and what a skip leaves. */
const BROKEN: [string, string | Uint8Array, RegExp, string[]][] = [
  [
    "a.txt",
    Uint8Array.of(0x61, 0xc3),
    /a\.txt: byte 1 \(0xc3\) is not UTF-8/,
    [],
  ],
  [
    "a.jsonl",
    '{"text":"um"}\n{"text":\n[1]\n{"text":3}\n{"text":"dois"}',
    /a\.jsonl, line 2: it is not JSON/,
    ["um", "dois"],
  ],
  [
    "a.jsonl",
    Uint8Array.from([...utf8('{"text":"um"}\n"'), 0xff, 0x22]),
    /line 2: byte 1 \(0xff\) is not UTF-8/,
    ["um"],
  ],
  ["a.jsonl.gz", gzipSync(JSONL).subarray(0, 30), /cut short/, []],
  ["a.jsonl.gz", "não é gzip", /Cannot unpack .*a\.jsonl\.gz/, []],
  [
    "a.txt.zst",
    zstdCompressSync(utf8(JSONL)).subarray(0, 20),
    /Cannot unpack .*cut short/,
    [],
  ],
  ["a.parquet", parquet(ROWS).subarray(0, 200), /not Parquet or cut short/, []],
  ["a.parquet", "PAR1", /not Parquet or cut short/, []],
];

Deno.test("openCorpus() names broken input, or counts and skips it", async () => {
  for (const [name, content, message, left] of BROKEN) {
    await withFiles({ [name]: content }, async (folder) => {
      await assertFails(() => readAll(folder), FormatError, message);
      const [documents, { tally }] = await readAll(folder, {
        badInput: "skip",
      });
      assert.deepEqual(documents.map(({ text }) => text), left, name);
      assert.ok(tally.skippedCount > 0, name);
      assert.match(
        `${tally.skipped[0]!.place}: ${tally.skipped[0]!.reason}`,
        new RegExp(`${name.replaceAll(".", "\\.")}.*: \\S`),
      );
    });
  }
});

Deno.test("openCorpus() skips a damaged row group and reads the others", async () => {
  const bytes = parquet([...ROWS.slice(0, 2), { text: "três" }, {
    text: "quatro",
  }]);
  bytes.fill(0xff, 4, 40); // the first column of the first group
  await withFiles({ "a.parquet": bytes }, async (folder) => {
    await assertFails(
      () => readAll(folder),
      FormatError,
      /a\.parquet, rows 1 to 2: they cannot be read/,
    );
    assert.deepEqual(await textsIn(folder, { badInput: "skip" }), [
      "três",
      "quatro",
    ]);
  });
});

Deno.test("openCorpus() passes over empty files of every format", () =>
  withFiles({
    "a.txt": "",
    "b.jsonl": "",
    "c.jsonl.gz": "",
    "d.parquet": "",
    "e.html": "<p> </p>",
  }, async (folder) => {
    const [documents, { tally }] = await readAll(folder);
    assert.deepEqual([documents.length, tally.blank], [0, 5]);
  }));

Deno.test("openCorpus() limits a document, not a file", async () => {
  const line = JSON.stringify({ text: "x".repeat(100_000) });
  await withFiles({
    "a.jsonl": `{"text":"um"}\n${line}\n{"text":"dois"}`,
    "b.txt": "y".repeat(100_000),
  }, async (folder) => {
    const options = { maxDocumentBytes: 1000 };
    await assertFails(
      () => readAll(folder, options),
      FormatError,
      /line 2: 100011 bytes are more than the limit of 1000/,
    );
    const skip = { ...options, badInput: "skip" } as const;
    const [documents, { tally }] = await readAll(folder, skip);
    assert.deepEqual(documents.map(({ text }) => text), ["um", "dois"]);
    assert.equal(tally.skippedCount, 2);
  });
});
