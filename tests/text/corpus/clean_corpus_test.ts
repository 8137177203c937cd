/** The funnel against counting by hand. */
import assert from "node:assert/strict";
import {
  CorpusCleaner,
  funnelRows,
} from "../../../lib/text/corpus/clean_corpus.ts";
import type { CorpusFilter } from "../../../lib/text/corpus/filter.ts";
import { documentOf } from "./in_corpus.ts";

const shout: CorpusFilter = {
  name: "shout",
  knobs: {},
  judge: ({ text }) => ({ text: text.replace("é", "É") }),
};
const short: CorpusFilter = {
  name: "short",
  knobs: { max: 4 },
  judge: ({ text }) =>
    text.length <= 4
      ? { text }
      : { dropped: "length", detail: `${text.length}, wanted 4` },
};

const DOCUMENTS = ["é", "um", "cinco", "quatro", "sete!!", "fim"]
  .map((text, i) => documentOf(text, `${i}`));

Deno.test("CorpusCleaner counts documents and bytes of each step", async () => {
  const cleaner = new CorpusCleaner([shout, short]);
  const kept = await Array.fromAsync(cleaner.clean(DOCUMENTS));
  assert.deepEqual(
    kept.map(({ name, text, source }) => [name, text, source]),
    [["0", "É", "test"], ["1", "um", "test"], ["5", "fim", "test"]],
  );
  const [first, second] = cleaner.funnel.steps;
  assert.deepEqual(first, {
    name: "shout",
    knobs: {},
    documentsIn: 6,
    bytesIn: 24, // "é" has two bytes
    documentsOut: 6,
    bytesOut: 24,
    edited: 1,
    dropped: {},
    examples: [{ name: "0", reason: "changed", excerpt: "é → É" }],
  });
  assert.deepEqual(second!.dropped, { length: 3 });
  assert.deepEqual([second!.documentsOut, second!.bytesOut], [3, 7]);
  assert.deepEqual(second!.examples, [
    { name: "2", reason: "length: 5, wanted 4", excerpt: "cinco" },
    { name: "3", reason: "length: 6, wanted 4", excerpt: "quatro" },
  ]);
});

Deno.test("funnelRows() gives a row each step", () => {
  const cleaner = new CorpusCleaner([shout, short]);
  assert.equal(funnelRows(cleaner.funnel)[0]!.bytesKept, 1);
  for (const document of DOCUMENTS) cleaner.judge(document);
  assert.deepEqual(funnelRows(cleaner.funnel), [
    {
      step: "shout",
      documents: 6,
      kept: 6,
      dropped: 0,
      edited: 1,
      bytesKept: 1,
    },
    {
      step: "short",
      documents: 6,
      kept: 3,
      dropped: 3,
      edited: 0,
      bytesKept: 7 / 24,
    },
  ]);
});

Deno.test("CorpusCleaner gives each document before it takes the next", async () => {
  let taken = 0;
  function* counted() {
    for (const document of DOCUMENTS) {
      taken++;
      yield document;
    }
  }
  const kept = new CorpusCleaner([short]).clean(counted());
  await kept.next();
  assert.equal(taken, 1);
  await kept.return(undefined);
});

Deno.test("CorpusCleaner shows where a long text changed", () => {
  const before = "início ".repeat(100) + "com é aqui" + " fim".repeat(100);
  const cleaner = new CorpusCleaner([shout]);
  cleaner.judge(documentOf(before));
  const { excerpt } = cleaner.funnel.steps[0]!.examples[0]!;
  assert.ok(excerpt.length < 400);
  assert.match(excerpt, /com é aqui.* → .*com É aqui/);
});
