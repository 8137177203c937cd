/** Shares of repetition against plain loops over the definition. */
import assert from "node:assert/strict";
import { gopherRepetition } from "../../../lib/text/corpus/gopher_repetition.ts";
import { Random } from "../../../lib/util/mod.ts";
import { documentOf } from "./in_corpus.ts";

const OFF = {
  duplicateLines: 1,
  duplicateParagraphs: 1,
  duplicateLineCharacters: 1,
  duplicateParagraphCharacters: 1,
  topNgram: {},
  duplicateNgrams: {},
};

/** The measured share, by a limit that nothing keeps to. */
function measured(text: string, knobs: Partial<typeof OFF> & object): number {
  const result = gopherRepetition({ ...OFF, ...knobs }).judge(documentOf(text));
  assert.ok("dropped" in result);
  return Number(result.detail!.split(",")[0]);
}

/** Characters that are in a marked word, over all. */
function shareOf(
  words: readonly string[],
  marked: ReadonlySet<number>,
): number {
  let inside = 0, all = 0;
  for (const [i, word] of words.entries()) {
    all += word.length;
    if (marked.has(i)) inside += word.length;
  }
  return Number((inside / all).toPrecision(3));
}

/** Places of each n-gram. */
function placesOf(words: readonly string[], n: number): number[][] {
  const places = new Map<string, number[]>();
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(" ");
    places.set(gram, [...places.get(gram) ?? [], i]);
  }
  return [...places.values()].filter((list) => list.length > 1);
}

const cover = (starts: readonly number[], n: number) =>
  new Set(starts.flatMap((i) => Array.from({ length: n }, (_, j) => i + j)));

Deno.test("gopherRepetition() measures n-grams as the definition says", () => {
  const random = new Random(5, "words");
  for (let trial = 0; trial < 40; trial++) {
    const words = Array.from(
      { length: 12 + random.int(40) },
      () => "abcdef".slice(0, 1 + random.int(1 + trial % 5)),
    );
    const text = words.join(" ");
    for (const n of [2, 3, 4]) {
      const best = Math.max(
        0,
        ...placesOf(words, n).map((list) => shareOf(words, cover(list, n))),
      );
      assert.equal(measured(text, { topNgram: { [n]: -1 } }), best, text);
    }
    for (const n of [5, 7, 10]) {
      const all = cover(placesOf(words, n).flat(), n);
      assert.equal(
        measured(text, { duplicateNgrams: { [n]: -1 } }),
        shareOf(words, all),
        text,
      );
    }
  }
});

Deno.test("gopherRepetition() counts lines and paragraphs after the first", () => {
  const text = "um\ndois\num\num\n\nfim\n\nfim";
  // Lines um, dois, um, um, fim, fim: 3 of 6 again, 7 of 16 characters.
  assert.equal(measured(text, { duplicateLines: -1 }), 0.5);
  assert.equal(
    measured(text, { duplicateLineCharacters: -1 }),
    Number((7 / 16).toPrecision(3)),
  );
  // Paragraphs "um…um", "fim", "fim".
  assert.equal(
    measured(text, { duplicateParagraphs: -1 }),
    Number((1 / 3).toPrecision(3)),
  );
  assert.equal(
    measured(text, { duplicateParagraphCharacters: -1 }),
    Number((3 / 19).toPrecision(3)),
  );
});

Deno.test("gopherRepetition() keeps prose and drops a refrain", () => {
  const filter = gopherRepetition();
  const prose = Array.from({ length: 80 }, (_, i) => `palavra${i * i}`).join(
    " ",
  );
  assert.deepEqual(filter.judge(documentOf(prose)), { text: prose });
  const refrain = "compre agora mesmo aqui ".repeat(30);
  const verdict = filter.judge(documentOf(refrain));
  assert.ok("dropped" in verdict && verdict.dropped === "most frequent 2-gram");
  assert.deepEqual(filter.judge(documentOf("")), { text: "" });
});

Deno.test("gopherRepetition() takes time linear in the length", () => {
  const limits = { topNgram: { 4: 1 }, duplicateNgrams: { 10: 1 } };
  const text = "a ".repeat(400_000); // every n-gram is at every place
  const filter = gopherRepetition({ ...OFF, ...limits });
  assert.deepEqual(filter.judge(documentOf(text)), { text });
});
