/**
 * The trainer against counting by hand, and against a slow trainer that counts
 * everything anew for every merge. Ids must be equal, so there is no tolerance.
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import { ConfigError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";
import { asNaive, naiveTrain } from "./naive_bpe.ts";

/** Special tokens and bytes. */
const NUM_RESERVED = 260;

Deno.test("trainBpe() puts special tokens, bytes and alphabet first", () => {
  const { pieces } = trainBpe(["baba"], { vocabSize: 263 }).model;
  assert.deepEqual(pieces.slice(0, 4), ["<unk>", "<s>", "</s>", "<pad>"]);
  assert.equal(pieces[4], "<0x00>");
  assert.equal(pieces[259], "<0xFF>");
  assert.deepEqual(pieces.slice(NUM_RESERVED), ["▁", "a", "b"]);
});

Deno.test("trainBpe() merges as counted by hand", () => {
  // "▁aba" four times and "▁ab" twice. Pairs: ▁a 6, ab 6, ba 4. Of the two
  // with 6 the one whose left id is smaller goes first: ▁ is id 260.
  // Then ▁a+b 6, b+a 4; then ▁ab+a 4. Nothing is left.
  const texts = ["aba aba aba aba ab ab"];
  const { model } = trainBpe(texts, { vocabSize: 300 });
  assert(model.kind === "llama");
  const { pieces, merges } = model;
  const names = (i: number) => [pieces[merges[i]!], pieces[merges[i + 1]!]];
  assert.deepEqual([names(0), names(2), names(4)], [
    ["▁", "a"],
    ["▁a", "b"],
    ["▁ab", "a"],
  ]);
  assert.equal(merges.length, 6);
  assert.equal(pieces.length, NUM_RESERVED + 3 + 3);
});

Deno.test("trainBpe() equals the naive trainer on random text", () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = new Random(seed, "bpe trainer test");
    const signs = [..."aaaabbbcde  \n.,12ãé🙂"];
    const texts = Array.from(
      { length: 6 },
      () => Array.from({ length: 80 }, () => random.pick(signs)).join(""),
    );
    const options = { vocabSize: 330, splitDigits: seed % 2 === 0 };
    const { model } = trainBpe(texts, { ...options, characterCoverage: 1 });
    assert.deepEqual(asNaive(model), naiveTrain(texts, options));
    assert.equal(new Set(model.pieces).size, model.pieces.length);
  }
});

Deno.test("trainBpe() equals the naive trainer on runs of one sign", () => {
  const texts = ["aaaaaaa aaaa aaa", "-------- ---", "aaaaa"];
  const options = { vocabSize: 280 };
  assert.deepEqual(
    asNaive(trainBpe(texts, options).model),
    naiveTrain(texts, options),
  );
});

Deno.test("trainBpe() never merges across words, scripts or digits", () => {
  const text = "em 2024, em 2024: disse-me; disse-me\n\nEm 2024\tdisse";
  const { pieces } = trainBpe(Array(9).fill(text), { vocabSize: 400 }).model;
  for (const piece of pieces.slice(NUM_RESERVED)) {
    assert.match(piece, /^(▁|▁?\p{L}+|\p{N}|▁?[^\p{L}\p{N}\s▁]+)$/u);
  }
  assert.ok(pieces.includes("▁disse") && !pieces.includes("▁2"));
});

Deno.test("trainBpe() keeps numbers together when splitDigits is off", () => {
  const tokenizer = trainBpe(Array(9).fill("em 2024"), {
    vocabSize: 400,
    splitDigits: false,
  });
  assert.equal(tokenizer.encode("2024").length, 1);
});

Deno.test("trainBpe() spells rare and control characters in bytes", () => {
  const text = "a".repeat(999) + "ж\n";
  const tokenizer = trainBpe([text], {
    vocabSize: 300,
    characterCoverage: 0.999,
  });
  assert.equal(tokenizer.idOf("ж"), undefined);
  assert.equal(tokenizer.idOf("\n"), undefined);
  const ids = tokenizer.encode("ж\n");
  const pieces = Array.from(ids, (id) => tokenizer.model.pieces[id]);
  assert.deepEqual(pieces, ["▁", "<0xD0>", "<0xB6>", "<0x0A>"]);
  assert.ok(
    trainBpe([text], { vocabSize: 300, characterCoverage: 1 }).idOf("ж"),
  );
});

Deno.test("trainBpe() counts a very long word in parts, not in half signs", () => {
  // Behind the first space the pairs of emoji start at odd units, so the cut
  // at 256 would fall into one.
  const { pieces } = trainBpe(["🙂".repeat(2000)], { vocabSize: 400 }).model;
  assert.deepEqual(pieces.slice(NUM_RESERVED, NUM_RESERVED + 2), ["▁", "🙂"]);
  const longest = Math.max(...pieces.map((piece) => piece.length));
  assert.ok(pieces.every((piece) => piece.isWellFormed()));
  assert.ok(longest > 100 && longest <= 257, `${longest} units`);
});

Deno.test("trainBpe() stops when no pair occurs twice", () => {
  const tokenizer = trainBpe(["abc"], { vocabSize: 1000 });
  assert.equal(tokenizer.vocabSize, NUM_RESERVED + 4);
});

Deno.test("trainBpe() does not depend on how texts are divided", () => {
  const lines = ["o gato viu o rato", "o rato viu o gato", "o gato fugiu"];
  const once = trainBpe(lines, { vocabSize: 290 });
  function* lazily() {
    yield* lines;
  }
  assert.deepEqual(trainBpe(lazily(), { vocabSize: 290 }).model, once.model);
});

Deno.test("trainBpe() reports progress up to the vocabulary size", () => {
  const calls: [number, number][] = [];
  const words = Array.from(
    { length: 26 },
    (_, i) => String.fromCharCode(97 + i).repeat(2),
  );
  trainBpe([words.join(" ").repeat(3)], {
    vocabSize: 300,
    onProgress: (done, total) => calls.push([done, total]),
  });
  assert.deepEqual(calls.at(-1), [300, 300]);
});

Deno.test("trainBpe() refuses what cannot be trained", async () => {
  const train = (options: Parameters<typeof trainBpe>[1]) => () =>
    trainBpe(["abc"], options);
  await assertFails(
    train({ vocabSize: 263 }),
    ConfigError,
    /Cannot train 263 pieces: .* 4 characters alone are 264/,
  );
  await assertFails(train({ vocabSize: 300.5 }), ConfigError, /300.5 pieces/);
  await assertFails(
    train({ vocabSize: 300, characterCoverage: 2 }),
    ConfigError,
    /Cannot cover 2 of all characters: wanted 0 to 1/,
  );
});

referenceTest(
  "trainBpe() equals the naive trainer on a novel's first page",
  "corpus/1899_dom_casmurro.txt",
  async (path) => {
    const text = (await Deno.readTextFile(path)).slice(0, 3000);
    const options = { vocabSize: 450 };
    assert.deepEqual(
      asNaive(trainBpe([text], { ...options, characterCoverage: 1 }).model),
      naiveTrain([text], options),
    );
  },
);
