/**
 * Arithmetic in words: short problems whose numbers are written out and whose
 * wrong answers are what the usual slips give (the other operation, a step
 * forgotten, one too many).
 *
 * @module
 */
import type { Random } from "../../util/mod.ts";
import { GOODS } from "./food.ts";
import { numberChoices, type SyntheticChoice } from "./items.ts";
import { counted, numberWords, REAL } from "./numbers.ts";
import { twoChildren } from "./shape.ts";
import { fill, type SyntheticDifficulty } from "./template.ts";
import { type Gender, nouns, phrase, type Term, together } from "./terms.ts";

/** What children collect and share. */
export const COUNTABLES = nouns(`
  figurinha, figurinhas, f
  laranja, laranjas, f
  concha, conchas, f
  semente, sementes, f
  bala, balas, f
  moeda, moedas, f
  pedrinha, pedrinhas, f
  goiaba, goiabas, f
  selo, selos, m
  ovo, ovos, m
  biscoito, biscoitos, m
  botão, botões, m
  limão, limões, m
  adesivo, adesivos, m
  pastel, pastéis, m
  bilhete, bilhetes, m
`);

/** What holds a number of them. */
export const CONTAINERS = nouns(`
  caixa, caixas, f
  cesta, cestas, f
  sacola, sacolas, f
  pote, potes, m
  saquinho, saquinhos, m
  pacote, pacotes, m
`);

/** A problem: its numbers, its answer, and what slips would give. */
interface Problem {
  /** `{@x}` counts the thing and `{@m}` is a bare number; `{@k}` containers. */
  readonly ask: string;
  readonly x: number;
  readonly m?: number;
  readonly k?: number;
  readonly right: number;
  readonly slips: readonly number[];
  /** Whether reais are asked for, not things. */
  readonly isMoney?: boolean;
}

/** low to high, both included. */
function between(low: number, high: number, random: Random): number {
  return low + random.int(high - low + 1);
}

const HOW_MANY_LEFT = " Com {quanto:coisa+} {@coisa+} {ele:a} ficou?";
const HOW_MANY_BOTH =
  " {Quanto:coisa+} {@coisa+} {o um:ambos} têm (ao todo|no total)?";

function add(random: Random): Problem {
  const x = between(2, 9, random), m = between(2, 9, random);
  return {
    ask: random.pick([
      "{@a} tinha {@x} e (ganhou|achou) mais {@m}." + HOW_MANY_LEFT,
      "{@a} tem {@x}, e {@b} tem {@m}." + HOW_MANY_BOTH,
    ]),
    x,
    m,
    right: x + m,
    slips: [Math.abs(x - m), x + m + 1, x + m - 1],
  };
}

function subtract(random: Random): Problem {
  const right = between(2, 9, random), m = between(2, 9, random);
  return {
    ask: "{@a} tinha {@x} e (deu {@m} a {@b}|perdeu {@m})." + HOW_MANY_LEFT,
    x: right + m,
    m,
    right,
    slips: [right + 2 * m, right + 1, right - 1],
  };
}

function multiply(random: Random): Problem {
  const x = between(3, 12, random), k = between(2, 9, random);
  return {
    ask: "Cada {@cesto} tem {@x}. {Quanto:coisa+} {@coisa+} há em {@k}?",
    x,
    k,
    right: x * k,
    slips: [x + k, x * (k + 1), x * (k - 1)],
  };
}

function divide(random: Random): Problem {
  const right = between(2, 9, random), m = between(2, 9, random);
  return {
    ask: "{@a} dividiu {@x} igualmente entre {@amigos}. {Quanto:coisa+} " +
      "{@coisa+} cada amigo recebeu?",
    x: right * m,
    m,
    right,
    slips: [right * m - m, right + m, right + 1],
  };
}

function compare(random: Random): Problem {
  const x = between(15, 60, random), m = between(3, 14, random);
  const isMore = random.int(2) === 0;
  return {
    ask: `{@a} tem {@x}. {@b} tem {@m} a ${
      isMore ? "mais" : "menos"
    } do que {@a}. {Quanto:coisa+} {@coisa+} {@b} tem?`,
    x,
    m,
    right: isMore ? x + m : x - m,
    slips: [isMore ? x - m : x + m, x, isMore ? x + m + 10 : x - m + 10],
  };
}

function multiplyAndGive(random: Random): Problem {
  const x = between(6, 24, random), k = between(3, 9, random);
  const m = between(5, 15, random);
  return {
    ask: "{@a} comprou {@k} com {@x} cada {um:cesto} e depois deu {@m} a " +
      "{@b}." + HOW_MANY_LEFT,
    x,
    m,
    k,
    right: x * k - m,
    slips: [x * k, x * k + m, x + k - m, x * (k - 1) - m],
  };
}

function timesAsMany(random: Random): Problem {
  const x = between(12, 90, random), times = between(2, 4, random);
  const word = ["o dobro", "o triplo", "o quádruplo"][times - 2];
  return {
    ask: `{@a} tem {@x}, e {@b} tem ${word} disso.` + HOW_MANY_BOTH,
    x,
    right: x * (times + 1),
    slips: [x * times, x + times, x * (times + 2)],
  };
}

function change(random: Random): Problem {
  const price = between(3, 12, random), x = between(2, 8, random);
  const right = 100 - price * x;
  return {
    ask: `{@a} comprou {@x} de ${numberWords(price)} reais cada {um:coisa} ` +
      "e pagou com uma nota de cem reais. Quantos reais recebeu de troco?",
    x,
    right,
    slips: [price * x, 100 - price, right + price],
    isMoney: true,
  };
}

const PROBLEMS: Readonly<
  Record<SyntheticDifficulty, readonly ((random: Random) => Problem)[]>
> = {
  1: [add, subtract],
  2: [add, subtract, multiply, divide, compare],
  3: [multiplyAndGive, timesAsMany, change, compare],
};

/** A bare number that agrees with what it counts. */
function bare(n: number, gender: Gender): Term {
  return phrase(numberWords(n, gender));
}

/** A problem of the difficulty. */
export function arithmeticItem(
  random: Random,
  difficulty: SyntheticDifficulty,
): SyntheticChoice {
  const problem = random.pick(PROBLEMS[difficulty])(random);
  const { ask, x, m = 1, k = 1, right, slips, isMoney } = problem;
  const thing = random.pick(isMoney ? GOODS : COUNTABLES);
  const container = random.pick(CONTAINERS);
  const [a, b] = twoChildren(random);
  const cast = {
    a,
    b,
    ambos: { ...together([a, b]), names: [] },
    coisa: thing,
    cesto: container,
    x: counted(thing, x),
    m: bare(m, thing.gender),
    k: counted(container, k),
    amigos: phrase(`${numberWords(m)} amigos`),
  };
  return {
    kind: "arithmetic",
    needsStory: false,
    question: fill(ask, { cast, random }),
    ...numberChoices({ right, slips, unit: isMoney ? REAL : thing }, random),
  };
}
