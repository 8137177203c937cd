/**
 * A wild animal is found, cared for and to be set free.
 *
 * @module
 */
import { STATES } from "../adjectives.ts";
import { countFrom, countIn, from, hero, type Shape } from "../shape.ts";
import { nouns, phrases } from "../terms.ts";
import { DAY, KILO, PAST_DAYS, QUARTERS, TOWNS } from "../town.ts";

/** Animals of Brazil that get lost in towns. */
export const WILD_ANIMALS = nouns(`
  cotia, cotias, f
  jaguatirica, jaguatiricas, f
  capivara, capivaras, f
  preguiça, preguiças, f
  lontra, lontras, f
  onça-parda, onças-pardas, f
  lobo-guará, lobos-guarás, m
  tamanduá, tamanduás, m
  jacaré, jacarés, m
  veado, veados, m
  tatu, tatus, m
  quati, quatis, m
`);

const FINDING_PLACES = phrases(`
  no quintal de casa
  na beira de uma estrada
  perto de uma escola
  dentro de uma garagem
  ao lado de um posto de gasolina
  na margem do rio
  num terreno vazio
  atrás do mercado
`);

/** An animal is found and taken care of. */
export const rescue: Shape = {
  name: "rescue",
  parts: {
    bicho: from(WILD_ANIMALS),
    outro: from(WILD_ANIMALS),
    estado: from(STATES),
    heroi: hero,
    cidade: from(TOWNS),
    bairro: from(QUARTERS),
    onde: from(FINDING_PLACES),
    onde2: from(FINDING_PLACES),
    dia: from(PAST_DAYS),
    peso: countFrom(KILO, 6, 40),
    ganho: countFrom(KILO, 2, 5),
    dias: countFrom(DAY, 5, 60),
  },
  title: "({Um @bicho} em {@cidade}|{Um @bicho} é {encontrado:bicho} {@onde}" +
    "|Moradores salvam {um @bicho})",
  plot: [
    "{@heroi} {encontrou:heroi} {@dia} {um @bicho #estado} {@onde}, no bairro " +
    "{@bairro}, em {@cidade}.",
    "“(Nunca {vi:heroi}|{Fiquei:heroi} com pena quando {vi:heroi}) um animal " +
    "assim”, {contou:heroi} {@heroi}[2:, que {chamou:heroi} os bombeiros e " +
    "{ficou:heroi} ali até que eles {o:bicho} levassem].",
    "{O @bicho} pesa {@peso} e (ficará|vai ficar) em tratamento durante {@dias}." +
    "[2: Os veterinários {o:bicho} alimentam quatro vezes por dia e esperam que " +
    "{ele:bicho} ganhe mais {@ganho}.] Depois, {será devolvido:bicho} à natureza.",
    "[3:No mês passado, {um @outro} tinha aparecido {@onde2}, mas fugiu antes " +
    "que alguém {lhe:outro} desse comida.]",
    "[2:Quem encontrar um animal silvestre não deve tocá-lo nem alimentá-lo: " +
    "(o certo é|deve) chamar os bombeiros.|Os moradores ficaram contentes.]",
  ],
  summary:
    "{@heroi} {encontrou:heroi} {um @bicho} {@onde}, em {@cidade}, e o " +
    "animal será devolvido à natureza.",
  prompt: "(Escreva|Redija) uma notícia (curta|breve) sobre {um @bicho} " +
    "que aparece {@onde}.",
  questions: [
    {
      kind: "what",
      about: "bicho",
      ask: "Que animal foi encontrado no bairro {@bairro}?",
      answer: "{um @bicho}",
      rivals: ["outro"],
    },
    {
      kind: "where",
      about: "onde",
      ask: "Onde {o @bicho} foi {encontrado:bicho}?",
      answer: "{@onde}",
      rivals: ["onde2"],
    },
    {
      kind: "who",
      about: "heroi",
      ask: "Quem encontrou o animal?",
      answer: "{@heroi}",
    },
    {
      kind: "when",
      about: "dias",
      ask: "Quanto tempo {o @bicho} ficará em tratamento?",
      answer: "{@dias}",
    },
    {
      kind: "what",
      about: "peso",
      ask: "Quanto pesa {o @bicho}?",
      answer: "{@peso}",
      rivals: ["ganho"],
    },
    {
      kind: "where",
      about: "cidade",
      ask: "Em que cidade isso aconteceu?",
      answer: "em {@cidade}",
    },
    {
      kind: "when",
      about: "dia",
      ask: "Quando {o @bicho} foi {encontrado:bicho}?",
      answer: "{@dia}",
    },
  ],
  sums: [{
    ask:
      "Se ganhar o que os veterinários esperam, quanto {o @bicho} vai pesar?",
    level: 2,
    answer: (cast) => countIn(cast, "peso") + countIn(cast, "ganho"),
    slips: (cast) => [
      countIn(cast, "peso") - countIn(cast, "ganho"),
      countIn(cast, "peso"),
    ],
    unit: () => KILO,
  }],
  tasks: [[
    "Escreva um aviso sobre o que fazer.",
    "Encontrou um animal silvestre? Não o toque e não lhe dê comida: chame os " +
    "bombeiros.",
  ]],
  pair: ["bicho", "estado"],
  gap: {
    sentence: "{@heroi} ___ {um @bicho} {@onde}",
    verb: "encontrou",
    subject: "heroi",
  },
};
