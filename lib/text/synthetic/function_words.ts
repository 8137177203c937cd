/**
 * Items on the small words: prepositions that merge with articles (da, no,
 * pelas, às) and pronouns that stand for a noun beside the verb (a viu, lhes
 * deu, comprá-los).
 *
 * @module
 */
import type { Random } from "../../util/mod.ts";
import { shuffled, type SyntheticChoice } from "./items.ts";
import { CHILDREN, NEIGHBOURS } from "./people.ts";
import { twoChildren } from "./shape.ts";
import { fill, type SyntheticDifficulty } from "./template.ts";
import { formIndex, type Forms, type Term } from "./terms.ts";
import { BELONGINGS } from "./things.ts";

/** Contractions, and a sentence that calls for each. */
const CONTRACTIONS: readonly (readonly [Forms, string])[] = [
  [["do", "da", "dos", "das"], "{@a} gosta muito ___ {@x}"],
  [["no", "na", "nos", "nas"], "{@a} pensou o dia inteiro ___ {@x}"],
  [["ao", "à", "aos", "às"], "{@a} não deu importância ___ {@x}"],
  [["pelo", "pela", "pelos", "pelas"], "{@a} se interessou muito ___ {@x}"],
];

/**
 * Which contraction fills the gap: the rivals are the other genders and
 * numbers, at difficulty 3 the other prepositions.
 */
export function contractionItem(
  random: Random,
  difficulty: SyntheticDifficulty,
): SyntheticChoice {
  const thing = maybePlural(random.pick(BELONGINGS), random);
  const [forms, sentence] = random.pick(CONTRACTIONS);
  const index = formIndex(thing.gender, thing.isPlural);
  const right = forms[index];
  const candidates = difficulty === 3
    ? CONTRACTIONS.map(([others]) => others[index])
    : forms;
  const cast = { a: random.pick(CHILDREN), x: thing };
  return {
    kind: "contraction",
    needsStory: false,
    question: `Que palavra completa a frase “${
      fill(sentence, { cast, random })
    }”?`,
    ...shuffled(right, candidates.filter((word) => word !== right), random),
  };
}

function maybePlural(term: Term, random: Random): Term {
  if (term.isPlural || random.int(2) === 0) return term;
  return { ...term, text: term.plural!, isPlural: true };
}

const DIRECT: Forms = ["o", "a", "os", "as"];
const AFTER_INFINITIVE: Forms = ["lo", "la", "los", "las"];

/** A sentence with a thing or person, and the same with a pronoun. */
const REPLACEMENTS: Readonly<
  Record<SyntheticDifficulty, readonly (readonly [string, string, Forms])[]>
> = {
  1: [
    ["{@a} viu {o @x}", "{@a} ___ viu", DIRECT],
    ["{@a} perdeu {o @x}", "{@a} ___ perdeu", DIRECT],
    ["{@a} guardou {o @x}", "{@a} ___ guardou", DIRECT],
    ["{@a} sempre usa {o @x}", "{@a} sempre ___ usa", DIRECT],
  ],
  2: [
    ["{@a} encontrou {o @x}", "{@a} encontrou-___", DIRECT],
    ["{@a} não levou {o @x}", "{@a} não ___ levou", DIRECT],
    ["{@a} emprestou {o @x} a {@b}", "{@a} ___ emprestou a {@b}", DIRECT],
  ],
  3: [
    ["{@a} quer comprar {o @x}", "{@a} quer comprá-___", AFTER_INFINITIVE],
    ["{@a} vai vender {o @x}", "{@a} vai vendê-___", AFTER_INFINITIVE],
    ["{@a} precisa achar {o @x}", "{@a} precisa achá-___", AFTER_INFINITIVE],
    [
      "{@a} tentou consertar {o @x}",
      "{@a} tentou consertá-___",
      AFTER_INFINITIVE,
    ],
  ],
};

/** To whom something is given: lhe or lhes, never o or a. */
const INDIRECT: readonly (readonly [string, string])[] = [
  ["{@a} contou a novidade {ao @x}", "{@a} ___ contou a novidade"],
  ["{@a} deu um presente {ao @x}", "{@a} ___ deu um presente"],
  ["{@a} fez uma pergunta {ao @x}", "{@a} ___ fez uma pergunta"],
];

/** Which sentence says the same with a pronoun. */
export function cliticItem(
  random: Random,
  difficulty: SyntheticDifficulty,
): SyntheticChoice {
  const [a, b] = twoChildren(random);
  let right: string, wrong: readonly string[], full: string, short: string;
  let x: Term;
  if (difficulty > 1 && random.int(3) === 0) {
    x = maybePlural(random.pick(NEIGHBOURS), random);
    [full, short] = random.pick(INDIRECT);
    const direct = DIRECT[formIndex(x.gender, x.isPlural)];
    right = x.isPlural ? "lhes" : "lhe";
    wrong = [x.isPlural ? "lhe" : "lhes", direct, "se"];
  } else {
    x = maybePlural(random.pick(BELONGINGS), random);
    let forms: Forms;
    [full, short, forms] = random.pick(REPLACEMENTS[difficulty]);
    right = forms[formIndex(x.gender, x.isPlural)];
    wrong = forms.filter((form) => form !== right);
  }
  const telling = { cast: { a, b, x }, random };
  const write = (word: string) =>
    `${fill(short, telling).replace("___", word)}.`;
  return {
    kind: "clitic",
    needsStory: false,
    question: `Qual frase diz o mesmo que “${fill(full, telling)}”?`,
    ...shuffled(write(right), wrong.map(write), random),
  };
}
