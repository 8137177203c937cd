/**
 * Agreement: a template gives a word in its plainest form (masculine singular;
 * of a verb, the form with "ele" or "eu") and the word takes the gender and
 * number of what it belongs to. Contractions are words of their own here, so
 * "de" and "o" never meet.
 *
 * @module
 */
import {
  BOASTS,
  COLOURS,
  FUN,
  JOY,
  LOOKS,
  NAMED_ADJECTIVES,
  NOVELTIES,
  QUALITIES,
  RELIEF,
  SIZES,
  STATES,
  TRAITS,
} from "./adjectives.ts";
import { formIndex, type Forms, phrases, type Term } from "./terms.ts";
import { type Persons, type Verb, VERBS } from "./verbs.ts";

/** A word that agrees. */
export interface AgreeingWord {
  readonly forms: Forms;
  /** What stands before a name, which takes no article: "do" → "de". */
  readonly bare?: string;
  /** What stands for two people: "um" → "dois", "duas". */
  readonly pair?: readonly [string, string];
}

/** Articles alone and with a preposition, and what each is before a name. */
const ARTICLES: readonly (readonly [Forms, string])[] = [
  [["o", "a", "os", "as"], ""],
  [["do", "da", "dos", "das"], "de"],
  [["no", "na", "nos", "nas"], "em"],
  [["ao", "à", "aos", "às"], "a"],
  [["pelo", "pela", "pelos", "pelas"], "por"],
  [["num", "numa", "nuns", "numas"], "em"],
];

const PRONOUNS: readonly Forms[] = [
  ["eu", "eu", "nós", "nós"],
  ["ele", "ela", "eles", "elas"],
  ["dele", "dela", "deles", "delas"],
  ["meu", "minha", "meus", "minhas"],
  ["seu", "sua", "seus", "suas"],
  ["este", "esta", "estes", "estas"],
  ["esse", "essa", "esses", "essas"],
  ["deste", "desta", "destes", "destas"],
  ["nesse", "nessa", "nesses", "nessas"],
  ["nosso", "nossa", "nossos", "nossas"],
  ["quanto", "quanta", "quantos", "quantas"],
  ["me", "me", "nos", "nos"],
  ["lhe", "lhe", "lhes", "lhes"],
  // What "o" becomes after an infinitive: "comprá-lo".
  ["lo", "la", "los", "las"],
];

const ADJECTIVES = [
  COLOURS,
  TRAITS,
  RELIEF,
  JOY,
  FUN,
  LOOKS,
  STATES,
  BOASTS,
  SIZES,
  QUALITIES,
  NOVELTIES,
].flat();

/** Word as templates write it → its forms. What came first stays. */
const WORDS = new Map<string, AgreeingWord>();

function define(forms: Forms, extras: Omit<AgreeingWord, "forms"> = {}): void {
  if (!WORDS.has(forms[0])) WORDS.set(forms[0], { forms, ...extras });
}

/** Singular and plural of a verb form, which has no gender. */
function defineVerb(singular: string, plural: string): void {
  define([singular, singular, plural, plural]);
}

for (const [forms, bare] of ARTICLES) define(forms, { bare });
define(["um", "uma", "uns", "umas"], { pair: ["dois", "duas"] });
for (const forms of PRONOUNS) define(forms);
define(["senhor", "senhora", "senhores", "senhoras"]);
define(["estudante", "estudante", "estudantes", "estudantes"]);
for (const { forms } of ADJECTIVES) define(forms!);
for (const forms of NAMED_ADJECTIVES) define(forms);
for (const verb of VERBS) {
  for (const [, ele, , eles] of tensesOf(verb)) defineVerb(ele, eles);
  defineVerb(...verb.imperative);
}
// Last, since "eu" often has a form that is another word too: "junto".
for (const verb of VERBS) {
  for (const [eu, , nós] of tensesOf(verb)) defineVerb(eu, nós);
}
for (const { future: [eu, ele, nós, eles] } of VERBS) {
  defineVerb(ele, eles);
  defineVerb(eu, nós);
}

function tensesOf(verb: Verb): readonly Persons[] {
  return [verb.present, verb.preterite, verb.imperfect];
}

/** The word that a template means, or undefined when it is not known. */
export function findWord(word: string): AgreeingWord | undefined {
  return WORDS.get(word);
}

/**
 * The form that goes with a term.
 *
 * @param options.isBefore whether the term itself follows, as after an
 * article; a pronoun stands for the term instead
 */
export function agree(
  word: AgreeingWord,
  term: Term,
  { isBefore }: { isBefore: boolean },
): string {
  if (isBefore && !term.hasArticle && word.bare !== undefined) return word.bare;
  if (term.isPair && word.pair) return word.pair[term.gender === "m" ? 0 : 1];
  return word.forms[formIndex(term.gender, term.isPlural)];
}

/** How a step of a recipe is said: the text of the part `voz`. */
export const STEP_VOICES = phrases(`
  imperativo
  infinitivo
  primeira pessoa
`);

/** "misture", "misturar" or "misturamos". */
export function stepForm(verb: Verb, voice: string): string {
  if (voice === "imperativo") return verb.imperative[0];
  return voice === "infinitivo" ? verb.infinitive : verb.present[2];
}

/** All persons of the tense in which "ele" has that form. */
export function personsOf(form: string): Persons | undefined {
  for (const verb of VERBS) {
    const tense = [...tensesOf(verb), verb.future]
      .find((persons) => persons[1] === form);
    if (tense) return tense;
  }
  return undefined;
}
