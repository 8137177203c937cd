/**
 * Stories: the same for the same seed and index, different otherwise, and in
 * grammatical Portuguese as far as rules that know nothing of the templates
 * can tell: articles, adjectives and verbs are looked up in the finished text.
 */
import assert from "node:assert/strict";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import {
  type SyntheticStory,
  syntheticStory,
} from "../../../lib/text/synthetic/story.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";
import {
  APART,
  assertClean,
  CLAUSE,
  disagreements,
  NOUN_PHRASE,
  PLURAL,
  SINGULAR,
} from "./grammar.ts";

const STORIES = [...syntheticCorpus({ seed: 42, documents: 6000 })];

/** Everything that is written about a story, a line each. */
function linesOf(story: SyntheticStory): string[] {
  return [
    story.text,
    ...story.questions.flatMap(({ question, answer }) => [question, answer]),
    ...story.instructions.slice(0, 2).flatMap((
      { instruction, response },
    ) => [instruction, response]),
    ...story.multipleChoice.filter(({ needsStory }) => needsStory)
      .flatMap(({ choices }) => choices),
  ].flatMap((text) => text.split("\n")).filter((line) => line !== "");
}

const LINES = STORIES.flatMap(linesOf);

Deno.test("syntheticStory() makes articles, nouns and adjectives agree", () => {
  assert.deepEqual(disagreements("a bola vermelho"), ["a bola vermelho"]);
  assert.deepEqual(disagreements("Viu os luvas."), ["os luvas"]);
  assert.deepEqual(disagreements("as luvas azuis, no rua da feira"), [
    "no rua da feira",
  ]);
  let found = 0;
  for (const line of LINES) {
    assert.deepEqual(disagreements(line), [], line);
    found += [...line.matchAll(NOUN_PHRASE)].length;
  }
  assert.ok(found > 50_000, `only ${found} noun phrases were looked at`);
});

Deno.test("syntheticStory() makes verbs agree with their subject", () => {
  let found = 0;
  for (const line of LINES) {
    for (const [clause, names, verb] of line.matchAll(CLAUSE)) {
      const isSingular = SINGULAR.has(verb!), isPlural = PLURAL.has(verb!);
      if (isSingular === isPlural) continue; // no verb, or both
      assert.equal(isPlural, names!.includes(" e "), `${clause} in ${line}`);
      found++;
    }
  }
  assert.ok(found > 20_000, `only ${found} clauses were looked at`);
});

Deno.test("syntheticStory() contracts prepositions and articles", () => {
  assert.match("a bola de o avô", APART);
  for (const line of LINES) assert.doesNotMatch(line, APART);
});

Deno.test("syntheticStory() writes clean sentences", () => {
  LINES.forEach(assertClean);
  for (const { text } of STORIES) {
    const [title, blank, ...paragraphs] = text.split("\n");
    assert.match(title!, /^\p{Lu}/u);
    assert.equal(blank, "");
    for (const paragraph of paragraphs) {
      assert.match(paragraph, /^(— )?\p{Lu}.*[.!?:”]$/u);
    }
  }
});

Deno.test("syntheticStory() depends on seed, split and index alone", () => {
  const later = syntheticStory(42, 5999), earlier = syntheticStory(42, 3);
  assert.deepEqual(later, STORIES[5999]);
  assert.deepEqual(earlier, STORIES[3]);
  assert.notEqual(syntheticStory(43, 3).text, earlier.text);
  const heldOut = syntheticStory(42, 3, { split: "heldOut" });
  assert.notEqual(heldOut.text, earlier.text);
  assert.equal(heldOut.name, "heldOut 3");
});

Deno.test("syntheticStory() does not repeat itself, nor between the splits", () => {
  const heldOut = syntheticCorpus({
    seed: 42,
    documents: 3000,
    split: "heldOut",
  });
  const texts = [...STORIES, ...heldOut].map(({ text }) => text);
  assert.equal(new Set(texts).size, texts.length);
});

Deno.test("syntheticStory() works at the far end of its range", async () => {
  const last = Math.floor(Number.MAX_SAFE_INTEGER / 1024) - 1;
  const story = syntheticStory(1, last);
  assert.deepEqual(syntheticStory(1, last), story);
  assert.notEqual(story.text, syntheticStory(1, last - 1).text);
  for (const index of [-1, 0.5, last + 1]) {
    await assertFails(
      () => syntheticStory(1, index),
      ConfigError,
      new RegExp(`story ${index}: wanted a whole number in 0..${last}`),
    );
  }
});

Deno.test("syntheticStory() tells its facts in the text", () => {
  for (const { shape, facts, text } of STORIES.slice(0, 500)) {
    const { heroi, coisa, moradia } = facts;
    for (const fact of [heroi, coisa, moradia]) {
      if (fact) assert.ok(text.includes(fact), `${shape}: ${fact}`);
    }
  }
});
