/** Each rule of Gopher's appendix A1.1 just within and just beyond its limit. */
import assert from "node:assert/strict";
import {
  gopherQuality,
  type GopherQualityKnobs,
} from "../../../lib/text/corpus/gopher_quality.ts";
import { referenceTest } from "../../support/reference.ts";
import { documentOf } from "./in_corpus.ts";

/** Rule that drops a text, or "kept". */
function verdict(
  text: string,
  knobs: Partial<GopherQualityKnobs> = {},
): string {
  const result = gopherQuality(knobs).judge(documentOf(text));
  return "dropped" in result ? result.dropped : "kept";
}

const repeat = (word: string, count: number) => `${word} `.repeat(count);
/** Words with two stop words; "de que" is five letters in two words. */
const words = (count: number) => "de que " + repeat("gatos", count - 2);

const CASES: [rule: string, within: string, beyond: string][] = [
  ["number of words", words(50), words(49)],
  ["number of words", words(100_000), words(100_001)],
  // 50 words of 3 letters, then one of 2 less.
  ["mean word length", repeat("que", 49) + "com", repeat("que", 49) + "de"],
  [
    "mean word length",
    "de que " + repeat("abcdefghij", 40) + repeat("abcdefghijk", 8),
    "de que " + repeat("abcdefghijk", 98),
  ],
  [
    "hash signs per word",
    words(90) + repeat("#", 10),
    words(89) + repeat("#", 11),
  ],
  [
    "ellipses per word",
    words(89) + repeat("ai...", 5) + repeat("ai…", 5) + "fim",
    words(88) + repeat("ai...", 6) + repeat("ai…", 5) + "fim",
  ],
  [
    "lines that begin with a bullet",
    `${words(60)}\n` + "- item\n".repeat(9),
    `${words(60)}\n` + "• item\n".repeat(10),
  ],
  [
    "lines that end in an ellipsis",
    `${words(60)}\n`.repeat(7) + "e então...\n".repeat(3),
    `${words(60)}\n`.repeat(6) + "e então…\n".repeat(3),
  ],
  [
    "words with a letter",
    words(80) + repeat("1234", 20),
    words(79) + repeat("1234", 21),
  ],
  ["stop words", words(60), "de " + repeat("gatos", 59)],
];

Deno.test("gopherQuality() keeps a text at each limit and drops one beyond", () => {
  for (const [rule, within, beyond] of CASES) {
    assert.equal(verdict(within), "kept", `${rule}: ${within.slice(0, 40)}`);
    assert.equal(verdict(beyond), rule, beyond.slice(0, 40));
  }
});

Deno.test("gopherQuality() says what it measured and what it wanted", () => {
  const result = gopherQuality().judge(documentOf(words(10)));
  assert.deepEqual(result, {
    dropped: "number of words",
    detail: "10, wanted 50 to 100000",
  });
});

Deno.test("gopherQuality() takes other thresholds and stop words", () => {
  assert.equal(verdict(words(10), { minWords: 10 }), "kept");
  const english = "the cat and the dog ".repeat(20);
  assert.equal(verdict(english), "stop words");
  assert.equal(verdict(english, { stopWords: ["the", "and"] }), "kept");
  assert.equal(verdict(english, { minStopWords: 0 }), "kept");
  assert.equal(verdict("", { minWords: 0 }), "mean word length");
});

Deno.test("gopherQuality() counts stop words with punctuation and capitals", () => {
  const text = `(De) ${repeat("gatos", 60)} «Que».`;
  assert.equal(verdict(text), "kept");
});

referenceTest(
  "gopherQuality() keeps chapters of novels",
  "corpus/1899_dom_casmurro.txt",
  async (path) => {
    const text = await Deno.readTextFile(path);
    const pieces = text.split(/\n(?=[IVXLC]+\n)/).filter((piece) =>
      piece.split(/\s+/).length > 200
    );
    const kept = pieces.filter((piece) => verdict(piece) === "kept");
    assert.ok(pieces.length > 0);
    assert.equal(kept.length, pieces.length);
  },
);
