/** What each filter remembers. */
import assert from "node:assert/strict";
import {
  exactDuplicates,
  nearDuplicates,
  repeatedLines,
} from "../../../lib/text/corpus/duplicate_filters.ts";
import { documentOf } from "./in_corpus.ts";

Deno.test("exactDuplicates() drops a text that came before, white space aside", () => {
  const filter = exactDuplicates();
  const judge = (text: string, name: string) =>
    filter.judge(documentOf(text, name));
  assert.deepEqual(judge("um  gato", "a"), { text: "um  gato" });
  assert.deepEqual(judge("Um gato", "b"), { text: "Um gato" });
  assert.deepEqual(judge(" um\ngato ", "c"), {
    dropped: "same text",
    detail: "as a",
  });
  assert.deepEqual(exactDuplicates().judge(documentOf("um gato")), {
    text: "um gato",
  });
});

Deno.test("nearDuplicates() drops a text with few changes and names the first", () => {
  const filter = nearDuplicates();
  const words = Array.from({ length: 120 }, (_, i) => `palavra${i * 7919}`);
  const other = words.map((word) => `x${word}`).join(" ");
  const judge = (text: string, name: string) =>
    filter.judge(documentOf(text, name));
  assert.ok("text" in judge(words.join(" "), "a"));
  assert.ok("text" in judge(other, "b"));
  assert.deepEqual(judge(words.with(60, "outra").join(" "), "c"), {
    dropped: "nearly the same text",
    detail: "as a",
  });
});

Deno.test("repeatedLines() takes out short lines and those that come again", () => {
  const filter = repeatedLines({ minCharacters: 5 });
  const judge = (text: string) => filter.judge(documentOf(text));
  assert.deepEqual(judge("Menu\nUma linha longa.\n\nOutra linha."), {
    text: "Uma linha longa.\n\nOutra linha.",
  });
  assert.deepEqual(judge("Uma linha longa.\n\n\n\n  Terceira linha."), {
    text: "Terceira linha.",
  });
  assert.deepEqual(judge("Outra linha.\nfim"), { dropped: "no line is left" });
  const twice = repeatedLines({ maxOccurrences: 2 });
  assert.deepEqual(twice.judge(documentOf("a\na\na\nb")), { text: "a\na\nb" });
});
