/** Guesses on sentences whose language is known. */
import assert from "node:assert/strict";
import {
  languageFilter,
  languageGuesser,
} from "../../../lib/text/corpus/language_filter.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import { referenceTest } from "../../support/reference.ts";
import { documentOf } from "./in_corpus.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  pt: "Não há nada que eu possa fazer para que ele volte amanhã cedo.",
  es: "No hay nada que yo pueda hacer para que él vuelva mañana temprano.",
  en: "There is nothing that I could do to make him come back tomorrow.",
  it: "Non c'è niente che io possa fare perché lui torni domani mattina.",
  fr: "Il n'y a rien que je puisse faire pour qu'il revienne demain matin.",
};

Deno.test("languageGuesser() tells Portuguese from its neighbours", async () => {
  const guess = await languageGuesser();
  for (const [language, text] of Object.entries(SENTENCES)) {
    assert.equal(guess(text), language);
  }
  assert.equal(guess("12345 + 678"), "");
});

Deno.test("languageFilter() keeps documents in the languages", async () => {
  const filter = await languageFilter(["pt", "es"]);
  const keeps = (text: string) => "text" in filter.judge(documentOf(text));
  assert.ok(keeps(SENTENCES.pt!) && keeps(SENTENCES.es!));
  assert.deepEqual(filter.judge(documentOf(SENTENCES.en!)), {
    dropped: "in en",
  });
  assert.deepEqual(filter.judge(documentOf("123")), { dropped: "no language" });
});

Deno.test("languageFilter() takes foreign paragraphs out", async () => {
  const filter = await languageFilter(["pt"], { unit: "paragraph" });
  const { pt, en } = SENTENCES;
  assert.deepEqual(
    filter.judge(documentOf(`${pt}\n\n${en}\n\nOh yes.\n\n${pt}`)),
    { text: `${pt}\n\nOh yes.\n\n${pt}` }, // too short to tell
  );
  assert.deepEqual(filter.judge(documentOf(en!)), {
    dropped: "no paragraph is left",
  });
});

Deno.test("languageFilter() refuses languages that it cannot guess", () =>
  assertFails(
    () => languageFilter(["pt-BR"]),
    ConfigError,
    /language "pt-BR": wanted ISO 639-1 codes among .*\bpt\b/,
  ));

referenceTest(
  "languageGuesser() is right on 99 of 100 stretches of ten words",
  "corpus/1908_memorial_de_aires.txt",
  async (path) => {
    const guess = await languageGuesser();
    const words = (await Deno.readTextFile(path)).split(/\s+/);
    let right = 0, all = 0;
    for (let i = 0; i + 10 <= words.length && all < 1000; i += 37) {
      all++;
      if (guess(words.slice(i, i + 10).join(" ")) === "pt") right++;
    }
    // 99.5 % was measured on eight words; names and dates make the rest.
    assert.ok(right / all >= 0.985, `${right} of ${all}`);
  },
);
