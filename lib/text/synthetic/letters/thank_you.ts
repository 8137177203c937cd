/**
 * Thanks for a present: pronouns for what was given and for who gave it.
 *
 * @module
 */
import { COLOURS } from "../adjectives.ts";
import { ELDERS } from "../people.ts";
import { child, from, hero, type Shape } from "../shape.ts";
import { phrases } from "../terms.ts";
import { BELONGINGS, TREATS } from "../things.ts";
import { DATES, PAST_DAYS, TOWNS } from "../town.ts";

const USES = phrases(`
  para a escola
  para a praia
  para todo lado
  para o parque
  para a casa dos amigos
  para as aulas de música
`);

const OCCASIONS = phrases(`
  de aniversário
  de Natal
  de Páscoa
  do Dia das Crianças
  de fim de ano
`);

/** A relative is thanked. */
export const thankYou: Shape = {
  name: "thank you",
  parts: {
    autor: hero,
    dona: from(ELDERS),
    cidade: from(TOWNS),
    data: from(DATES),
    presente: from(BELONGINGS),
    outro: from(BELONGINGS),
    cor: from(COLOURS),
    ocasiao: from(OCCASIONS),
    dia: from(PAST_DAYS),
    uso: from(USES),
    prato: from(TREATS),
    amigo: child,
  },
  title: "(Um presente {@ocasiao}|Carta de {@autor}|Um agradecimento" +
    "|{Obrigado:autor}, {$dona.chamado}!)",
  plot: [
    "{@cidade}, {@data}",
    "{Querido @dona},",
    "Muito {obrigado:autor} {pelo @presente #cor} que você {me:autor} mandou! " +
    "(Que surpresa boa!|{Adorei:autor}!|Foi o melhor presente {@ocasiao}!)",
    "O pacote chegou {@dia}. {Abri:autor} a caixa na hora e {mostrei:autor} " +
    "{o @presente} a {@amigo}, que {o:presente} achou {bonito:presente} demais.",
    "[2:Desde então, {levo:autor} {o @presente} {@uso}. Ontem quase " +
    "{o:presente} {esqueci:autor} no ônibus, mas {@amigo} {me:autor} avisou a " +
    "tempo.]",
    "[3:Também {recebi:autor} {um @outro}, mas {ele:outro} ainda " +
    "{está:outro} na caixa.]",
    "Quando você vier nos visitar, {farei:autor} {@prato} e {lhe:dona} " +
    "{mostrarei:autor} (o quintal|a casa nova|as fotos das férias).",
    "(Um beijo|Um abraço|Com carinho),",
    "{@autor}",
  ],
  summary: "{@autor} {agradece:autor} {ao @dona} {o @presente #cor} que " +
    "{ganhou:autor}.",
  prompt: "(Escreva|Redija) uma carta em que {@autor} {agradece:autor} " +
    "{ao @dona} {pelo @presente}.",
  questions: [
    {
      kind: "what",
      about: "presente",
      ask: "Que presente {do @dona} {@autor} {ganhou:autor}?",
      answer: "{um @presente}",
      rivals: ["outro"],
    },
    {
      kind: "colour",
      about: "cor",
      ask: "De que cor {é:presente} {o @presente}?",
      answer: "{#cor:presente}",
    },
    {
      kind: "who",
      about: "dona",
      ask: "Quem mandou {o @presente}?",
      answer: "{o @dona}",
    },
    {
      kind: "when",
      about: "dia",
      ask: "Quando chegou o pacote?",
      answer: "{@dia}",
    },
    {
      kind: "who",
      about: "amigo",
      ask: "A quem {@autor} {mostrou:autor} {o @presente}?",
      answer: "a {@amigo}",
      rivals: ["autor"],
    },
    {
      kind: "where",
      about: "uso",
      ask: "Para onde {@autor} {leva:autor} {o @presente}?",
      answer: "{@uso}",
      level: 2,
    },
    {
      kind: "what",
      about: "prato",
      ask: "O que {@autor} {fará:autor} quando {o @dona} vier?",
      answer: "{@prato}",
    },
  ],
  tasks: [[
    "Escreva uma resposta curta à carta.",
    "{Querido @autor}, fico feliz em saber que {o @presente} " +
    "{chegou:presente} bem. Em breve irei visitá-{lo:autor}. Um beijo!",
  ]],
  pair: ["presente", "cor"],
  gap: {
    sentence: "{@autor} ___ {o @presente} a {@amigo}",
    verb: "mostrou",
    subject: "autor",
  },
};
