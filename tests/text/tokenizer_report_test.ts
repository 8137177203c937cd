/** The report against counting by hand. */
import assert from "node:assert/strict";
import { trainBpe } from "../../lib/text/bpe_trainer.ts";
import {
  compareTokenizers,
  tokenizerReport,
} from "../../lib/text/tokenizer_report.ts";
import { DataError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";
import { referenceTest } from "../support/reference.ts";

Deno.test("tokenizerReport() counts as done by hand", () => {
  // "▁gato" and "▁rato" become pieces; "é" is the character of "▁é".
  const tokenizer = trainBpe(["gato gato rato rato é"], { vocabSize: 400 });
  const report = tokenizerReport(tokenizer, "gato, é rato");
  // ▁gato · <0x2C> · ▁ · é · ▁rato; 13 bytes since é takes two.
  assert.deepEqual(report, {
    vocabSize: tokenizer.vocabSize,
    bytes: 13,
    words: 3,
    tokens: 5,
    tokensPerWord: 5 / 3,
    bytesPerToken: 13 / 5,
    wholeWordShare: 2 / 3,
  });
});

Deno.test("tokenizerReport() takes words as they stand behind a space", () => {
  const tokenizer = trainBpe([" gato gato rato rato"], {
    vocabSize: 400,
    kind: "byte-level",
  });
  // " gato" and " rato" are pieces, "gato" at the start is not: ga·to or so.
  const report = tokenizerReport(tokenizer, " gato rato");
  assert.equal(report.tokens, 2);
  assert.equal(report.wholeWordShare, 1);
});

Deno.test("compareTokenizers() puts the fewest tokens first", () => {
  const text = "o gato viu o rato, o rato viu o gato";
  const tokenizers = {
    letters: trainBpe(["o gato"], { vocabSize: 266 }),
    words: trainBpe([text], { vocabSize: 400 }),
  };
  const reports = compareTokenizers(tokenizers, text);
  assert.deepEqual(reports.map(({ name }) => name), ["words", "letters"]);
  const { name, ...report } = reports[1]!;
  assert.deepEqual(report, tokenizerReport(tokenizers.letters, text));
  assert.equal(name, "letters");
});

Deno.test("tokenizerReport() takes a text without letters", () => {
  const tokenizer = trainBpe(["1 2"], { vocabSize: 400 });
  assert.equal(tokenizerReport(tokenizer, "1 2").wholeWordShare, 0);
});

Deno.test("tokenizerReport() refuses a text without words", () =>
  assertFails(
    () => tokenizerReport(trainBpe(["a"], { vocabSize: 400 }), " \n"),
    DataError,
    /Cannot report on a text without a word/,
  ));

referenceTest(
  "tokenizerReport() finds the fertility of TTL's order on a novel",
  "corpus",
  async (folder) => {
    // TTL's table 1: 1.343 tokens a word with a Portuguese vocabulary of
    // 32,000, and 2.002 with an English one. Trained on one novel and tried
    // on another a fifth of the vocabulary must land between them.
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}.txt`);
    const tokenizer = trainBpe([await read("1891_quincas_borba")], {
      vocabSize: 6400,
    });
    const report = tokenizerReport(
      tokenizer,
      await read("1899_dom_casmurro"),
    );
    assert.ok(report.tokensPerWord > 1.343 && report.tokensPerWord < 2.002);
    assert.ok(report.wholeWordShare > 0.6);
  },
);
