/**
 * The tokenizer against a slow encoder that looks at the whole text at once,
 * and against itself: decoding gives back every string. All ids are exact.
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { Tokenizer } from "../../lib/text/tokenizer.ts";
import { LLAMA_RULES, reservedPieces } from "../../lib/text/tokenizer_model.ts";
import { ConfigError, DataError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";
import { hardTexts } from "./hard_texts.ts";
import { asNaive, naiveEncoder } from "./naive_bpe.ts";

const STORY =
  "Era uma vez uma menina que morava numa casa perto do rio. A menina tinha " +
  "uma bola vermelha e um gato. — Onde está a bola? — perguntou a menina.\n" +
  "O gato viu a bola debaixo da casa, e a menina ficou feliz. Custou 12,50.";

const tokenizer = trainBpe([STORY, STORY.toUpperCase()], { vocabSize: 420 });

/** Signs that make trouble, and some that do not. */
const SIGNS = [
  ..."aaaeeeoosrmn  .,—!\n\t12ãçéA",
  "  ",
  "\u2581",
  "\u0301",
  "e\u0301",
  "\u00a0",
  "\ufeff",
  "\ufffd",
  "\u0000",
  "\r\n",
  "🙂",
  "👩‍👧",
  "日本",
  "<s>",
  "<0x41>",
  "menina",
  " casa",
];

function randomTexts(count: number, stream: string): string[] {
  const random = new Random(7, stream);
  return Array.from(
    { length: count },
    () =>
      Array.from({ length: random.int(30) }, () => random.pick(SIGNS)).join(""),
  );
}

/** A tokenizer with the given merges; its alphabet is what they are made of. */
function handMade(merges: readonly [string, string][]): Tokenizer {
  const pieces = [...reservedPieces(), "▁"];
  const idOf = (piece: string) => {
    if (!pieces.includes(piece)) pieces.push(piece);
    return pieces.indexOf(piece);
  };
  for (const char of merges.flat().join("")) idOf(char);
  const ids = merges.flatMap(([left, right]) => {
    idOf(left + right);
    return [idOf(left), idOf(right)];
  });
  return new Tokenizer({
    kind: "llama",
    rules: LLAMA_RULES,
    pieces,
    merges: Int32Array.from(ids),
    specialIds: [0, 1, 2, 3],
    spacedIds: [],
    unkId: 0,
    bosId: 1,
    eosId: 2,
    padId: 3,
  });
}

function piecesOf(t: Tokenizer, text: string): string {
  return Array.from(t.encode(text), (id) => t.model.pieces[id]).join(" ");
}

Deno.test("encode() joins as worked by hand", () => {
  // In "low" the merge lo+w (rank 1) goes before ▁+lo (rank 3), so the latter
  // never comes about there; in "lo" it does.
  const t = handMade([["l", "o"], ["lo", "w"], ["e", "r"], ["▁", "lo"]]);
  assert.equal(piecesOf(t, "lower"), "▁ low er");
  assert.equal(piecesOf(t, "lo"), "▁lo");
  assert.equal(piecesOf(t, "llo w"), "▁ l lo ▁ w");
});

Deno.test("encode() takes the leftmost of equal ranks", () => {
  const t = handMade([["a", "a"], ["aa", "aa"]]);
  assert.equal(piecesOf(t, "aaa"), "▁ aa a");
  assert.equal(piecesOf(t, "aaaaa"), "▁ aaaa a");
});

Deno.test("encode() spells what the alphabet lacks in UTF-8", () => {
  const t = handMade([["a", "a"]]);
  assert.equal(piecesOf(t, "aaé"), "▁ aa <0xC3> <0xA9>");
  assert.equal(
    piecesOf(t, "<0xC3>"),
    "▁ <0x3C> <0x30> <0x78> <0x43> <0x33> <0x3E>",
  );
});

Deno.test("encode() equals the naive encoder on random strings", () => {
  const naive = naiveEncoder(asNaive(tokenizer.model));
  for (const text of randomTexts(400, "naive")) {
    assert.deepEqual(
      Array.from(tokenizer.encode(text)),
      naive(text),
      JSON.stringify(text),
    );
  }
});

Deno.test("encode() equals the naive encoder when pieces span words", () => {
  const spans: [string, string][] = [
    ["▁", "▁"],
    ["▁▁", "▁▁"],
    ["a", ","],
    ["a", "▁"],
    ["a▁", "r"],
    ["1", "2"],
    ["a,", "▁"],
    ["▁", "12"],
    [".", "\n"],
  ];
  const naiveTexts = randomTexts(300, "spans");
  for (let n = 1; n <= spans.length; n++) {
    const t = handMade(spans.slice(0, n));
    const naive = naiveEncoder(asNaive(t.model));
    for (const text of [...naiveTexts, "a  a    a r a, a, r 12a1  12.\n."]) {
      assert.deepEqual(
        Array.from(t.encode(text)),
        naive(text),
        JSON.stringify(text),
      );
    }
  }
});

Deno.test("encode() gives the same ids whatever it has seen before", () => {
  const fresh = new Tokenizer(tokenizer.model);
  const before = tokenizer.encode(STORY);
  // More distinct words than the cache holds.
  const random = new Random(1, "cache");
  for (let i = 0; i < 20; i++) {
    let text = "";
    for (let w = 0; w < 10_000; w++) text += ` ${random.uint32().toString(36)}`;
    fresh.encode(text);
  }
  assert.deepEqual(fresh.encode(STORY), before);
});

Deno.test("encode() takes a megabyte without a space", () => {
  const text = "casa".repeat(250_000);
  const ids = tokenizer.encode(text);
  assert.equal(tokenizer.decode(ids), text);
});

Deno.test("decode() undoes encode(), for any well-formed string", () => {
  const hard = ["", " ", "  ", "▁", " ▁ ", "\n", "\ufeffa", "a\u0000b", STORY];
  const random = [...randomTexts(400, "round trip"), ...hardTexts(400, STORY)];
  for (const text of [...hard, ...random]) {
    const ids = tokenizer.encode(text);
    assert.equal(tokenizer.decode(ids), text, JSON.stringify(text));
    const wrapped = tokenizer.encode(text, { bos: true, eos: true });
    assert.equal(tokenizer.decode(wrapped), text);
    assert.deepEqual(wrapped.subarray(1, -1), ids);
  }
});

Deno.test("encode() takes a lone surrogate for U+FFFD", () => {
  assert.deepEqual(tokenizer.encode("a\ud800b"), tokenizer.encode("a\ufffdb"));
  assert.equal(tokenizer.decode(tokenizer.encode("\udc00")), "\ufffd");
});

Deno.test("encode() adds beginning and end only when asked", () => {
  const { bosId, eosId } = tokenizer;
  assert.equal(tokenizer.encode("").length, 0);
  assert.deepEqual(
    Array.from(tokenizer.encode("", { bos: true, eos: true })),
    [bosId, eosId],
  );
});

Deno.test("encode() sees special tokens in text only when allowed", () => {
  const chat = tokenizer.withSpecialTokens(["<instruction>", "<in"]);
  const id = chat.idOf("<instruction>")!;
  assert.equal(id, tokenizer.vocabSize);
  const text = "<instruction>uma casa</s>";
  assert.ok(!chat.encode(text).includes(id));
  assert.equal(chat.decode(chat.encode(text)), text);
  // As Hugging Face does: each part is a text with a space put before it.
  assert.deepEqual(Array.from(chat.encode(text, { allowSpecial: true })), [
    id,
    ...chat.encode("uma casa"),
    chat.eosId,
  ]);
});

Deno.test("decode() leaves out special tokens or gives them back", () => {
  const chat = tokenizer.withSpecialTokens(["<instruction>", "</instruction>"]);
  const text = "<s><instruction>uma casa</instruction>a bola </s>";
  const ids = chat.encode(text, { allowSpecial: true });
  assert.equal(chat.decode(ids, { skipSpecial: false }), text);
  assert.equal(chat.decode(ids), "uma casa a bola ");
});

Deno.test("withSpecialTokens() leaves the old ids and refuses doubles", async () => {
  const chat = tokenizer.withSpecialTokens(["<a>"]);
  assert.deepEqual(chat.encode(STORY), tokenizer.encode(STORY));
  assert.equal(chat.vocabSize, tokenizer.vocabSize + 1);
  const adding = (...names: string[]) => () => chat.withSpecialTokens(names);
  await assertFails(adding("<a>"), ConfigError, /"<a>": it is there already/);
  await assertFails(adding("<b>", "<b>"), ConfigError, /"<b>"/);
  await assertFails(adding("▁a"), ConfigError, /"▁a"/);
  await assertFails(adding(""), ConfigError, /"": it is empty/);
});

Deno.test("decode() refuses an id that is not in the vocabulary", async () => {
  const { vocabSize } = tokenizer;
  for (const id of [-1, vocabSize, 1.5, NaN]) {
    await assertFails(
      () => tokenizer.decode([5, id]),
      DataError,
      new RegExp(`Cannot decode id ${id}: the vocabulary has ${vocabSize} ids`),
    );
  }
});

Deno.test("streamDecoder() never gives half a character", () => {
  const text = "céu 👩‍👧 日本 e\u0301 fim";
  const ids = tokenizer.encode(text);
  const decoder = tokenizer.streamDecoder();
  let sum = "";
  for (const id of ids) {
    const part = decoder.push(id);
    assert.ok(part.isWellFormed() && !part.includes("\ufffd"));
    sum += part;
  }
  assert.equal(sum + decoder.end(), text);
});

Deno.test("streamDecoder() shows at the end what was cut short", () => {
  const ids = tokenizer.encode("🙂");
  const decoder = tokenizer.streamDecoder();
  assert.equal(decoder.push(ids.subarray(0, -1)), "");
  assert.equal(decoder.end(), "\ufffd");
});

Deno.test("streamDecoder() keeps the first space of a continuation", () => {
  const ids = tokenizer.encode("uma casa");
  const second = ids.subarray(tokenizer.encode("uma").length);
  assert.equal(tokenizer.decode(second), "casa");
  assert.equal(tokenizer.decode(second, { isContinuation: true }), " casa");
});

referenceTest(
  "encode() equals the naive encoder on a page of another novel",
  "corpus/1881_memorias_postumas_de_bras_cubas.txt",
  async (path) => {
    const text = await Deno.readTextFile(path);
    const t = trainBpe([text], { vocabSize: 4096 });
    const page = text.slice(20_000, 22_000);
    assert.deepEqual(
      Array.from(t.encode(page)),
      naiveEncoder(asNaive(t.model))(page),
    );
    assert.equal(t.decode(t.encode(text)), text);
  },
);
