/**
 * Somebody wins: scores, ages, what the winners say of themselves, in the
 * singular and in the plural.
 *
 * @module
 */
import { NOVELTIES } from "../adjectives.ts";
import { counted } from "../numbers.ts";
import { child, countFrom, countIn, from, hero, type Shape } from "../shape.ts";
import { noun, nouns, phrases } from "../terms.ts";
import { OFFICIALS, PAST_DAYS, POINT, QUARTERS, TOWNS, YEAR } from "../town.ts";

const SPORTS = phrases(`
  xadrez
  natação
  tênis de mesa
  judô
  ginástica
  ciclismo
  patinação
  vôlei de praia
  basquete
  handebol
`);

/** What is won. */
export const PRIZES = nouns(`
  medalha, medalhas, f
  bicicleta, bicicletas, f
  mochila, mochilas, f
  câmera, câmeras, f
  troféu, troféus, m
  computador, computadores, m
  celular, celulares, m
  relógio, relógios, m
`);

const ATHLETE = noun("atleta, atletas, m");

/** A school championship is won. */
export const championship: Shape = {
  name: "championship",
  parts: {
    heroi: hero,
    rival: child,
    campeao: child,
    esporte: from(SPORTS),
    cidade: from(TOWNS),
    cidade2: from(TOWNS),
    escola: from(QUARTERS),
    dia: from(PAST_DAYS),
    idade: countFrom(YEAR, 9, 15),
    pontos: countFrom(POINT, 40, 98),
    pontos2: (random, cast) =>
      counted(POINT, countIn(cast, "pontos") - 1 - random.int(20)),
    pontos3: countFrom(POINT, 99, 120),
    atletas: countFrom(ATHLETE, 16, 180),
    premio: from(PRIZES),
    qual: from(NOVELTIES.filter(({ text }) => text !== "amplo")),
    autoridade: from(OFFICIALS),
  },
  title:
    "({@heroi} {vence:heroi} campeonato de {@esporte}|Escola {@escola} é " +
    "campeã de {@esporte}|Campeonato de {@esporte} agita {@cidade})",
  plot: [
    "{@heroi}, de {@idade}, {venceu:heroi} {@dia} o campeonato escolar de " +
    "{@esporte} de {@cidade}. {Estudante:heroi} da escola {@escola}, " +
    "{ele:heroi} {fez:heroi} {@pontos}.",
    "{@rival} ficou em segundo lugar, com {@pontos2}.[2: Ao todo, {@atletas} " +
    "participaram (da disputa|do campeonato).]",
    "“{Treinei:heroi} (todos os dias|muito|o ano inteiro) e " +
    "{estou feliz:heroi} com o resultado”, {disse:heroi} {@heroi}." +
    "[2: “Ninguém {me:heroi} viu desistir.”]",
    "O prêmio, {um @premio #qual}, foi entregue {pelo @autoridade}, que " +
    "{lhe:heroi} deu os parabéns.",
    "[3:No ano passado, {@campeao} tinha vencido com {@pontos3}, mas desta vez " +
    "não participou.]",
    "No mês que vem, {ele:heroi} {disputará:heroi} o campeonato estadual em " +
    "{@cidade2}.",
  ],
  summary: "{@heroi} {venceu:heroi} o campeonato de {@esporte} de {@cidade} " +
    "com {@pontos}.",
  prompt: "(Escreva|Redija) uma notícia (curta|breve) sobre {@heroi}, que " +
    "{venceu:heroi} um campeonato de {@esporte}.",
  questions: [
    {
      kind: "who",
      about: "heroi",
      ask: "Quem venceu o campeonato deste ano?",
      answer: "{@heroi}",
      rivals: ["rival", "campeao"],
    },
    {
      kind: "what",
      about: "esporte",
      ask: "De que foi o campeonato?",
      answer: "de {@esporte}",
    },
    {
      kind: "who",
      about: "rival",
      ask: "Quem ficou em segundo lugar?",
      answer: "{@rival}",
      rivals: ["heroi", "campeao"],
    },
    {
      kind: "what",
      about: "premio",
      ask: "Qual foi o prêmio?",
      answer: "{um @premio}",
    },
    {
      kind: "who",
      about: "autoridade",
      ask: "Quem entregou o prêmio?",
      answer: "{o @autoridade}",
    },
    {
      kind: "where",
      about: "cidade2",
      ask: "Onde será o campeonato estadual?",
      answer: "em {@cidade2}",
      rivals: ["cidade"],
    },
    {
      kind: "when",
      about: "dia",
      ask: "Quando {@heroi} {venceu:heroi}?",
      answer: "{@dia}",
    },
    {
      kind: "what",
      about: "pontos",
      ask: "Quantos pontos {@heroi} {fez:heroi}?",
      answer: "{@pontos}",
      rivals: ["pontos2", "pontos3"],
    },
  ],
  sums: [{
    ask: "Quantos pontos {@heroi} {fez:heroi} a mais do que {@rival}?",
    answer: (cast) => countIn(cast, "pontos") - countIn(cast, "pontos2"),
    slips: (cast) => [
      countIn(cast, "pontos") - countIn(cast, "pontos2") + 10,
      countIn(cast, "pontos2"),
    ],
    unit: () => POINT,
  }],
  tasks: [[
    "Escreva uma mensagem de parabéns.",
    "Parabéns, {@heroi}, pelo campeonato de {@esporte}! Boa sorte em {@cidade2}!",
  ]],
  pair: ["premio", "qual"],
  gap: {
    sentence: "{@heroi} ___ o campeonato de {@esporte}",
    verb: "venceu",
    subject: "heroi",
  },
};
