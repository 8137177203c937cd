/**
 * A cake: ingredients that are counted and measured, and steps as requests, as
 * infinitives or as what we do (the part `voz`).
 *
 * @module
 */
import { SIZES } from "../adjectives.ts";
import { STEP_VOICES } from "../agreement.ts";
import {
  CAKE_BASES,
  CAKE_COMPANY,
  CUP,
  EGG,
  FLOURS,
  GLASS,
  RECIPE,
  SERVING,
} from "../food.ts";
import { counted } from "../numbers.ts";
import { RELATIVES } from "../people.ts";
import {
  child,
  countFrom,
  countIn,
  from,
  groupOf,
  type Shape,
} from "../shape.ts";
import { phrases } from "../terms.ts";
import { DAY, MINUTE } from "../town.ts";

const ICINGS = phrases(`
  calda de chocolate
  açúcar e canela
  coco ralado
  doce de leite
  raspas de limão
  castanhas picadas
`);

/** A cake of fruit or roots. */
export const cake: Shape = {
  name: "cake",
  parts: {
    voz: from(STEP_VOICES),
    crianca: child,
    dono: from(RELATIVES),
    ambos: groupOf("crianca", "dono"),
    base: from(CAKE_BASES),
    tamanho: from(SIZES),
    frutas: (random, cast) => counted(cast.base!, 2 + random.int(5)),
    po: from(FLOURS),
    copos: countFrom(CUP, 2, 4),
    ovos: countFrom(EGG, 2, 7),
    acucar: countFrom(CUP, 1, 3),
    leite: countFrom(GLASS, 1, 3),
    minutos: countFrom(MINUTE, 25, 60),
    porcoes: countFrom(SERVING, 6, 24),
    vezes: countFrom(RECIPE, 2, 5),
    companhia: from(CAKE_COMPANY),
    cobertura: from(ICINGS),
    dias: countFrom(DAY, 2, 6),
  },
  title: "Bolo de {$base.sabor}( {do @dono}| de {@crianca}|)",
  plot: [
    "(Esta receita é {do @dono} de {@crianca}.|{O @dono} de {@crianca} faz este " +
    "bolo (há muitos anos|todo domingo|desde criança).)[2: {@crianca} {o:dono} " +
    "ajuda na cozinha e gosta de lamber a colher.] A massa rende {@porcoes}.",
    "Ingredientes:",
    "— {@frutas #tamanho}",
    "— {@copos} de {@po}",
    "— {@ovos}",
    "— {@acucar} de açúcar",
    "— {@leite} de leite",
    "[2:— uma colher de fermento em pó]",
    "[3:— uma pitada de sal]",
    "Modo de preparo:",
    "(Primeiro|Para começar|Antes de tudo), {$base.preparo}.",
    "(Numa tigela|Numa vasilha|Na batedeira), {*bater} os ovos com o açúcar " +
    "(por cinco minutos|até formar um creme claro|até a mistura ficar fofa). " +
    "(Em seguida|Depois|Aos poucos), {*acrescentar} o leite e {o @po}.",
    "{*Juntar} {$base.pronto} e {*misturar} (bem|com cuidado|até a massa " +
    "ficar lisa).[2: Por último, {*colocar} o fermento[3: e o sal].]",
    "{*Despejar} a massa numa forma untada e {*levar} ao forno por {@minutos}.",
    "{*Deixar} esfriar, {*cortar} em pedaços e {*servir} {@companhia}.",
    "[3:Dica: quem quiser pode cobrir o bolo com {@cobertura}. Num pote fechado, " +
    "ele dura {@dias}.]",
  ],
  summary: "É um bolo de {$base.sabor} que assa por {@minutos} e rende " +
    "{@porcoes}.",
  prompt: "(Escreva|Dê-me|Ensine) uma receita de bolo de {$base.sabor} " +
    "(com {@ovos}|que leve {@po}|que renda {@porcoes}).",
  questions: [
    {
      kind: "what",
      about: "ovos",
      ask: "Quantos ovos leva a receita?",
      answer: "{@ovos}",
    },
    {
      kind: "what",
      about: "po",
      ask: "O que se acrescenta com o leite?",
      answer: "{@po}",
    },
    {
      kind: "how",
      about: "companhia",
      ask: "Com que se serve o bolo?",
      answer: "{@companhia}",
    },
    {
      kind: "when",
      about: "minutos",
      ask: "Quanto tempo o bolo fica no forno?",
      answer: "{@minutos}",
    },
    {
      kind: "who",
      about: "dono",
      ask: "De quem é a receita?",
      answer: "{do @dono} de {@crianca}",
    },
    {
      kind: "what",
      about: "porcoes",
      ask: "Quantas porções rende a massa?",
      answer: "{@porcoes}",
    },
    {
      kind: "what",
      about: "cobertura",
      ask: "Com que se pode cobrir o bolo?",
      answer: "com {@cobertura}",
      level: 3,
    },
  ],
  sums: [{
    ask: "Quantos ovos são precisos para fazer {@vezes}?",
    answer: (cast) => countIn(cast, "ovos") * countIn(cast, "vezes"),
    slips: (cast) => [
      countIn(cast, "ovos") + countIn(cast, "vezes"),
      countIn(cast, "ovos"),
      countIn(cast, "ovos") * (countIn(cast, "vezes") + 1),
    ],
    unit: () => EGG,
  }],
  tasks: [[
    "Liste os ingredientes da receita.",
    "{@frutas #tamanho}, {@copos} de {@po}, {@ovos}, {@acucar} de açúcar[2:, " +
    "{@leite} de leite[3:, uma colher de fermento em pó e uma pitada de sal| e " +
    "uma colher de fermento em pó]| e {@leite} de leite].",
  ]],
  pair: ["base", "tamanho"],
  gap: {
    sentence: "{@crianca} e {o @dono} ___ um bolo de {$base.sabor}",
    verb: "fez",
    subject: "ambos",
  },
};
