/**
 * The genres beside the stories: the same for the same seed and index, and in
 * grammatical Portuguese as far as rules can tell that know nothing of the
 * templates (see `grammar.ts`), at every difficulty.
 */
import assert from "node:assert/strict";
import * as adjectives from "../../../lib/text/synthetic/adjectives.ts";
import { syntheticCorpus } from "../../../lib/text/synthetic/corpus.ts";
import {
  SYNTHETIC_GENRES,
  type SyntheticDifficulty,
  type SyntheticDocument,
  syntheticDocument,
  type SyntheticGenre,
} from "../../../lib/text/synthetic/story.ts";
import { VERBS } from "../../../lib/text/synthetic/verbs.ts";
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
  TERMS,
  wrongPersons,
} from "./grammar.ts";

const NEW_GENRES = ["dialogue", "recipe", "news", "letter"] as const;
const LEVELS = [1, 2, 3] as const;

function make(
  genres: readonly SyntheticGenre[],
  difficulty: SyntheticDifficulty,
  documents: number,
): SyntheticDocument[] {
  return [...syntheticCorpus({ seed: 21, genres, difficulty, documents })];
}

const DOCUMENTS = LEVELS.flatMap((level) => make(NEW_GENRES, level, 1500));

/** Everything that is written for a document, a line each. */
function linesOf(document: SyntheticDocument): string[] {
  const { text, questions, instructions, multipleChoice } = document;
  return [
    text,
    ...questions.flatMap(({ question, answer }) => [question, answer]),
    ...instructions.flatMap(({ instruction, response }, i) => [
      // All but the first go on with the text, which is there already.
      i === 0 ? instruction : instruction.split("\n")[0]!,
      response,
    ]),
    ...multipleChoice.map(({ question }) => question)
      .filter((question) => !/[“_]/.test(question)),
    ...multipleChoice.filter(({ needsStory }) => needsStory)
      .flatMap(({ choices }) => choices),
  ].flatMap((line) => line.split("\n")).filter((line) => line !== "");
}

const LINES = [...new Set(DOCUMENTS.flatMap(linesOf))];

Deno.test("syntheticDocument() makes articles, nouns and adjectives agree", () => {
  let found = 0;
  for (const line of LINES) {
    assert.deepEqual(disagreements(line), [], line);
    found += [...line.matchAll(NOUN_PHRASE)].length;
  }
  assert.ok(found > 20_000, `only ${found} noun phrases were looked at`);
});

Deno.test("syntheticDocument() makes verbs agree with names and pronouns", () => {
  assert.deepEqual(wrongPersons("Ontem nós foi.").wrong, ["nós foi"]);
  assert.deepEqual(wrongPersons("Eles lhe dará.").wrong, ["Eles lhe dará"]);
  let found = 0;
  for (const line of LINES) {
    for (const [clause, names, verb] of line.matchAll(CLAUSE)) {
      const isSingular = SINGULAR.has(verb!), isPlural = PLURAL.has(verb!);
      if (isSingular === isPlural) continue; // no verb, or both
      assert.equal(isPlural, names!.includes(" e "), `${clause} in ${line}`);
      found++;
    }
    const { wrong, seen } = wrongPersons(line);
    assert.deepEqual(wrong, [], line);
    found += seen;
  }
  assert.ok(found > 5000, `only ${found} clauses were looked at`);
});

Deno.test("syntheticDocument() writes clean, contracted sentences", () => {
  for (const line of LINES) {
    assertClean(line);
    assert.doesNotMatch(line, APART);
  }
});

Deno.test("syntheticCorpus() uses every word of the lexicon", () => {
  const stories = syntheticCorpus({ seed: 42, documents: 6000 });
  const asked = DOCUMENTS.flatMap(({ multipleChoice }) =>
    multipleChoice.flatMap(({ question, choices }) => [question, ...choices])
  );
  const lines = [...[...stories].flatMap(linesOf), ...LINES, ...asked];
  const text = lines.join("\n").toLowerCase();
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
    const { infinitive, present, preterite, imperfect, future, imperative } =
      verb;
    const forms = [
      infinitive,
      ...present,
      ...preterite,
      ...imperfect,
      ...future,
      ...imperative,
    ];
    assert.ok(forms.some((form) => words.has(form)), `${infinitive} unused`);
  }
});

Deno.test("syntheticDocument() speaks in every person and tense", () => {
  const text = LINES.join("\n");
  const wanted: readonly (readonly [string, RegExp])[] = [
    ["eu, past", /Ontem fui /],
    ["nós, past", /Ontem fomos /],
    ["present", /Peço-lhe/],
    ["future", /disputarão/],
    ["future with ir", /Vou mandá-/],
    ["request", /Descasque e corte/],
    ["infinitive", /Descascar e cortar/],
    ["nós, present", /Descascamos e cortamos/],
    ["subjunctive", /que a prefeitura|que mande|que venha/],
    ["passive", /foi inaugurada/],
    ["clitic before the verb", / (a|os) achou /],
    ["clitic after an infinitive", /-(lo|la|los|las)(?!\p{L})/u],
    ["lhe and lhes", /lhes deu/],
    ["contractions", / (pela|num|às|do) /],
  ];
  for (const [what, pattern] of wanted) assert.match(text, pattern, what);
});

Deno.test("syntheticDocument() depends on its arguments and index alone", () => {
  const options = { genres: NEW_GENRES, difficulty: 3 } as const;
  assert.deepEqual(syntheticDocument(21, 1499, options), DOCUMENTS[4499]);
  assert.deepEqual(syntheticDocument(21, 7, options), DOCUMENTS[3007]);
  const heldOut = syntheticDocument(21, 7, { ...options, split: "heldOut" });
  assert.notEqual(heldOut.text, DOCUMENTS[3007]!.text);
  assert.match(heldOut.name, /^heldOut (dialogue|recipe|news|letter) 7$/);
});

Deno.test("syntheticDocument() makes the genres equally often, and any alone", () => {
  const n = 2000;
  const counts = new Map<string, number>();
  for (const { genre } of make(SYNTHETIC_GENRES, 2, n)) {
    counts.set(genre, (counts.get(genre) ?? 0) + 1);
  }
  const error = Math.sqrt(n * 0.2 * 0.8);
  for (const genre of SYNTHETIC_GENRES) {
    assert.ok(Math.abs(counts.get(genre)! - n / 5) < 5 * error, genre);
    assert.equal(syntheticDocument(1, 2, { genres: [genre] }).genre, genre);
  }
});

Deno.test("syntheticDocument() writes more at a higher difficulty", () => {
  const length = (level: number) =>
    DOCUMENTS.slice((level - 1) * 1500, level * 1500)
      .reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(length(2) > 1.15 * length(1));
  assert.ok(length(3) > 1.1 * length(2));
});

Deno.test("syntheticDocument() hardly repeats itself in a large sample", () => {
  // 2500 documents make 3 million pairs: with fewer different ones of a genre
  // than that, a repetition is likely.
  for (const genre of NEW_GENRES) {
    const texts = make([genre], 1, 2500).map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length, genre);
  }
});

Deno.test("syntheticDocument() says what it does not know", async () => {
  const cases: [object, RegExp][] = [
    [{ genres: ["poem"] }, /genres "poem": wanted one or more of story, dialo/],
    [{ genres: [] }, /genres "": wanted one or more/],
    [{ genres: ["news", "news"] }, /each once/],
    [{ difficulty: 4 }, /difficulty 4: wanted 1, 2 or 3/],
  ];
  for (const [options, message] of cases) {
    await assertFails(
      () => syntheticDocument(1, 1, options),
      ConfigError,
      message,
    );
  }
});
