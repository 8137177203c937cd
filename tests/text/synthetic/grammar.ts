/**
 * Rules of Portuguese that know nothing of the templates: articles, adjectives
 * and verbs are looked up in the finished text.
 */
import assert from "node:assert/strict";
import * as adjectives from "../../../lib/text/synthetic/adjectives.ts";
import * as animals from "../../../lib/text/synthetic/animals.ts";
import * as arithmetic from "../../../lib/text/synthetic/arithmetic.ts";
import * as food from "../../../lib/text/synthetic/food.ts";
import * as formalRequest from "../../../lib/text/synthetic/letters/formal_request.ts";
import * as championship from "../../../lib/text/synthetic/news/championship.ts";
import * as inauguration from "../../../lib/text/synthetic/news/inauguration.ts";
import * as rescue from "../../../lib/text/synthetic/news/rescue.ts";
import * as people from "../../../lib/text/synthetic/people.ts";
import * as places from "../../../lib/text/synthetic/places.ts";
import type { Term } from "../../../lib/text/synthetic/terms.ts";
import * as things from "../../../lib/text/synthetic/things.ts";
import * as town from "../../../lib/text/synthetic/town.ts";
import { VERBS } from "../../../lib/text/synthetic/verbs.ts";

const LISTS = [
  adjectives,
  animals,
  arithmetic,
  championship,
  food,
  formalRequest,
  inauguration,
  people,
  places,
  rescue,
  things,
  town,
]
  .flatMap((list) => Object.values(list) as unknown[])
  .filter(Array.isArray).flat() as (Term | string[])[];
/** Every word of the lexicon. */
export const TERMS = LISTS.filter((term) =>
  !Array.isArray(term) && !/^\d/.test((term as Term).text) // no dates
) as Term[];

/** Gender and number, "m" "f" "mp" "fp", of each form of each noun. */
export const NOUN_FORMS = new Map<string, string>();
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
const TENS =
  "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cento"
    .split(" ");
const HUNDREDS = "duz trez quatroc quinh seisc setec oitoc novec".split(" ");
/** Numbers whose last word has a gender: "vinte e uma", "duzentos". */
function numbers(one: string, two: string, os: string): string[] {
  const all = TENS.flatMap((ten) => [`${ten} e ${one}`, `${ten} e ${two}`]);
  return [...all, two, ...HUNDREDS.map((stem) => `${stem}ent${os}`)];
}
const DETERMINERS = new Map([
  ...numbers("um", "dois", "os").map((number) => [number, "mp"] as const),
  ...numbers("uma", "duas", "as").map((number) => [number, "fp"] as const),
  ...[
    ["m", "o um do no ao pelo num meu seu este"],
    ["f", "a uma da na à pela numa minha sua esta"],
    ["mp", "os uns dois dos nos aos pelos meus estes"],
    ["fp", "as umas duas das nas às pelas minhas estas"],
  ].flatMap(([kind, words]) =>
    words!.split(" ").map((word) => [word, kind!] as const)
  ),
]);

const anyOf = (words: Iterable<string>) =>
  [...words].sort((a, b) => b.length - a.length).join("|");
/** A determiner, a noun, and an adjective if one follows. */
export const NOUN_PHRASE = new RegExp(
  `(?<![\\p{L}-])(${anyOf(DETERMINERS.keys())}) (${anyOf(NOUN_FORMS.keys())})` +
    `(?: (${anyOf(ADJECTIVE_FORMS.keys())}))?(?![\\p{L}-])`,
  "giu",
);
const NAMES = anyOf(people.CHILDREN.map(({ text }) => text));
export const SINGULAR = new Set(
  VERBS.flatMap((
    v,
  ) => [v.present[1], v.preterite[1], v.imperfect[1], v.future[1]]),
);
export const PLURAL = new Set(
  VERBS.flatMap((
    v,
  ) => [v.present[3], v.preterite[3], v.imperfect[3], v.future[3]]),
);
/** One name or two at the start of a clause, and the word that follows. */
export const CLAUSE = new RegExp(
  `(?:^|[.:,] |, e |Então )((?:${NAMES})(?: e (?:${NAMES}))?) (\\p{Ll}+)`,
  "gu",
);

/** Wrong agreement in a line: "a bola vermelho". */
export function disagreements(line: string): string[] {
  return [...line.matchAll(NOUN_PHRASE)].filter(
    ([, determiner, noun, adjective]) => {
      const kind = NOUN_FORMS.get(noun!.toLowerCase())!;
      if (DETERMINERS.get(determiner!.toLowerCase()) !== kind) return true;
      return adjective !== undefined &&
        !ADJECTIVE_FORMS.get(adjective.toLowerCase())!.has(kind);
    },
  ).map(([phrase]) => phrase);
}

/** Persons that a pronoun as subject asks for: index into a tense. */
const SUBJECTS = new Map([
  ["eu", 0],
  ...["ele", "ela", "você", "a gente"].map((word) => [word, 1] as const),
  ["nós", 2],
  ...["eles", "elas", "vocês"].map((word) => [word, 3] as const),
]);
/** A pronoun as subject, a clitic or adverb, and the word that follows. */
const PRONOUN_CLAUSE = new RegExp(
  `(?<![\\p{L}-])(?<!(?<!\\p{L})(?:de|em|para|com|por) )(${
    anyOf(SUBJECTS.keys())
  })(?: (?:me|nos|lhe|lhes|se|não|já|ainda|sempre|o|a|os|as))? (\\p{Ll}+)`,
  "giu",
);
/** Form of a verb → the persons that it may be. */
const PERSONS = new Map<string, Set<number>>();
for (const { present, preterite, imperfect, future, imperative } of VERBS) {
  for (const tense of [present, preterite, imperfect, future]) {
    tense.forEach((form, person) => {
      PERSONS.set(form, (PERSONS.get(form) ?? new Set()).add(person));
    });
  }
  // The subjunctive has the forms of the request: "que ele venha".
  for (const [i, form] of imperative.entries()) {
    const persons = PERSONS.get(form) ?? new Set();
    PERSONS.set(form, i === 0 ? persons.add(0).add(1) : persons.add(3));
  }
}

/** Pronouns that do not go with their verb: "nós vai"; and how many were seen. */
export function wrongPersons(line: string): { wrong: string[]; seen: number } {
  const wrong: string[] = [];
  let seen = 0;
  for (const [clause, pronoun, verb] of line.matchAll(PRONOUN_CLAUSE)) {
    const persons = PERSONS.get(verb!);
    if (!persons) continue;
    seen++;
    if (!persons.has(SUBJECTS.get(pronoun!.toLowerCase())!)) wrong.push(clause);
  }
  return { wrong, seen };
}

/** Fails on what no finished line may hold: holes, doubled words, loose dots. */
export function assertClean(line: string): void {
  assert.doesNotMatch(
    line,
    /[{}()|@#$*[\]]|\s\s|^\s|\s$| [,.!?:;]|undefined/,
    line,
  );
  assert.doesNotMatch(line, /[.!?] \p{Ll}|[.,:]{2}|,[^ ]/u, line);
  // Two equal words in a row, as a template may bring about.
  assert.doesNotMatch(line, /(?<![\p{L}-])(\p{L}+) \1(?!\p{L})/iu, line);
}

/** Prepositions that stand apart from the article that they merge with. */
export const APART =
  /(?<![\p{L}-])((de|em|por|a) (o|a|os|as)|(de|em) el[ae]s?)(?!\p{L})/iu;
