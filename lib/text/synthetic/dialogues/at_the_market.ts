/**
 * A purchase: price, number, total, change. The harder the text, the more of
 * the sums are left to the reader.
 *
 * @module
 */
import { QUALITIES } from "../adjectives.ts";
import { GOODS, SELLERS } from "../food.ts";
import { counted, REAL } from "../numbers.ts";
import {
  child,
  countFrom,
  countIn,
  from,
  groupOf,
  type Shape,
} from "../shape.ts";
import type { Cast } from "../template.ts";

function totalOf(cast: Cast): number {
  return countIn(cast, "preco") * countIn(cast, "quantos");
}

/** The smallest note that covers the total and leaves some change. */
function noteFor(total: number): number {
  return [20, 50, 100].find((note) => note > total)!;
}

function changeOf(cast: Cast): number {
  return noteFor(totalOf(cast)) - totalOf(cast);
}

/** Somebody buys a few things of one kind. */
export const atTheMarket: Shape = {
  name: "at the market",
  parts: {
    freguesa: child,
    vendedor: from(SELLERS),
    ambos: groupOf("freguesa", "vendedor"),
    coisa: from(GOODS),
    outra: from(GOODS),
    qualidade: from(QUALITIES),
    preco: countFrom(REAL, 3, 15),
    preco2: countFrom(REAL, 16, 40),
    quantos: (random, cast) => counted(cast.coisa!, 2 + random.int(5)),
    total: (_, cast) => counted(REAL, totalOf(cast)),
    nota: (_, cast) => counted(REAL, noteFor(totalOf(cast))),
    troco: (_, cast) => counted(REAL, changeOf(cast)),
  },
  title: "(Na feira|Uma compra na feira|{@freguesa} vai à feira|Bom dia, " +
    "freguesia!)",
  plot: [
    "(É sábado de manhã.|É domingo, bem cedo.|São oito horas da manhã.|A feira " +
    "acaba de abrir.) {@freguesa} (chega à|para na|vai até a) barraca " +
    "{do @vendedor}.",
    "{@freguesa}: Bom dia! (Quanto custa {o @coisa}|Qual é o preço {do @coisa}" +
    "|A quanto está {o @coisa})?",
    "{O @vendedor}: Bom dia! Cada {um:coisa} custa {@preco}.[2: {O @coisa+} " +
    "chegaram hoje: (veja|olhe) como {é #qualidade:coisa+}!]",
    "[3:{@freguesa}: E {o @outra}, quanto custa?]",
    "[3:{O @vendedor}: {O @outra} custa {@preco2}.]",
    "{@freguesa}: [3:(É um pouco {caro:outra}; hoje não vou levá-{lo:outra}." +
    "|Então {o:outra} deixo para outro dia.) Quero {@quantos}, por favor." +
    "|(Que bom!|Está ótimo.|Que bonito!) (Vou levar|Quero|Então levo) " +
    "{@quantos}.]",
    "{O @vendedor}: (Pois não|Claro|É para já)![3:| São {@total}.][2: Quer que " +
    "eu {o:quantos} ponha numa sacola?]",
    "{@freguesa}:[2: (Quero, sim.|Sim, por favor.|Não precisa, trouxe a " +
    "minha.)] Aqui estão {@nota}.",
    "{O @vendedor}: [2:Aqui está o seu troco.|O seu troco é de {@troco}.] " +
    "{Obrigado:vendedor}, e volte sempre!",
    "{@freguesa}: (Até sábado que vem!|Tchau, e bom trabalho!|Até logo!)",
  ],
  summary: "{@freguesa} {comprou:freguesa} {@quantos} na feira e pagou com " +
    "{@nota}.",
  prompt: "(Escreva|Crie|Invente) um diálogo (curto|na feira) em que " +
    "{@freguesa} compra {@quantos}.",
  questions: [
    {
      kind: "who",
      about: "freguesa",
      ask: "Quem está comprando?",
      answer: "{@freguesa}",
    },
    {
      kind: "what",
      about: "coisa",
      ask: "O que {@freguesa} compra?",
      answer: "{@coisa+}",
      rivals: ["outra"],
    },
    {
      kind: "what",
      about: "preco",
      ask: "Quanto custa cada {um @coisa}?",
      answer: "{@preco}",
      rivals: ["preco2", "nota"],
    },
    {
      kind: "what",
      about: "quantos",
      ask: "{Quanto:coisa+} {@coisa+} {@freguesa} leva?",
      answer: "{@quantos}",
    },
    {
      kind: "who",
      about: "vendedor",
      ask: "Com quem {@freguesa} fala?",
      answer: "com {o @vendedor}",
    },
  ],
  sums: [
    {
      ask: "Quanto {@freguesa} deve pagar ao todo?",
      answer: totalOf,
      slips: (cast) => [
        countIn(cast, "preco") + countIn(cast, "quantos"),
        countIn(cast, "preco"),
        countIn(cast, "nota"),
      ],
      unit: () => REAL,
    },
    {
      ask: "De quanto é o troco?",
      answer: changeOf,
      slips: (cast) => [
        countIn(cast, "nota") - countIn(cast, "preco"),
        totalOf(cast),
      ],
      unit: () => REAL,
    },
  ],
  tasks: [[
    "Quem fala no diálogo?",
    "{@freguesa} e {o @vendedor}.",
  ]],
  pair: ["coisa", "qualidade"],
  gap: {
    sentence: "{@freguesa} e {o @vendedor} ___ durante a compra",
    verb: "conversou",
    subject: "ambos",
  },
};
