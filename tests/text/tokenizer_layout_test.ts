/**
 * The layouts of byte-level files that are in use, each cut as Hugging Face's
 * Rust implementation cuts it, and what is wrong with others. The vocabulary is
 * one that we trained, with the end of text of GPT-2.
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import {
  GPT2_PATTERN,
  LLAMA3_PATTERN,
  SPLIT_DIGITS_PATTERN,
} from "../../lib/text/byte_level.ts";
import { syntheticCorpus } from "../../lib/text/synthetic/corpus.ts";
import { parseTokenizer } from "../../lib/text/tokenizer_read.ts";
import { FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { hardTexts } from "./hard_texts.ts";
import { rustIds, rustTest } from "./rust_tokenizer.ts";

const STORIES = Array.from(
  syntheticCorpus({ seed: 6, documents: 60 }),
  ({ text }) => text,
).join("\n");

const trained = trainBpe([STORIES + " 1234567 ".repeat(20)], {
  vocabSize: 900,
  kind: "byte-level",
  splitDigits: false,
}).model;
assert(trained.kind === "byte-level");
/** Without the four special pieces; ids move down by four. */
const PIECES = trained.pieces.slice(4);
const MERGES = Array.from({ length: trained.merges.length / 2 }, (_, rank) => [
  trained.pieces[trained.merges[2 * rank]!],
  trained.pieces[trained.merges[2 * rank + 1]!],
]);

const byteLevel = (add_prefix_space: boolean, use_regex?: boolean) => ({
  type: "ByteLevel",
  add_prefix_space,
  trim_offsets: true,
  ...(use_regex === undefined ? {} : { use_regex }),
});
const split = (Regex: string) => ({
  type: "Split",
  pattern: { Regex },
  behavior: "Isolated",
  invert: false,
});
const sequence = (...pretokenizers: object[]) => ({
  type: "Sequence",
  pretokenizers,
});

type File = Record<string, unknown> & { model: Record<string, unknown> };

function fileWith(pre_tokenizer: object): File {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [{
      id: PIECES.length,
      content: "<|endoftext|>",
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }],
    normalizer: null,
    pre_tokenizer,
    post_processor: null,
    decoder: byteLevel(true),
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
      merges: MERGES,
    },
  };
}

/** Pre-tokenizers by the model that has them. */
const LAYOUTS: Readonly<Record<string, object>> = {
  "GPT-2": byteLevel(false),
  "RoBERTa": byteLevel(true, true),
  "Llama 3": sequence(split(LLAMA3_PATTERN), byteLevel(false, false)),
  "SmolLM": sequence(
    { type: "Digits", individual_digits: true },
    byteLevel(false, true),
  ),
  "numbers apart": sequence(
    { type: "Digits", individual_digits: false },
    byteLevel(false),
  ),
  "three stages, like DeepSeek": sequence(
    split("\\p{N}{1,3}"),
    split("[一-龥぀-ゟ゠-ヿ]+"),
    split("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|\\s+\\w+"),
    byteLevel(false, false),
  ),
};

rustTest("parseTokenizer() composes letters as Qwen 2 does", async (rust) => {
  const file = fileWith(
    sequence(split(SPLIT_DIGITS_PATTERN), byteLevel(false, false)),
  );
  file.normalizer = { type: "NFC" };
  const text = JSON.stringify(file);
  const ours = parseTokenizer(text), theirs = rust.fromString(text);
  assert.deepEqual(ours.encode("e\u0301"), ours.encode("é"));
  for (const text of hardTexts(1000, STORIES.normalize("NFD"))) {
    const ids = Array.from(ours.encode(text, { allowSpecial: true }));
    assert.deepEqual(ids, await rustIds(theirs, text), JSON.stringify(text));
  }
});

for (const [name, pre_tokenizer] of Object.entries(LAYOUTS)) {
  rustTest(`parseTokenizer() cuts words as ${name}`, async (rust) => {
    const text = JSON.stringify(fileWith(pre_tokenizer));
    const ours = parseTokenizer(text), theirs = rust.fromString(text);
    for (const text of hardTexts(1000, STORIES)) {
      const ids = Array.from(ours.encode(text, { allowSpecial: true }));
      assert.deepEqual(ids, await rustIds(theirs, text), JSON.stringify(text));
    }
  });
}

Deno.test("parseTokenizer() takes GPT-2's end of text for every part", () => {
  const file = fileWith(byteLevel(false));
  delete file.model.type; // as in the file of GPT-2
  const { model } = parseTokenizer(JSON.stringify(file));
  const end = PIECES.length;
  const { bosId, eosId, padId, unkId } = model;
  assert.deepEqual([bosId, eosId, padId, unkId], [end, end, end, -1]);
  assert(model.kind === "byte-level");
  assert.deepEqual(model.patterns, [GPT2_PATTERN]);
});

type Change = (file: File) => unknown;

/** What is changed in a good file, and what the error must say. */
const FAULTS: readonly (readonly [Change, RegExp])[] = [
  [(f) => f.added_tokens = {}, /added_tokens is no list/],
  [
    (f) =>
      f.pre_tokenizer = {
        type: "Sequence",
        pretokenizers: [7, byteLevel(false)],
      },
    /its pre_tokenizer has 7, wanted Split/,
  ],
  [(f) => f.decoder = null, /its decoder is null and the last part of its/],
  [(f) => f.normalizer = { type: "NFD" }, /its normalizer is .*"NFD".*none/],
  [
    (f) =>
      f.pre_tokenizer = sequence({ type: "Punctuation" }, byteLevel(false)),
    /its pre_tokenizer has .*Punctuation.*wanted Split/,
  ],
  [
    (f) => f.pre_tokenizer = sequence(split("(?>a)"), byteLevel(false)),
    /Cannot use the pattern "\(\?>a\)"/,
  ],
  [
    (f) => f.pre_tokenizer = sequence(split("a"), byteLevel(true)),
    /once cut, get a space in front/,
  ],
  [
    (f) => f.model.byte_fallback = true,
    /its byte_fallback is true, wanted null/,
  ],
  [(f) => delete vocabOf(f).a, /"[^"]+" has id \d+, wanted 0 to/],
  [
    (f) => {
      vocabOf(f)["a b"] = vocabOf(f)["Ā"]!;
      delete vocabOf(f)["Ā"];
    },
    /the piece "a b" has letters that are no byte/,
  ],
  [
    (f) => {
      vocabOf(f)["zzzz"] = vocabOf(f)["Ā"]!;
      delete vocabOf(f)["Ā"];
    },
    /it has 255 of the 256 bytes as pieces/,
  ],
  [
    (f) => (f.added_tokens as { content: string }[])[0]!.content = "<end>",
    /its eos_token "<\/s>" is not an added token/,
  ],
];

function vocabOf(file: File): Record<string, number> {
  return file.model.vocab as Record<string, number>;
}

Deno.test("parseTokenizer() says what is wrong with a byte-level file", async () => {
  const good = fileWith(byteLevel(false));
  parseTokenizer(JSON.stringify(good));
  for (const [change, message] of FAULTS) {
    const file = structuredClone(good);
    change(file);
    await assertFails(
      () => parseTokenizer(JSON.stringify(file), { name: "x.json" }),
      FormatError,
      new RegExp(`^Cannot read x\\.json: .*${message.source}`),
    );
  }
});
