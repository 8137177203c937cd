/**
 * A formal letter: polite address, pronouns after the verb, the subjunctive.
 *
 * @module
 */
import { child, countFrom, countIn, from, hero, type Shape } from "../shape.ts";
import { nouns, phrases } from "../terms.ts";
import {
  DATES,
  MONTH,
  OFFICIALS,
  PERSON,
  QUARTERS,
  TOWNS,
  YEAR,
} from "../town.ts";
import { counted } from "../numbers.ts";
import { SIZES } from "../adjectives.ts";

/** What breaks in a town. */
export const FIXTURES = nouns(`
  ponte, pontes, f
  calçada, calçadas, f
  fonte, fontes, f
  gangorra, gangorras, f
  escada, escadas, f
  lixeira, lixeiras, f
  balanço, balanços, m
  bebedouro, bebedouros, m
  portão, portões, m
  poste, postes, m
  escorregador, escorregadores, m
  banco, bancos, m
`);

/** Where such things stand. */
export const PUBLIC_PLACES = nouns(`
  praça, praças, f
  escola, escolas, f
  biblioteca, bibliotecas, f
  parque, parques, m
  mercado, mercados, m
  campo de futebol, campos de futebol, m
`);

const INJURIES = phrases(`
  machucou o joelho
  torceu o pé
  cortou a mão
  rasgou a calça
  quebrou os óculos
`);

const DEADLINES = phrases(`
  antes das férias
  antes da festa da escola
  até o fim do mês
  antes que chova
  o quanto antes
`);

/** Those who look after a town's streets. */
const LOCAL_OFFICIALS = OFFICIALS.filter(({ text }) =>
  !text.startsWith("governador")
);

/** Young people ask for a repair. */
export const formalRequest: Shape = {
  name: "formal request",
  parts: {
    autor: hero,
    autoridade: from(LOCAL_OFFICIALS),
    cidade: from(TOWNS),
    bairro: from(QUARTERS),
    escola: from(QUARTERS),
    data: from(DATES),
    coisa: from(FIXTURES),
    outra: from(FIXTURES),
    tamanho: from(SIZES),
    lugar: from(PUBLIC_PLACES),
    lugar2: from(PUBLIC_PLACES),
    meses: countFrom(MONTH, 2, 11),
    anos: countFrom(YEAR, 2, 6),
    pessoas: (random) => counted(PERSON, 20 + 10 * random.int(40)),
    vitima: child,
    ferida: from(INJURIES),
    prazo: from(DEADLINES),
  },
  title: "(Carta {ao @autoridade}|Um pedido da escola " +
    "{@escola}|{O @coisa} do bairro {@bairro})",
  plot: [
    "{@cidade}, {@data}",
    "{Prezado senhor @autoridade},",
    "{Sou estudante:autor} da escola {@escola} e {moro:autor} no bairro " +
    "{@bairro}. {Escrevo:autor}-lhe para (fazer um pedido|pedir um favor " +
    "importante).",
    "(Há {@meses}, {o @coisa} {do @lugar} {está quebrado:coisa}.|{O @coisa} " +
    "{do @lugar} {está quebrado:coisa} há {@meses}.)[2: Na semana " +
    "passada, {@vitima} tropeçou ali e {@ferida}.] Todo dia passam por lá " +
    "cerca de {@pessoas}.",
    "[3:{O @outra} {do @lugar2}, por sua vez, {espera:outra} o conserto há " +
    "{@anos}, e ninguém sabe quando {o:outra} consertarão.]",
    "{Peço:autor}-lhe, por favor, que mande consertá-{lo:coisa} {@prazo}." +
    "[2: Se for preciso, {estou:autor} à disposição para ajudar.]",
    "{Agradeço:autor}-lhe desde já (a atenção|a gentileza).",
    "Atenciosamente,",
    "{@autor}",
  ],
  summary: "{@autor} {pede:autor} {ao @autoridade} que mande consertar " +
    "{o @coisa} {do @lugar}.",
  prompt: "(Escreva|Redija) uma carta formal pedindo {ao @autoridade} o " +
    "conserto {do @coisa} {do @lugar}.",
  questions: [
    {
      kind: "what",
      about: "coisa",
      ask: "O que {@autor} {quer:autor} que seja consertado?",
      answer: "{o @coisa}",
      rivals: ["outra"],
    },
    {
      kind: "where",
      about: "lugar",
      ask: "De onde é {o @coisa}?",
      answer: "{do @lugar}",
      rivals: ["lugar2"],
    },
    {
      kind: "who",
      about: "autoridade",
      ask: "Para quem é a carta?",
      answer: "para {o @autoridade}",
    },
    {
      kind: "who",
      about: "vitima",
      ask: "Quem tropeçou?",
      answer: "{@vitima}",
      level: 2,
      rivals: ["autor"],
    },
    {
      kind: "how",
      about: "ferida",
      ask: "O que aconteceu a {@vitima}?",
      answer: "{@ferida}",
      level: 2,
    },
    {
      kind: "when",
      about: "meses",
      ask: "Há quanto tempo {o @coisa} está assim?",
      answer: "há {@meses}",
      rivals: ["anos"],
    },
    {
      kind: "when",
      about: "prazo",
      ask: "Para quando {@autor} {quer:autor} o conserto?",
      answer: "{@prazo}",
    },
  ],
  sums: [{
    ask: "Quantas pessoas passam por lá em dois dias?",
    answer: (cast) => 2 * countIn(cast, "pessoas"),
    slips: (cast) => [
      countIn(cast, "pessoas"),
      countIn(cast, "pessoas") + 2,
      3 * countIn(cast, "pessoas"),
    ],
    unit: () => PERSON,
  }],
  tasks: [[
    "Escreva a resposta {do @autoridade}.",
    "{Querido @autor}, recebi a sua carta e agradeço-{lhe:autor} o aviso. " +
    "Mandarei consertar {o @coisa} {do @lugar} {@prazo}.",
  ]],
  pair: ["coisa", "tamanho"],
  gap: {
    sentence: "{@autor} ___ uma carta {ao @autoridade}",
    verb: "escreveu",
    subject: "autor",
  },
};
