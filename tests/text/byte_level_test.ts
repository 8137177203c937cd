/**
 * Byte-level BPE: the alphabet as GPT-2 wrote it down, encoding against merging
 * by looking at all neighbours, training against recounting every pair.
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import {
  BYTE_LETTERS,
  fromByteLetters,
  GPT2_PATTERN,
  toByteLetters,
} from "../../lib/text/byte_level.ts";
import { Tokenizer } from "../../lib/text/tokenizer.ts";
import type { ByteLevelModel } from "../../lib/text/tokenizer_model.ts";
import { ConfigError, DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";
import { CHAT_TOKENS, hardTexts } from "./hard_texts.ts";
import { mergeByRank } from "./naive_bpe.ts";

const utf8 = new TextEncoder();
const STORY =
  "Era uma vez uma menina. A menina tinha 12 anos, uma bola e um coração.\n" +
  "— Onde está a bola? — perguntou a menina em 2024, e ninguém respondeu.\n\n";

/** The words of Llama 3 and Qwen 2 as JavaScript has them. */
const WORDS =
  /'(?:[st]|re|ve|m|ll|d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/giu;

const tokenizer = trainBpe([STORY, STORY.toUpperCase()], {
  vocabSize: 360,
  kind: "byte-level",
});

function byteLevelModel(t: Tokenizer): ByteLevelModel {
  assert(t.model.kind === "byte-level");
  return t.model;
}

Deno.test("BYTE_LETTERS is the alphabet of GPT-2", () => {
  assert.equal(new Set(BYTE_LETTERS).size, 256);
  // From encoder.json: "Ġ" is the space, "Ċ" the line break, "Ń" byte 0xAD.
  assert.equal(toByteLetters(utf8.encode("Olá \n!")), "OlÃ¡ĠĊ!");
  assert.equal(BYTE_LETTERS[0] + BYTE_LETTERS[0xad]!, "ĀŃ");
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(fromByteLetters(toByteLetters(all)), all);
  assert.equal(fromByteLetters("a b"), undefined);
  assert.equal(fromByteLetters("日"), undefined);
});

Deno.test("encode() merges bytes as the naive encoder does", () => {
  const { pieces, merges } = byteLevelModel(tokenizer);
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const merge = mergeByRank(
    Array.from({ length: merges.length / 2 }, (_, rank) => [
      pieces[merges[2 * rank]!]!,
      pieces[merges[2 * rank + 1]!]!,
    ]),
  );
  for (const text of hardTexts(400, STORY)) {
    // White space of JavaScript is another set than Unicode's.
    if (/[\u0085\ufeff]/.test(text)) continue;
    const expected = (text.match(WORDS) ?? []).flatMap((word) =>
      merge([...toByteLetters(utf8.encode(word))]).map((piece) =>
        ids.get(piece)!
      )
    );
    assert.deepEqual(
      Array.from(tokenizer.encode(text)),
      expected,
      JSON.stringify(text),
    );
  }
});

Deno.test("decode() undoes encode() of bytes, for any well-formed string", () => {
  const hard = ["", " ", "▁", "\ufeffa", "a\u0000b", "Ġ", "<s>", STORY];
  for (const text of [...hard, ...hardTexts(400, STORY)]) {
    const ids = tokenizer.encode(text, { bos: true, eos: true });
    assert.equal(tokenizer.decode(ids), text, JSON.stringify(text));
  }
});

Deno.test("streamDecoder() of bytes never gives half a character", () => {
  const text = "céu 👩‍👧 日本 e\u0301 fim";
  const decoder = tokenizer.streamDecoder();
  let sum = "";
  for (const id of tokenizer.encode(text)) {
    const part = decoder.push(id);
    assert.ok(part.isWellFormed() && !part.includes("\ufffd"));
    sum += part;
  }
  assert.equal(sum + decoder.end(), text);
});

Deno.test("trainBpe() of bytes learns the merges that recounting gives", () => {
  const words = (STORY + STORY.toUpperCase()).match(WORDS)!.map((word) => [
    ...toByteLetters(utf8.encode(word)),
  ]);
  const pieces = ["<unk>", "<s>", "</s>", "<pad>", ...BYTE_LETTERS];
  while (pieces.length < 360) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const idOf = (side: string) => pieces.indexOf(side);
    const [best, count] = [...counts].sort(([a, m], [b, n]) => {
      const [[a1, a2], [b1, b2]] = [a.split(" "), b.split(" ")];
      return n - m || idOf(a1!) - idOf(b1!) || idOf(a2!) - idOf(b2!);
    })[0]!;
    if (count < 2) break;
    const [left, right] = best.split(" ") as [string, string];
    pieces.push(left + right);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) {
          word.splice(i, 2, left + right);
        }
      }
    }
  }
  assert.deepEqual(byteLevelModel(tokenizer).pieces, pieces);
});

Deno.test("trainBpe() of bytes splits digits or joins up to three", () => {
  const train = (splitDigits: boolean) =>
    trainBpe(["em 123456 ".repeat(9)], {
      vocabSize: 300,
      kind: "byte-level",
      splitDigits,
    });
  assert.equal(train(true).encode("123456").length, 6);
  assert.equal(train(false).encode("123456").length, 2);
});

Deno.test("trainBpe() of bytes cuts a very long word between characters", () => {
  const { pieces } = trainBpe(["日本語🙂".repeat(500)], {
    vocabSize: 320,
    kind: "byte-level",
  }).model;
  // U+FFFD would be there if a cut had parted a surrogate pair.
  assert.ok(!pieces.some((piece) => piece.includes("ï¿½")));
});

Deno.test("trainBpe() of bytes refuses a vocabulary smaller than the bytes", () =>
  assertFails(
    () => trainBpe(["a"], { vocabSize: 259, kind: "byte-level" }),
    ConfigError,
    /Cannot train 259 pieces: special tokens and bytes alone are 260/,
  ));

Deno.test("encode() takes megabytes without a cut, or says that it cannot", async () => {
  const text = "casa".repeat(250_000);
  assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  await assertFails(
    () => tokenizer.encode("ж".repeat(1e7)),
    DataError,
    /Cannot cut a text of 10000000 characters into words: one of them is/,
  );
});

Deno.test("encode() takes a whole word before merges when the model says so", () => {
  const model = byteLevelModel(tokenizer);
  // "Ġzzz" is a piece that no merge makes.
  const pieces = [...model.pieces, "Ġzzz"];
  const whole = new Tokenizer({ ...model, pieces, ignoresMerges: true });
  assert.deepEqual(Array.from(whole.encode(" zzz")), [pieces.length - 1]);
  assert.deepEqual(whole.encode(" menina"), tokenizer.encode(" menina"));
  const merged = new Tokenizer({ ...model, pieces });
  assert.equal(merged.encode(" zzz").length, 4);
});

Deno.test("encode() puts a space in front only where the model does", () => {
  const model = byteLevelModel(tokenizer);
  const roberta = new Tokenizer({
    ...model,
    patterns: [GPT2_PATTERN],
    addsPrefixSpace: true,
  });
  assert.deepEqual(roberta.encode("menina"), roberta.encode(" menina"));
  assert.notDeepEqual(tokenizer.encode("menina"), tokenizer.encode(" menina"));
});

Deno.test("encode() finds special tokens between bytes when allowed", () => {
  const chat = tokenizer.withSpecialTokens(CHAT_TOKENS);
  const text = "<instruction> uma bola</instruction>\n</s>";
  const ids = chat.encode(text, { allowSpecial: true });
  assert.equal(ids[0], tokenizer.vocabSize);
  assert.equal(chat.decode(ids, { skipSpecial: false }), text);
  assert.equal(chat.decode(ids), " uma bola\n");
  assert.equal(chat.decode(chat.encode(text)), text);
});

referenceTest(
  "encode() of bytes gives every line of ten novels back",
  "corpus",
  async (folder) => {
    const bytes = trainBpe([STORY], { vocabSize: 320, kind: "byte-level" });
    const llama = trainBpe([STORY], { vocabSize: 320 });
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".txt")) continue;
      const text = await Deno.readTextFile(`${folder}/${name}`);
      for (const t of [bytes, llama]) {
        for (const line of text.split("\n")) {
          assert.equal(t.decode(t.encode(line)), line);
        }
      }
    }
  },
);
