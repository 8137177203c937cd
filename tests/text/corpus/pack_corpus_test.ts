/** Shards against the tokens of the same documents in memory. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainBpe } from "../../../lib/text/bpe_trainer.ts";
import {
  type CorpusDocument,
  documentsOf,
} from "../../../lib/text/corpus/document.ts";
import {
  packCorpus,
  type PackCorpusOptions,
} from "../../../lib/text/corpus/pack_corpus.ts";
import { vocabularyHash } from "../../../lib/text/corpus/shard_format.ts";
import {
  openShards,
  readShardManifest,
} from "../../../lib/text/corpus/shard_manifest.ts";
import { splitDocuments } from "../../../lib/text/split_documents.ts";
import {
  packWithStarts,
  TokenBatches,
} from "../../../lib/text/token_batches.ts";
import { loadTokenizer } from "../../../lib/text/mod.ts";
import {
  ConfigError,
  DataError,
  FormatError,
  Random,
  walkFiles,
} from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { inFolder } from "../../support/in_folder.ts";

const random = new Random(10, "pack");
const WORDS = ["um", "gato", "rato", "casa", "e", "viu", "não"];
const TEXTS = Array.from(
  { length: 200 },
  () =>
    Array.from({ length: 1 + random.int(40) }, () => random.pick(WORDS))
      .join(" "),
);
const tokenizer = trainBpe(TEXTS, { vocabSize: 290 });
const documents = () => documentsOf(TEXTS, "frases");
const large = tokenizer.withSpecialTokens(
  Array.from({ length: 65_400 }, (_, i) => `<${i}>`),
);

function pack(folder: string, options: Partial<PackCorpusOptions> = {}) {
  return packCorpus(documents, {
    tokenizer,
    folder,
    heldOutShare: 0.2,
    seed: 3,
    ...options,
  });
}

async function filesOf(folder: string): Promise<string[]> {
  const paths = await Array.fromAsync(walkFiles(folder));
  return paths.map((path) => path.slice(folder.length + 1));
}

Deno.test("packCorpus() writes what packWithStarts() has in memory", () =>
  inFolder(async (folder) => {
    for (const [name, used] of Object.entries({ tokenizer, large })) {
      const out = join(folder, name);
      const { splits } = await pack(out, { tokenizer: used, shardTokens: 333 });
      const expected = splitDocuments([...documents()], {
        heldOutShare: 0.2,
        seed: 3,
      });
      for (const split of ["train", "heldOut"] as const) {
        const memory = packWithStarts(expected[split], used);
        using shards = await openShards(out, {
          split,
          tokenizer: used,
          verify: true,
        });
        assert.equal(shards.length, memory.length);
        assert.equal(splits[split].tokens, memory.length);
        assert.equal(splits[split].documents, expected[split].length);
        assert.equal(
          splits[split].shards.length,
          Math.ceil(memory.length / 333),
        );
        for (let trial = 0; trial < 60; trial++) { // across shards as well
          const start = random.int(memory.length);
          const end = start + random.int(900);
          assert.deepEqual(
            shards.subarray(start, end),
            memory.subarray(start, end),
          );
          assert.deepEqual(
            [...shards.documentStarts(start, end)],
            [...memory.documentStarts(start, end)],
          );
        }
      }
    }
  }));

Deno.test("packCorpus() leaves manifest and tokenizer beside the shards", () =>
  inFolder(async (folder) => {
    const out = join(folder, "shards");
    const written = await pack(out, { command: "caderno corpus pack x" });
    const manifest = await readShardManifest(out);
    assert.deepEqual(manifest, JSON.parse(JSON.stringify(written)));
    assert.equal(manifest.command, "caderno corpus pack x");
    assert.deepEqual(manifest.sources, [{
      name: "frases",
      licence: null,
      documents: 200,
      bytes: new TextEncoder().encode(TEXTS.join("")).length,
    }]);
    assert.deepEqual(manifest.heldOut, {
      share: 0.2,
      seed: 3,
      unit: "documents",
    });
    assert.deepEqual(await filesOf(out), [
      "held_out_00000.tokens",
      "manifest.json",
      "tokenizer/special_tokens_map.json",
      "tokenizer/tokenizer.json",
      "tokenizer/tokenizer_config.json",
      "train_00000.tokens",
    ]);
    const loaded = await loadTokenizer(join(out, "tokenizer"));
    assert.equal(vocabularyHash(loaded), manifest.tokenizer.sha256);
  }));

Deno.test("TokenBatches reads the same batches from shards as from memory", () =>
  inFolder(async (folder) => {
    const out = join(folder, "shards");
    await pack(out, { shardTokens: 100, heldOutShare: 0 });
    using shards = await openShards(out, { tokenizer });
    const options = {
      batchSize: 3,
      contextLength: 16,
      vocabSize: tokenizer.vocabSize,
      seed: 5,
      numberDocuments: true,
    };
    const memory = packWithStarts(documents(), tokenizer);
    const fromDisk = new TokenBatches(shards, options);
    const fromMemory = new TokenBatches(memory, options);
    fromDisk.position = fromMemory.position = 4;
    for (let i = 0; i < 2 * fromMemory.stepsPerEpoch; i++) {
      assert.deepEqual(fromDisk.next(), fromMemory.next());
    }
    await assertFails(
      () => new TokenBatches(shards, { ...options, vocabSize: 289 }),
      DataError,
      /tokens are of a vocabulary of 290, the model has 289/,
    );
  }));

Deno.test("packCorpus() as TTL holds out blocks of the packed stream", () =>
  inFolder(async (folder) => {
    const out = join(folder, "shards");
    const blockLength = 16;
    const { splits } = await pack(out, {
      packing: "ttl",
      heldOutUnit: "blocks",
      blockLength,
    });
    const ids = [...packWithStarts(documents(), tokenizer).tokens].slice(0, -1);
    const blocks: string[] = [];
    for (let i = 0; i + blockLength <= ids.length; i += blockLength) {
      blocks.push(ids.slice(i, i + blockLength).join());
    }
    const found: string[] = [];
    for (const split of ["train", "heldOut"] as const) {
      using shards = await openShards(out, { split });
      assert.equal(shards.length % blockLength, 0);
      for (let i = 0; i < shards.length; i += blockLength) {
        found.push(shards.subarray(i, i + blockLength).join());
      }
    }
    assert.deepEqual(found.toSorted(), blocks.toSorted());
    const share = splits.heldOut.tokens / (found.length * blockLength);
    // Of some 290 blocks: standard error sqrt(0.2 * 0.8 / 290) = 0.023.
    assert.ok(Math.abs(share - 0.2) < 4 * 0.024, `${share}`);
  }));

Deno.test("packCorpus() keeps near-duplicates on one side", () =>
  inFolder(async (folder) => {
    const base = Array.from(
      { length: 60 },
      (_, i) => Array.from({ length: 60 }, (_, j) => `p${i}x${j}`),
    );
    const pairs = base.flatMap((words) => [
      words.join(" "),
      words.with(30, "outra").join(" "),
    ]);
    const sides = async (name: string, options: object) => {
      const out = join(folder, name);
      await packCorpus(() => documentsOf(pairs, "pares"), {
        tokenizer,
        folder: out,
        heldOutShare: 0.5,
        ...options,
      });
      using heldOut = await openShards(out, { split: "heldOut" });
      const ids = heldOut.subarray(0, heldOut.length);
      const starts = [...heldOut.documentStarts(0, heldOut.length)];
      const texts = starts.map((start, i) =>
        tokenizer.decode(ids.subarray(start, starts[i + 1]))
      );
      const inside = new Set(texts);
      return base.filter((_, i) =>
        inside.has(pairs[2 * i]!) !== inside.has(pairs[2 * i + 1]!)
      ).length;
    };
    assert.ok(await sides("apart", {}) > 10); // half of 60 by chance
    assert.equal(await sides("together", { nearDuplicates: {} }), 0);
  }));

Deno.test("packCorpus() leaves nothing behind when it fails", () =>
  inFolder(async (folder) => {
    const out = join(folder, "shards");
    const fails = (
      type: typeof ConfigError | typeof DataError,
      pattern: RegExp,
      options: Partial<PackCorpusOptions>,
      source: () => Iterable<CorpusDocument> = documents,
    ) =>
      assertFails(
        () => packCorpus(source, { tokenizer, folder: out, ...options }),
        type,
        pattern,
      );
    await fails(DataError, /without a document/, {}, () => []);
    await fails(DataError, /does not fill one block of 2048/, {
      packing: "ttl",
    }, () => documentsOf(["um"], "a"));
    await fails(ConfigError, /hold out a share of 2/, { heldOutShare: 2 });
    await fails(ConfigError, /0 tokens in a shard/, { shardTokens: 0 });
    await fails(ConfigError, /"continuous": wanted "ttl"/, {
      heldOutUnit: "blocks",
    });
    await fails(DataError, /Stopped/, {
      signal: AbortSignal.abort(new DataError("Stopped")),
    });
    let pass = 0;
    await fails(
      DataError,
      /documents that change: number 0 was another one/,
      { nearDuplicates: {} },
      () => documentsOf([`texto ${pass++}`], "a"),
    );
    await assertFails(
      () =>
        packCorpus(function* () {
          yield* documentsOf(TEXTS, "a");
          throw new DataError("Cannot go on");
        }, { tokenizer, folder: out, shardTokens: 50 }),
      DataError,
      /Cannot go on/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
    await pack(out);
    await fails(ConfigError, /it is there already/, {});
  }));

Deno.test("openShards() refuses shards of another tokenizer", () =>
  inFolder(async (folder) => {
    await pack(join(folder, "shards"));
    const other = trainBpe(["outro texto qualquer"], { vocabSize: 270 });
    await assertFails(
      () => openShards(join(folder, "shards"), { tokenizer: other }),
      DataError,
      /made with another tokenizer of 290 pieces \(.{12}…\), this one has 270/,
    );
  }));

Deno.test("openShards() tells which file is damaged, and how", () =>
  inFolder(async (folder) => {
    const out = join(folder, "shards");
    await pack(out, { shardTokens: 1000 });
    const path = join(out, "train_00001.tokens");
    const whole = await Deno.readFile(path);
    const fails = async (bytes: Uint8Array, pattern: RegExp) => {
      await Deno.writeFile(path, bytes);
      await assertFails(
        () => openShards(out, { verify: true }),
        FormatError,
        pattern,
      );
    };
    await fails(new Uint8Array(), /does not begin with CADSHARD/);
    await fails(whole.subarray(0, 50), /header is cut short after 50 bytes/);
    await fails(whole.subarray(0, -1), /has \d+ bytes, its header says \d+/);
    await fails(whole.with(20, 1), /the CRC-32 does not fit/);
    await fails(whole.with(300, whole[300]! ^ 1), /train_00001.*have changed/);
    const newer = whole.slice();
    newer[8] = 9;
    await fails(newer, /its version is 9, wanted 1/);
    await Deno.remove(path);
    await assertFails(
      () => openShards(out),
      DataError,
      /train_00001\.tokens: there is no such file/,
    );
    await Deno.writeFile(path, whole);
    const manifestPath = join(out, "manifest.json");
    const manifest = await Deno.readTextFile(manifestPath);
    for (
      const [text, pattern] of [
        [manifest.slice(0, 99), /manifest\.json: .*JSON/],
        [
          manifest.replace("shards 1", "shards 2"),
          /"caderno shards 2", wanted/,
        ],
        ['{"format":"caderno shards 1"}', /wanted tokenizer, splits and/],
        [manifest.replace(/"tokens": \d+/, '"tokens": 7'), /says 7 of/],
      ] as const
    ) {
      await Deno.writeTextFile(manifestPath, text);
      await assertFails(() => openShards(out), FormatError, pattern);
    }
  }));
