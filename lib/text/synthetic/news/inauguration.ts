/**
 * Something is opened to the public: the passive with its participle, sums of
 * money, quotations, what will be.
 *
 * @module
 */
import { NOVELTIES } from "../adjectives.ts";
import { counted, REAL } from "../numbers.ts";
import { countFrom, countIn, from, type Shape } from "../shape.ts";
import { nouns, phrases } from "../terms.ts";
import {
  MONTH,
  OFFICIALS,
  PAST_DAYS,
  PERSON,
  QUARTERS,
  TOWNS,
} from "../town.ts";

/** What a town may open. */
export const WORKS = nouns(`
  biblioteca, bibliotecas, f
  creche, creches, f
  escola, escolas, f
  quadra de esportes, quadras de esportes, f
  piscina pública, piscinas públicas, f
  horta comunitária, hortas comunitárias, f
  museu, museus, m
  teatro, teatros, m
  parque, parques, m
  mercado, mercados, m
  posto de saúde, postos de saúde, m
  centro cultural, centros culturais, m
`);

const OPENING_TIMES = phrases(`
  de segunda a sexta
  todos os dias
  de terça a domingo
  nos fins de semana
  das oito da manhã às seis da tarde
  até as dez da noite
`);

/** A new building in a quarter of a town. */
export const inauguration: Shape = {
  name: "inauguration",
  parts: {
    cidade: from(TOWNS),
    bairro: from(QUARTERS),
    bairro2: from(QUARTERS),
    obra: from(WORKS),
    outra: from(WORKS),
    qual: from(NOVELTIES),
    dia: from(PAST_DAYS),
    autoridade: from(OFFICIALS),
    custo: (random) => counted(REAL, (100 + 10 * random.int(80)) * 1000),
    custo2: (random) => counted(REAL, (20 + random.int(70)) * 1000),
    meses: countFrom(MONTH, 3, 30),
    pessoas: (random) => counted(PERSON, 50 + 10 * random.int(90)),
    horario: from(OPENING_TIMES),
  },
  title:
    "({@cidade} ganha {um @obra #qual}|Bairro {@bairro} recebe {um @obra}" +
    "|{Um @obra} para o bairro {@bairro})",
  plot: [
    "({Um @obra #qual} foi {inaugurado:obra} {@dia} no bairro {@bairro}, em " +
    "{@cidade}.|O bairro {@bairro}, em {@cidade}, (ganhou|recebeu) {@dia} " +
    "{um @obra #qual}.)",
    "A obra (custou|custou à prefeitura) {@custo} e (levou|durou) {@meses}." +
    "[2: (Cerca de {@pessoas} foram à inauguração.|Mais de {@pessoas} " +
    "participaram da festa.)]",
    "“{Este @obra} (era um sonho antigo dos moradores|é uma conquista de todos" +
    "|vai mudar a vida do bairro)”, (disse|afirmou) {o @autoridade}." +
    "[2: “(Agora é preciso|É importante) que {o:obra} tratemos bem”, " +
    "(completou|acrescentou).]",
    "{O @obra} ficará {aberto:obra} ao público {@horario}.",
    "[3:No ano passado, {um @outra} tinha sido {inaugurado:outra} no bairro " +
    "{@bairro2}. {Ele:outra} custou bem menos: {@custo2}.]",
  ],
  summary: "O bairro {@bairro}, em {@cidade}, ganhou {um @obra} {@dia}.",
  prompt: "(Escreva|Redija) uma notícia (curta|breve) sobre a inauguração de " +
    "{um @obra} em {@cidade}.",
  questions: [
    {
      kind: "what",
      about: "obra",
      ask: "O que foi inaugurado {@dia}?",
      answer: "{um @obra}",
      rivals: ["outra"],
    },
    {
      kind: "where",
      about: "bairro",
      ask: "Em que bairro fica {o @obra}?",
      answer: "{@bairro}",
      rivals: ["bairro2"],
    },
    {
      kind: "where",
      about: "cidade",
      ask: "Em que cidade foi a inauguração?",
      answer: "em {@cidade}",
    },
    {
      kind: "when",
      about: "dia",
      ask: "Quando foi a inauguração?",
      answer: "{@dia}",
    },
    {
      kind: "what",
      about: "custo",
      ask: "Quanto custou {o @obra}?",
      answer: "{@custo}",
      rivals: ["custo2"],
    },
    {
      kind: "who",
      about: "autoridade",
      ask: "Quem falou na inauguração?",
      answer: "{o @autoridade}",
    },
    {
      kind: "when",
      about: "meses",
      ask: "Quanto tempo durou a obra?",
      answer: "{@meses}",
    },
    {
      kind: "when",
      about: "horario",
      ask: "Quando {o @obra} ficará {aberto:obra}?",
      answer: "{@horario}",
    },
  ],
  sums: [{
    ask: "Quanto custaram juntas as duas obras da notícia?",
    level: 3,
    answer: (cast) => countIn(cast, "custo") + countIn(cast, "custo2"),
    slips: (cast) => [
      countIn(cast, "custo") - countIn(cast, "custo2"),
      countIn(cast, "custo"),
      countIn(cast, "custo2"),
    ],
    unit: () => REAL,
  }],
  tasks: [[
    "Dê outro título à notícia.",
    "({O @obra} do bairro {@bairro} já está {aberto:obra}|Bairro {@bairro} " +
    "ganha {um @obra})",
  ]],
  pair: ["obra", "qual"],
  gap: {
    sentence: "{@pessoas} ___ da festa",
    verb: "participou",
    subject: "pessoas",
  },
};
