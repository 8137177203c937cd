/**
 * Stories: the same for the same seed and index, different otherwise, and in
 * grammatical Portuguese as far as rules that know nothing of the templates
 * can tell: articles, adjectives and verbs are looked up in the finished text.
 */
import assert from "node:assert/strict";
import * as adjectives from "../../../lib/text/synthetic/adjectives.ts";
import * as animals from "../../../lib/text/synthetic/animals.ts";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import * as people from "../../../lib/text/synthetic/people.ts";
import * as places from "../../../lib/text/synthetic/places.ts";
import {
  type SyntheticStory,
  syntheticStory,
} from "../../../lib/text/synthetic/story.ts";
import type { Term } from "../../../lib/text/synthetic/terms.ts";
import * as things from "../../../lib/text/synthetic/things.ts";
import { VERBS } from "../../../lib/text/synthetic/verbs.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertFails } from "../../support/assert_close.ts";

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

const LISTS = [animals, people, places, things, adjectives]
  .flatMap((list) => Object.values(list) as unknown[])
  .filter(Array.isArray).flat() as (Term | string[])[];
const TERMS = LISTS.filter((term) => !Array.isArray(term)) as Term[];

/** Gender and number, "m" "f" "mp" "fp", of each form of each noun. */
const NOUN_FORMS = new Map<string, string>();
for (const { text, plural, gender, isPlural, hasArticle, forms } of TERMS) {
  if (!hasArticle || forms) continue;
  NOUN_FORMS.set(text, isPlural ? `${gender}p` : gender);
  if (plural) NOUN_FORMS.set(plural, `${gender}p`);
}
/** Gender and number that a form of an adjective may have. */
const ADJECTIVE_FORMS = new Map<string, Set<string>>();
for (const { forms } of TERMS) {
  for (const [i, form] of forms?.entries() ?? []) {
    const kinds = ADJECTIVE_FORMS.get(form) ?? new Set();
    ADJECTIVE_FORMS.set(form, kinds.add(["m", "f", "mp", "fp"][i]!));
  }
}
const DETERMINERS = new Map([
  ["m", "o um do no ao pelo num meu seu"],
  ["f", "a uma da na à pela numa minha sua"],
  ["mp", "os uns dois dos nos aos pelos meus"],
  ["fp", "as umas duas das nas às pelas minhas"],
].flatMap(([kind, words]) => words!.split(" ").map((word) => [word, kind])));

const anyOf = (words: Iterable<string>) =>
  [...words].sort((a, b) => b.length - a.length).join("|");
/** A determiner, a noun, and an adjective if one follows. */
const NOUN_PHRASE = new RegExp(
  `(?<![\\p{L}-])(${anyOf(DETERMINERS.keys())}) (${anyOf(NOUN_FORMS.keys())})` +
    `(?: (${anyOf(ADJECTIVE_FORMS.keys())}))?(?![\\p{L}-])`,
  "giu",
);
const NAMES = anyOf(people.CHILDREN.map(({ text }) => text));
const SINGULAR = new Set(
  VERBS.flatMap((v) => [v.present[1], v.preterite[1], v.imperfect[1]]),
);
const PLURAL = new Set(
  VERBS.flatMap((v) => [v.present[3], v.preterite[3], v.imperfect[3]]),
);
/** One name or two at the start of a clause, and the word that follows. */
const CLAUSE = new RegExp(
  `(?:^|[.:,] |, e |Então )((?:${NAMES})(?: e (?:${NAMES}))?) (\\p{Ll}+)`,
  "gu",
);

/** Wrong agreement in a line: "a bola vermelho". */
function disagreements(line: string): string[] {
  return [...line.matchAll(NOUN_PHRASE)].filter(
    ([, determiner, noun, adjective]) => {
      const kind = NOUN_FORMS.get(noun!.toLowerCase())!;
      if (DETERMINERS.get(determiner!.toLowerCase()) !== kind) return true;
      return adjective !== undefined &&
        !ADJECTIVE_FORMS.get(adjective.toLowerCase())!.has(kind);
    },
  ).map(([phrase]) => phrase);
}

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
  const apart =
    /(?<!\p{L})((de|em|por|a) (o|a|os|as)|(de|em) el[ae]s?)(?!\p{L})/iu;
  assert.match("a bola de o avô", apart);
  for (const line of LINES) assert.doesNotMatch(line, apart);
});

Deno.test("syntheticStory() writes clean sentences", () => {
  for (const line of LINES) {
    assert.doesNotMatch(line, /[{}()|@#$]|\s\s|^\s|\s$| [,.!?:;]|undefined/);
    assert.doesNotMatch(line, /[.!?] \p{Ll}|[.,:]{2}|,[^ ]/u, line);
    // Two equal words in a row, as a template may bring about.
    assert.doesNotMatch(line, /(?<!\p{L})(\p{L}+) \1(?!\p{L})/iu, line);
  }
  for (const { text } of STORIES) {
    const [title, blank, ...paragraphs] = text.split("\n");
    assert.match(title!, /^\p{Lu}/u);
    assert.equal(blank, "");
    for (const paragraph of paragraphs) {
      assert.match(paragraph, /^(— )?\p{Lu}.*[.!?:”]$/u);
    }
  }
});

Deno.test("syntheticStory() uses every word of the lexicon", () => {
  const text = LINES.join("\n").toLowerCase();
  const words = new Set(text.match(/\p{L}+/gu));
  for (const { text: term, forms } of TERMS) {
    const isThere = forms
      ? forms.some((form) => words.has(form))
      : text.includes(term.toLowerCase());
    assert.ok(isThere, `"${term}" never occurs`);
  }
  for (const forms of adjectives.NAMED_ADJECTIVES) {
    assert.ok(forms.some((form) => words.has(form)), `${forms[0]} unused`);
  }
  for (const verb of VERBS) {
    const { infinitive, present, preterite, imperfect, imperative } = verb;
    const forms = [...present, ...preterite, ...imperfect, ...imperative];
    assert.ok(forms.some((form) => words.has(form)), `${infinitive} unused`);
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
