/**
 * Tokenizer files: what was saved is what is loaded, id by id; the layout is
 * that of Llama 2 as written down by hand; what is wrong is said.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { Tokenizer } from "../../lib/text/tokenizer.ts";
import { loadTokenizer } from "../../lib/text/tokenizer_load.ts";
import { parseTokenizer } from "../../lib/text/tokenizer_read.ts";
import { saveTokenizer } from "../../lib/text/tokenizer_write.ts";
import { DataError, FormatError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { inFolder } from "../support/in_folder.ts";

const TEXT = "O gato viu o rato. O rato viu o gato, e o gato viu a casa: 🙂.";
const tokenizer = trainBpe([TEXT], { vocabSize: 300 });

async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** A small file in the layout of Llama 2, written out by hand. */
function llamaFile(): Record<string, unknown> & {
  model: Record<string, unknown>;
} {
  const special = (id: number, content: string) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const pieces = [
    "<unk>",
    "<s>",
    "</s>",
    "▁",
    "o",
    "l",
    "á",
    "▁o",
    "lá",
    "▁olá",
  ];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: ["▁ o", "l á", "▁o lá"],
    },
  };
}

Deno.test("loadTokenizer() gives back what saveTokenizer() wrote", async () => {
  const chat = tokenizer.withSpecialTokens(["<instruction>", "</instruction>"]);
  for (const before of [tokenizer, chat]) {
    await inFolder(async (folder) => {
      await saveTokenizer(folder, before);
      const after = await loadTokenizer(folder);
      assert.deepEqual(after.model, before.model);
      const text = `<instruction>${TEXT}</instruction>\n  日本 __proto__`;
      for (const allowSpecial of [false, true]) {
        assert.deepEqual(
          after.encode(text, { allowSpecial }),
          before.encode(text, { allowSpecial }),
        );
      }
    });
  }
});

Deno.test("saveTokenizer() writes the layout of Llama 2", async () => {
  await inFolder(async (folder) => {
    const chat = tokenizer.withSpecialTokens(["<instruction>"]);
    await saveTokenizer(folder, chat);
    const json = await readJson(join(folder, "tokenizer.json"));
    const { normalizer, pre_tokenizer, decoder } = llamaFile();
    assert.deepEqual(json.normalizer, normalizer);
    assert.deepEqual(json.pre_tokenizer, pre_tokenizer);
    assert.deepEqual(json.decoder, decoder);
    const model = json.model as Record<string, unknown>;
    assert.ok(model.byte_fallback && model.fuse_unk);
    const vocab = model.vocab as Record<string, number>;
    assert.equal(vocab["<0x0A>"], 14);
    assert.equal(vocab["<instruction>"], undefined); // added after training
    const added = json.added_tokens as { id: number; content: string }[];
    assert.deepEqual(added.map(({ id, content }) => [id, content]), [
      [0, "<unk>"],
      [1, "<s>"],
      [2, "</s>"],
      [3, "<pad>"],
      [tokenizer.vocabSize, "<instruction>"],
    ]);
    assert.deepEqual(
      (json.post_processor as { single: unknown[] }).single,
      [
        { SpecialToken: { id: "<s>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
      ],
    );
    const config = await readJson(join(folder, "tokenizer_config.json"));
    assert.equal(config.bos_token, "<s>");
    assert.equal(config.pad_token, "<pad>");
    const map = await readJson(join(folder, "special_tokens_map.json"));
    assert.equal((map.eos_token as { content: string }).content, "</s>");
    assert.deepEqual(map.additional_special_tokens, ["<instruction>"]);
  });
});

Deno.test("saveTokenizer() keeps a piece that is called __proto__", () =>
  inFolder(async (folder) => {
    const { model } = tokenizer;
    const pieces = [...model.pieces, "__proto__"];
    await saveTokenizer(folder, new Tokenizer({ ...model, pieces }));
    assert.deepEqual((await loadTokenizer(folder)).model.pieces, pieces);
  }));

Deno.test("parseTokenizer() takes merges as text and as pairs", () => {
  const file = llamaFile();
  const asText = parseTokenizer(JSON.stringify(file));
  file.model.merges = [["▁", "o"], ["l", "á"], ["▁o", "lá"]];
  const asPairs = parseTokenizer(JSON.stringify(file));
  assert.deepEqual(asPairs.model, asText.model);
  assert.deepEqual(Array.from(asText.encode("olá olá")), [9, 9]);
  assert.equal(asText.decode([9, 9]), "olá olá");
});

Deno.test("parseTokenizer() has one unknown for a run without byte pieces", () => {
  const small = parseTokenizer(JSON.stringify(llamaFile()));
  const { unkId } = small.model;
  // "▁", then x y z; " x" again; the run of x, "," and y spans two words.
  assert.deepEqual(Array.from(small.encode("xyz")), [3, unkId]);
  assert.deepEqual(Array.from(small.encode("x,y ol")), [3, unkId, 7, 5]);
});

Deno.test("parseTokenizer() pads with the end token when there is no other", () => {
  const small = parseTokenizer(JSON.stringify(llamaFile()));
  assert.equal(small.padId, 2);
  assert.equal(tokenizer.padId, 3);
});

Deno.test("parseTokenizer() takes special tokens by the parts they are given", () => {
  const file = llamaFile();
  const roles = {
    bos_token: { content: "</s>" },
    eos_token: "<s>",
    pad_token: "<unk>",
  };
  const { model } = parseTokenizer(JSON.stringify(file), { roles });
  assert.deepEqual([model.bosId, model.eosId, model.padId], [2, 1, 0]);
});

Deno.test("parseTokenizer() takes the unknown that the model itself writes", () => {
  const file = llamaFile();
  file.model.unk_token = "</s>";
  const small = parseTokenizer(JSON.stringify(file), {
    roles: { unk_token: "<unk>" },
  });
  assert.deepEqual(Array.from(small.encode("x")), [3, 2]);
});

Deno.test("parseTokenizer() looks for a normalized token after a space", () => {
  const file = llamaFile();
  addedOf(file)[2]!.normalized = true;
  const small = parseTokenizer(JSON.stringify(file));
  const encode = (text: string) =>
    Array.from(small.encode(text, { allowSpecial: true }));
  // The space goes with it, and none is put after it: as worked by hand.
  assert.deepEqual(encode("</s>olá"), [2, 4, 8]);
  assert.deepEqual(encode("olá </s> olá"), [9, 2, 9]);
  assert.deepEqual(encode("<s></s>"), [1, 2]);
  assert.ok(!encode("olá</s>").includes(2));
});

Deno.test("loadTokenizer() says which file is missing or no JSON", () =>
  inFolder(async (folder) => {
    const load = () => loadTokenizer(folder);
    await assertFails(
      load,
      DataError,
      /Cannot read a tokenizer: .*tokenizer\.json/,
    );
    await saveTokenizer(folder, tokenizer);
    await Deno.writeTextFile(join(folder, "tokenizer_config.json"), "{");
    await assertFails(
      load,
      FormatError,
      /tokenizer_config\.json: it is not JSON/,
    );
  }));

type Change = (file: ReturnType<typeof llamaFile>) => unknown;

/** What is changed in a good file, and what the error must say. */
const FAULTS: readonly (readonly [Change, RegExp])[] = [
  [(f) => delete (f as Record<string, unknown>).model, /its model is nothing/],
  [
    (f) => f.model.type = "WordPiece",
    /its model is "WordPiece", wanted "BPE" or/,
  ],
  [
    (f) => f.normalizer = null,
    /its normalizer is null, wanted .* as in Llama 2/,
  ],
  [(f) => f.pre_tokenizer = { type: "Whitespace" }, /its pre_tokenizer is/],
  [(f) => f.decoder = { type: "ByteLevel" }, /its decoder is/],
  [(f) => f.model.byte_fallback = false, /its byte_fallback is false/],
  [(f) => f.model.dropout = 0.1, /its dropout is 0.1/],
  [(f) => f.model.ignore_merges = true, /its ignore_merges is true/],
  [(f) => f.model.end_of_word_suffix = "</w>", /end_of_word_suffix/],
  [(f) => f.model.fuse_unk = false, /0 of 256 byte pieces and fuse_unk/],
  [(f) => f.model.vocab = ["a"], /has no vocab/],
  [(f) => vocabOf(f).x = 11, /"x" has id 11, wanted 0 to 10 without a gap/],
  [(f) => vocabOf(f).x = 1.5, /"x" has id 1.5/],
  [(f) => vocabOf(f).x = 9, /"▁olá" and "x" share id 9/],
  [(f) => vocabOf(f)[""] = 10, /the piece of id 10 is empty/],
  [(f) => vocabOf(f)["a b"] = 10, /the piece "a b" has a space, wanted "▁"/],
  [(f) => delete f.model.merges, /has no merges/],
  [(f) => f.model.merges = ["▁ x"], /merge 1 of 1, "▁ x", joins "x": no such/],
  [(f) => f.model.merges = ["o l"], /merge 1 of 1, "o l", gives "ol": no such/],
  [(f) => f.model.merges = ["a b c"], /"a b c", is not a pair/],
  [(f) => f.model.merges = [7], /merge 1 of 1, 7, is not a pair/],
  [(f) => f.model.merges = ["▁ o", "▁ o"], /merge 2 of 2, "▁ o", comes twice/],
  [(f) => f.model.merges = ["<s> o"], /joins "<s>": a special or byte piece/],
  [(f) => addedOf(f)[1]!.id = 5, /"<s>" has id 1 in vocab and 5 as added/],
  [(f) => addedOf(f)[1]!.lstrip = true, /added token "<s>" has lstrip/],
  [(f) => f.added_tokens = [{ id: 0 }], /added token .* has no name/],
  [(f) => f.added_tokens = [], /its eos_token "<\/s>" is not an added token/],
];

function vocabOf(file: ReturnType<typeof llamaFile>): Record<string, number> {
  return file.model.vocab as Record<string, number>;
}

function addedOf(
  file: ReturnType<typeof llamaFile>,
): Record<string, unknown>[] {
  return file.added_tokens as Record<string, unknown>[];
}

Deno.test("parseTokenizer() says what is wrong with a file", async () => {
  parseTokenizer(JSON.stringify(llamaFile())); // the unchanged one is good
  for (const [change, message] of FAULTS) {
    const file = llamaFile();
    change(file);
    await assertFails(
      () => parseTokenizer(JSON.stringify(file), { name: "x.json" }),
      FormatError,
      new RegExp(`^Cannot read x\\.json: .*${message.source}`),
    );
  }
  await assertFails(() => parseTokenizer("nope"), FormatError, /is not JSON/);
  await assertFails(() => parseTokenizer("[]"), FormatError, /no JSON object/);
});

Deno.test("parseTokenizer() reads unigrams and says what is wrong with them", async () => {
  const file = llamaFile();
  const vocab = Object.keys(vocabOf(file)).map((piece, id) => [piece, -id / 8]);
  const model = { type: "Unigram", unk_id: 0, byte_fallback: false, vocab };
  const parse = (change: object = {}) =>
    parseTokenizer(JSON.stringify({ ...file, model: { ...model, ...change } }));
  // "▁olá" costs 9/8; "▁" and the letters 3/8 + 4/8 + 5/8 + 6/8.
  assert.deepEqual(Array.from(parse().encode("olá x")), [9, 3, 0]);
  const faults: [object, RegExp][] = [
    [{ vocab: {} }, /its model has no vocab/],
    [{ vocab: [["a"]] }, /piece 0 of its vocab is \["a"\], wanted a text and/],
    [{ vocab: [...vocab, ["o", 0]] }, /"o" comes twice/],
    [{ vocab: [...vocab, ["a b", 0]] }, /the piece "a b" has a space/],
    [{ vocab: [...vocab, ["<0x0A>", 0]] }, /byte_fallback is not true/],
    [{ unk_id: 4 }, /its unk_token "o" is not an added token/],
  ];
  for (const [change, message] of faults) {
    await assertFails(() => parse(change), FormatError, message);
  }
});
