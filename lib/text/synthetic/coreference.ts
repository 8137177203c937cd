/**
 * Coreference: what a pronoun stands for. Easy and usual items are settled by
 * gender and number; hard ones by sense alone, as in Winograd's schemas, where
 * one word decides between two that agree equally well.
 *
 * @module
 */
import { invariant, type Random } from "../../util/mod.ts";
import { shuffled, type SyntheticChoice } from "./items.ts";
import { CHILDREN, NEIGHBOURS } from "./people.ts";
import { fill, type SyntheticDifficulty } from "./template.ts";
import type { Gender, Term } from "./terms.ts";
import { BELONGINGS, FRAGILE_THINGS } from "./things.ts";

/** Distinct terms of a pool. */
function pickSome(
  pool: readonly Term[],
  count: number,
  random: Random,
): Term[] {
  invariant(pool.length >= count, () => `only ${pool.length} terms`);
  return random.shuffle([...pool]).slice(0, count);
}

function ofKind(pool: readonly Term[], gender: Gender): readonly Term[] {
  return pool.filter((term) => term.gender === gender && !term.isPlural);
}

function inPlural(term: Term): Term {
  return { ...term, text: term.plural!, isPlural: true };
}

/** One of each gender and number, in any order. */
function fourKinds(pool: readonly Term[], random: Random): Term[] {
  const [m, ms] = pickSome(ofKind(pool, "m"), 2, random);
  const [f, fs] = pickSome(ofKind(pool, "f"), 2, random);
  return random.shuffle([m!, f!, inPlural(ms!), inPlural(fs!)]);
}

interface Written {
  readonly text: string;
  readonly ask: string;
  readonly right: string;
  readonly wrong: readonly string[];
}

/** Two children of different genders, and two that nobody spoke of. */
function twoPeople(random: Random): Written {
  const [a, ...others] = pickSome(ofKind(CHILDREN, "f"), 2, random);
  const [b, ...more] = pickSome(ofKind(CHILDREN, "m"), 2, random);
  const [first, second] = random.shuffle([a!, b!]) as [Term, Term];
  const who = random.pick([first, second]);
  const [act, ask] = random.pick([
    ["{Ele:quem} carregava uma sacola pesada", "carregava uma sacola pesada"],
    ["{Ele:quem} usava um chapéu de palha", "usava um chapéu de palha"],
    ["{Ele:quem} vinha da escola", "vinha da escola"],
    ["{Ele:quem} estava com muita fome", "estava com muita fome"],
    ["{Ele:quem} levava o cachorro para passear", "levava o cachorro"],
    ["{Ele:quem} tinha acabado de almoçar", "tinha acabado de almoçar"],
  ]) as [string, string];
  const place = "(na praça|na feira|no parque|na rua|no ônibus|na padaria)";
  return {
    text: fill(`{@a} encontrou {@b} ${place}. ${act}.`, {
      cast: { a: first, b: second, quem: who },
      random,
    }),
    ask: `Quem ${ask}?`,
    right: who.text,
    wrong: [first, second, ...others, ...more].filter((term) => term !== who)
      .map(({ text }) => text),
  };
}

/** Four people or groups; the pronoun fits one. */
function fourPeople(random: Random): Written {
  const four = fourKinds(NEIGHBOURS, random);
  return amongFour(four, random, {
    text: "(Na festa|Na reunião|No ônibus|Na praça) estavam {o @a}, {o @b}, " +
      "{o @c} e {o @d}. (De repente|Pouco depois|No fim), {ele:quem} " +
      "{começou:quem} a (rir|cantar|bater palmas|contar uma piada).",
    ask: "Quem começou a fazer isso?",
  });
}

/** Four things; the clitic fits one. */
function fourThings(random: Random): Written {
  return amongFour(fourKinds(BELONGINGS, random), random, {
    text: "{@heroi} levou para (a escola|a praia|o parque|a casa da avó) " +
      "{o @a}, {o @b}, {o @c} e {o @d}. (Na volta|No fim do dia), " +
      "(procurou-{o:quem} por toda parte|deixou-{o:quem} no ônibus" +
      "|emprestou-{o:quem} a uma prima).",
    ask: "A que se refere o pronome da última frase?",
  });
}

function amongFour(
  four: readonly Term[],
  random: Random,
  { text, ask }: { readonly text: string; readonly ask: string },
): Written {
  const [a, b, c, d] = four as [Term, Term, Term, Term];
  const quem = random.pick(four);
  const cast = { a, b, c, d, quem, heroi: random.pick(CHILDREN) };
  const write = (term: Term) => fill("{o @x}", { cast: { x: term }, random });
  return {
    text: fill(text, { cast, random }),
    ask,
    right: write(quem),
    wrong: four.filter((term) => term !== quem).map(write),
  };
}

/**
 * Sentences about `a` and `b` of one gender, and how they end: with the first
 * of the pair the pronoun stands for `a`, with the second for `b`.
 */
const PEOPLE_SCHEMAS: readonly (readonly [string, string, string])[] = [
  [
    "{@a} agradeceu a {@b} porque {ele:quem}",
    "tinha recebido ajuda",
    "tinha ajudado muito",
  ],
  [
    "{@a} perdeu a corrida para {@b} porque {ele:quem}",
    "tropeçou na largada",
    "correu mais depressa",
  ],
  [
    "{@a} pediu desculpas a {@b} porque {ele:quem}",
    "tinha quebrado o brinquedo emprestado",
    "tinha ficado sem o brinquedo emprestado",
  ],
  [
    "{@a} perguntou a hora a {@b} porque {ele:quem}",
    "estava sem relógio",
    "tinha um relógio no pulso",
  ],
  [
    "{@a} deu um casaco a {@b} porque {ele:quem}",
    "tinha dois casacos",
    "tremia de frio",
  ],
  [
    "{@a} consolou {@b} porque {ele:quem}",
    "não gosta de ver ninguém chorar",
    "estava chorando",
  ],
  [
    "{@a} não conseguiu carregar {@b} porque {ele:quem}",
    "era muito {fraco:quem}",
    "era muito {pesado:quem}",
  ],
  [
    "{@a} esperou meia hora por {@b} porque {ele:quem}",
    "chegou cedo demais",
    "se atrasou",
  ],
];

const THING_SCHEMAS: readonly (readonly [string, string, string])[] = [
  [
    "{O @a} não coube {no @b} porque {ele:quem} era",
    "grande demais",
    "{pequeno:quem} demais",
  ],
  [
    "{O @a} não entrou {no @b} porque {ele:quem} era",
    "{largo:quem} demais",
    "{estreito:quem} demais",
  ],
];

/** Holds other things; a thing of either gender may lie in it. */
const HOLDERS: Readonly<Record<Gender, readonly string[]>> = {
  f: ["mochila", "sacola", "caixinha"],
  m: ["balde", "estojo"],
};

/** Two that agree with the pronoun, of which only one makes sense. */
function schema(random: Random): Written {
  const gender = random.pick(["m", "f"] as const);
  const isThing = random.int(3) === 0;
  let four: Term[];
  if (isThing) {
    const holder = random.pick(HOLDERS[gender]);
    const b = BELONGINGS.find(({ text }) => text === holder)!;
    const [a, ...rest] = pickSome(ofKind(FRAGILE_THINGS, gender), 3, random);
    four = [a!, b, ...rest];
  } else four = pickSome(ofKind(CHILDREN, gender), 4, random);
  const [start, ofFirst, ofSecond] = random.pick(
    isThing ? THING_SCHEMAS : PEOPLE_SCHEMAS,
  );
  const isFirst = random.int(2) === 0;
  const [a, b] = four as [Term, Term];
  const quem = isFirst ? a : b;
  const end = isFirst ? ofFirst : ofSecond;
  const telling = { cast: { a, b, quem }, random };
  const write = (term: Term) => fill("{o @x}", { cast: { x: term }, random });
  return {
    text: fill(`${start} ${end}.`, telling),
    ask: isThing
      ? `A que se refere “${fill("{ele:quem}", telling)}”?`
      : `Quem ${fill(end, telling)}?`,
    right: write(quem),
    wrong: four.filter((term) => term !== quem).map(write),
  };
}

const WRITERS: Readonly<
  Record<SyntheticDifficulty, readonly ((random: Random) => Written)[]>
> = {
  1: [twoPeople],
  2: [fourPeople, fourThings],
  3: [schema],
};

/** An item of the difficulty; its text is part of the question. */
export function coreferenceItem(
  random: Random,
  difficulty: SyntheticDifficulty,
): SyntheticChoice {
  const { text, ask, right, wrong } = random.pick(WRITERS[difficulty])(random);
  return {
    kind: "coreference",
    needsStory: false,
    question: `${text} ${ask}`,
    ...shuffled(right, wrong, random),
  };
}
