/**
 * Damaged files of every format: whatever comes, a reader gives documents or
 * fails as a `FormatError`, never another way, and skipping never fails. Of
 * shards every changed byte is found.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { trainBpe } from "../../../lib/text/bpe_trainer.ts";
import { documentsOf } from "../../../lib/text/corpus/document.ts";
import { packCorpus } from "../../../lib/text/corpus/pack_corpus.ts";
import { openShards } from "../../../lib/text/corpus/shard_manifest.ts";
import { openCorpus } from "../../../lib/text/corpus/corpus_reader.ts";
import { FormatError, Random } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";
import { utf8 } from "./in_corpus.ts";

const TEXTS = Array.from({ length: 40 }, (_, i) => `Texto número ${i}, é só.`);
const JSONL = TEXTS.map((text) => JSON.stringify({ text })).join("\n");

const FILES: Readonly<Record<string, Uint8Array>> = {
  "a.txt": utf8(TEXTS.join("\n")),
  "a.md": utf8(`# T\n\n${TEXTS.join("\n\n")}`),
  "a.html": utf8(`<body><p>${TEXTS.join("</p><p>")}</p>`),
  "a.jsonl": utf8(JSONL),
  "a.jsonl.gz": gzipSync(JSONL),
  "a.jsonl.zst": zstdCompressSync(utf8(JSONL)),
  "a.parquet": new Uint8Array(parquetWriteBuffer({
    columnData: [{ name: "text", data: TEXTS, type: "STRING" }],
    rowGroupSize: 10,
  })),
};

/** Changed bytes, a cut, or both. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = random.int(3);
  const cut = kind === 0 ? bytes.length : random.int(bytes.length);
  const damaged = bytes.slice(0, cut);
  for (let i = kind === 1 ? 0 : random.int(4) + 1; i > 0; i--) {
    if (cut > 0) damaged[random.int(cut)] = random.int(256);
  }
  return damaged;
}

Deno.test("openCorpus() survives damaged files of every format", () =>
  inFolder(async (folder) => {
    const random = new Random(4, "damage");
    let refused = 0, read = 0;
    for (const [name, bytes] of Object.entries(FILES)) {
      const path = join(folder, name);
      for (let trial = 0; trial < 40; trial++) {
        await Deno.writeFile(path, damage(bytes, random));
        try {
          await Array.fromAsync(await openCorpus(path));
          read++;
        } catch (error) {
          assert.ok(error instanceof FormatError, `${name} ${trial}: ${error}`);
          assert.match(error.message, /^Cannot (read|unpack) /);
          refused++;
        }
        const skipping = await openCorpus(path, { badInput: "skip" });
        await Array.fromAsync(skipping);
      }
    }
    assert.ok(refused > 50 && read > 50, `${refused} refused, ${read} read`);
  }));

Deno.test("openShards() finds every damage", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "shards");
    await packCorpus(() => documentsOf(TEXTS, "a"), {
      tokenizer: trainBpe(TEXTS, { vocabSize: 300 }),
      folder,
      heldOutShare: 0,
    });
    const path = join(folder, "train_00000.tokens");
    const whole = await Deno.readFile(path);
    const open = async () => {
      using tokens = await openShards(folder, { verify: true });
      assert.ok(tokens.length > 0);
    };
    const random = new Random(5, "shards");
    for (let trial = 0; trial < 200; trial++) {
      const bytes = damage(whole, random);
      await Deno.writeFile(path, bytes);
      const isSame = bytes.length === whole.length &&
        bytes.every((byte, i) => byte === whole[i]);
      if (isSame) await open();
      else await assertFails(open, FormatError, /^Cannot (read|use) the shard/);
    }
  }));
