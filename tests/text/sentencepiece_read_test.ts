/**
 * Files of SentencePiece against SentencePiece itself: the ids of its
 * `spm_encode` for three models (see golden/README.md), exactly. Files that no
 * trainer makes are put together by hand.
 */
import assert from "node:assert/strict";
import { parseSentencePiece } from "../../lib/text/sentencepiece_read.ts";
import { loadTokenizer } from "../../lib/text/tokenizer_load.ts";
import { saveTokenizer } from "../../lib/text/tokenizer_write.ts";
import { ConfigError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";
import { hardTexts } from "./hard_texts.ts";
import {
  BASE_PIECES,
  type FieldValue,
  message,
  modelFile,
  type ModelPiece,
} from "./protobuf_writer.ts";
import { rustIds, rustTest } from "./rust_tokenizer.ts";

const goldenUrl = (name: string) => new URL(`golden/${name}`, import.meta.url);

async function readLines(name: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(goldenUrl(name))).split("\n");
  assert.equal(lines.pop(), "");
  return lines;
}

const TEXTS = (await readLines("texts.jsonl")).map((line): string =>
  JSON.parse(line)
);

for (const name of ["bpe", "unigram", "unigram_bytes"]) {
  Deno.test(`parseSentencePiece() gives the ids of SentencePiece (${name})`, async () => {
    const bytes = await Deno.readFile(goldenUrl(`${name}.model`));
    const tokenizer = parseSentencePiece(bytes);
    const expected = await readLines(`${name}.ids.txt`);
    assert.equal(expected.length, TEXTS.length);
    for (const [i, text] of TEXTS.entries()) {
      const ids = tokenizer.encode(text);
      assert.equal(ids.join(" "), expected[i], JSON.stringify(text));
      // Only the model that replaces characters does not give the text back.
      if (name !== "unigram") assert.equal(tokenizer.decode(ids), text);
    }
  });
}

Deno.test("parseSentencePiece() replaces characters by the model's rules", async () => {
  const bytes = await Deno.readFile(goldenUrl("unigram.model"));
  const tokenizer = parseSentencePiece(bytes);
  const through = (text: string) => tokenizer.decode(tokenizer.encode(text));
  // By rules.tsv: e + acute is é, with a dot below as well é!; tabs and wide
  // spaces are spaces; a lone acute goes. Spaces are collapsed. All characters
  // are pieces of the model.
  assert.equal(through("  ame\u0301m\t\u3000 ame\u0301\u0323 "), "amém amé!");
  assert.equal(through("a\u0301ﬁm"), "afim");
});

Deno.test("parseSentencePiece() reads what plays which part", async () => {
  const tokenizer = parseSentencePiece(
    await Deno.readFile(goldenUrl("bpe.model")),
  );
  const { unkId, bosId, eosId, padId, specialIds } = tokenizer.model;
  assert.deepEqual([unkId, bosId, eosId, padId], [0, 1, 2, 3]);
  assert.deepEqual(specialIds, [0, 1, 2, 3]);
  // Without a padding piece (id -1) the end token pads.
  const small = parseSentencePiece(modelFile(PIECES, BPE));
  assert.equal(small.padId, 2);
  // And without a beginning piece, as in T5, it begins texts.
  const t5 = modelFile(PIECES, { trainer: [[3, 2], [41, -1]] });
  assert.equal(parseSentencePiece(t5).bosId, 2);
  assert.equal(small.decode(small.encode("aab")), "aab");
});

/** Letters and what they merge to, best first. */
const PIECES: readonly ModelPiece[] = [
  ...BASE_PIECES,
  ["▁", -9, 1],
  ["a", -10, 1],
  ["b", -11, 1],
  ["aa", -1, 1],
  ["aaa", -2, 1],
  ["▁b", -3, 1],
];
const BPE = { trainer: [[3, 2]] as [number, FieldValue][] };

function piecesOf(bytes: Uint8Array, text: string): string {
  const tokenizer = parseSentencePiece(bytes);
  const { pieces } = tokenizer.model;
  return Array.from(tokenizer.encode(text), (id) => pieces[id]).join(" ");
}

Deno.test("parseSentencePiece() joins by score, the leftmost of equals", () => {
  const file = modelFile(PIECES, BPE);
  // Worked by hand: aa goes first, then aaa by either of its two merges.
  assert.equal(piecesOf(file, "aaa"), "▁ aaa");
  assert.equal(piecesOf(file, "aaaaa"), "▁ aa aaa");
  assert.equal(piecesOf(file, "b ab"), "▁b ▁ a b");
});

Deno.test("parseSentencePiece() takes the most probable spelling", () => {
  const pieces: ModelPiece[] = [
    ...BASE_PIECES,
    ["▁", -1, 1],
    ["a", -2, 1],
    ["aa", -3.5, 1],
    ["aaa", -5.75, 1],
  ];
  // aa (-3.5) beats a a (-4); aa a (-5.5) beats aaa (-5.75) and a aa is equal:
  // the one that ends in the longer piece was reached first.
  const file = modelFile(pieces, { trainer: [[3, 1]] });
  assert.equal(piecesOf(file, "aa"), "▁ aa");
  assert.equal(piecesOf(file, "aaa"), "▁ a aa");
  // What is no piece is unknown, a run of it once.
  assert.equal(piecesOf(file, "xya"), "▁ <unk> a");
});

rustTest(
  "saveTokenizer() writes a .model that Hugging Face reads alike",
  async (rust) => {
    const bytes: ModelPiece[] = Array.from({ length: 256 }, (_, byte) => [
      `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
      0,
      6,
    ]);
    const letters = "▁aeiosrmntdçã, .".split("").filter((c) => c !== " ");
    const normal = [...letters, "▁a", "es", "tes", "ção", "▁men", "da"];
    for (const type of [1, 2]) {
      const file = modelFile(
        [
          ...BASE_PIECES,
          ...bytes,
          // No two sums are alike, so that nothing depends on rounding.
          ...normal.map((text, i): ModelPiece => [text, -1 - i / 7, 1]),
        ],
        { trainer: [[3, type], [35, 1]] },
      );
      const ours = parseSentencePiece(file);
      await inFolder(async (folder) => {
        await saveTokenizer(folder, ours);
        const theirs = rust.fromFile(`${folder}/tokenizer.json`);
        const again = await loadTokenizer(folder);
        for (
          const text of hardTexts(500, "a menina contes da maçã. ".repeat(9))
        ) {
          if (/<0x/.test(text)) continue; // byte pieces by name: theirs finds them
          const ids = Array.from(ours.encode(text, { allowSpecial: true }));
          assert.deepEqual(
            ids,
            await rustIds(theirs, text),
            JSON.stringify(text),
          );
          assert.deepEqual(
            Array.from(again.encode(text, { allowSpecial: true })),
            ids,
          );
        }
      });
    }
  },
);

Deno.test("saveTokenizer() refuses rules that tokenizer.json cannot say", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [await Deno.readFile(goldenUrl("unigram.model")), /replaces characters/],
    [await Deno.readFile(goldenUrl("bpe.model")), /it has 2 user-defined/],
    [modelFile(PIECES, { ...BPE, normalizer: [] }), /collapses spaces/],
  ];
  await inFolder(async (folder) => {
    for (const [bytes, message] of cases) {
      const tokenizer = parseSentencePiece(bytes);
      await assertFails(
        () => saveTokenizer(folder, tokenizer),
        ConfigError,
        message,
      );
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

const UNK: ModelPiece = ["<unk>", 0, 2];

/** Files that are wrong, and what the error must say. */
const FAULTS: readonly (readonly [Uint8Array, RegExp])[] = [
  [new Uint8Array(), /it has 0 pieces, no trainer and no normalizer/],
  [new TextEncoder().encode("{}\n"), /field|too long/],
  [Uint8Array.of(0), /field 0 ends at byte 1/],
  [Uint8Array.of(0x0a, 5, 1), /a field of 5 bytes begins at byte 2 of 3/],
  [Uint8Array.of(0x0a), /a field of 1 bytes begins at byte 1 of 1/],
  [new Uint8Array(11).fill(0xff), /a number that ends at byte 10 is too long/],
  [Uint8Array.of(0x0b), /field 1 has type 3/],
  [modelFile(PIECES, { trainer: [[3, 3]] }), /its model type is 3, wanted 1/],
  [modelFile(PIECES, { trainer: [[24, 1]] }), /spaces stand behind words/],
  [modelFile(PIECES, { normalizer: [[5, 0]] }), /not written as "▁"/],
  [modelFile(PIECES, { trainer: [[40, 1]] }), /piece 1 does not stand for the/],
  [modelFile(PIECES, { trainer: [[42, -1]] }), /its eosId -1 is not a control/],
  [modelFile(PIECES, { trainer: [[35, 1]] }), /it has 0 byte pieces and byte_/],
  [modelFile([...PIECES, ["a b", 0, 1]]), /piece 9 is "a b" of type 1/],
  [modelFile([...PIECES, ["a", 0, 1]]), /piece 9 is "a" of type 1/],
  [modelFile([...PIECES, ["", 0, 1]]), /piece 9 is "" of type 1/],
  [modelFile([...PIECES, ["z", 0, 5]]), /piece 9 is "z" of type 5/],
  [modelFile([...PIECES, ["z", 0, 6]]), /piece 9 is "z" of type 6/],
  [modelFile([...PIECES, ["z", NaN, 1]]), /piece 9 is "z" .* score NaN/],
  [
    modelFile(PIECES, { normalizer: [[2, "abc"]] }),
    /Cannot read a charsmap of 3 bytes: its tree of 0 bytes/,
  ],
  [
    modelFile(PIECES, {
      normalizer: [[2, Uint8Array.of(4, 0, 0, 0, 1, 2, 3, 4, 5)]],
    }),
    /charsmap: its end is cut off/,
  ],
  [
    message([[1, message([[1, Uint8Array.of(0xff)]])]]),
    /the text of field 1 is not UTF-8/,
  ],
  [message([[1, message([[2, "abc"]])]]), /field 2 has 3 bytes, wanted 4/],
  [modelFile([UNK]), /its eosId 2 is not a control piece/],
];

Deno.test("parseSentencePiece() says what is wrong with a file", async () => {
  parseSentencePiece(modelFile(PIECES)); // the unchanged one is good
  for (const [bytes, message] of FAULTS) {
    await assertFails(
      () => parseSentencePiece(bytes, "x.model"),
      FormatError,
      new RegExp(
        `^Cannot read x.model as a SentencePiece model: .*${message.source}`,
      ),
    );
  }
});
