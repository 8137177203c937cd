/**
 * A drink from the blender, the shortest of the recipes.
 *
 * @module
 */
import { SIZES } from "../adjectives.ts";
import { STEP_VOICES } from "../agreement.ts";
import {
  BLENDER_FRUITS,
  GLASS,
  ICE_CUBE,
  RECIPE,
  SPOON,
  SWEETENERS,
} from "../food.ts";
import { counted } from "../numbers.ts";
import {
  child,
  countFrom,
  countIn,
  from,
  groupOf,
  type Shape,
} from "../shape.ts";
import { phrases } from "../terms.ts";
import { HOURS, MINUTE } from "../town.ts";

const LIQUIDS = phrases(`
  leite
  água de coco
  iogurte
  suco de laranja
  leite de amêndoas
  chá gelado
`);

const FINISHES = phrases(`
  uma folha de hortelã
  uma pitada de canela
  um pouco de granola
  raspas de limão
  sementes de chia
`);

/** A drink of two fruits. */
export const smoothie: Shape = {
  name: "smoothie",
  parts: {
    voz: from(STEP_VOICES),
    ana: child,
    bia: child,
    ambos: groupOf("ana", "bia"),
    base: from(BLENDER_FRUITS),
    outra: from(BLENDER_FRUITS),
    tamanho: from(SIZES),
    frutas: (random, cast) => counted(cast.base!, 1 + random.int(4)),
    extras: (random, cast) => counted(cast.outra!, 1 + random.int(3)),
    liquido: from(LIQUIDS),
    copos: countFrom(GLASS, 2, 5),
    colheres: countFrom(SPOON, 1, 4),
    doce: from(SWEETENERS),
    gelo: countFrom(ICE_CUBE, 3, 9),
    minutos: countFrom(MINUTE, 1, 6),
    vezes: countFrom(RECIPE, 2, 5),
    enfeite: from(FINISHES),
    hora: from(HOURS),
  },
  title: "Vitamina de {@base}( com {@outra}| e {@outra}|)",
  plot: [
    "{@ana} (inventou|criou) esta receita com {@bia}[2:. {O um:ambos} a " +
    "preparam quase todo dia, {@hora}]. " +
    "(Fica pronta num instante.|É fácil e rápida.|Não vai ao fogo.)",
    "Ingredientes:",
    "— {@frutas #tamanho}",
    "— {@extras}",
    "— {@copos} de {@liquido}",
    "— {@colheres} de {@doce}",
    "[2:— {@gelo}]",
    "Modo de preparo:",
    "{*Lavar} bem as frutas, {*descascar} e {*cortar} tudo em pedaços " +
    "(pequenos|grandes).",
    "{*Colocar} as frutas no liquidificador, {*juntar} {@copos} de {@liquido} e " +
    "{*bater} por {@minutos}.",
    "{*Adoçar} com {o @doce}[2:, {*acrescentar} o gelo e {*bater} mais um pouco].",
    "{*Servir} em copos altos, com {@enfeite}.",
    "[3:Dica: quem não quiser usar {@outra} pode trocá-{lo:outra} por mais " +
    "{@base}. A bebida deve ser tomada logo, porque as frutas escurecem.]",
  ],
  summary: "É uma vitamina de {@base} e {@outra} batida com {@liquido}.",
  prompt: "(Escreva|Dê-me|Ensine) uma receita de vitamina de {@base} " +
    "(com {@liquido}|que leve {@doce}).",
  questions: [
    {
      kind: "what",
      about: "liquido",
      ask: "Que líquido leva a receita?",
      answer: "{@liquido}",
    },
    {
      kind: "what",
      about: "doce",
      ask: "Com que se adoça a vitamina?",
      answer: "com {o @doce}",
    },
    {
      kind: "how",
      about: "enfeite",
      ask: "Com que se serve a vitamina?",
      answer: "com {@enfeite}",
    },
    {
      kind: "when",
      about: "minutos",
      ask: "Por quanto tempo se batem as frutas?",
      answer: "{@minutos}",
    },
    {
      kind: "who",
      about: "ana",
      ask: "Quem criou a receita com {@bia}?",
      answer: "{@ana}",
    },
    {
      kind: "what",
      about: "copos",
      ask: "Quantos copos de {@liquido} leva a receita?",
      answer: "{@copos}",
    },
  ],
  sums: [
    {
      ask: "Quantos copos de {@liquido} são precisos para fazer {@vezes}?",
      answer: (cast) => countIn(cast, "copos") * countIn(cast, "vezes"),
      slips: (cast) => [
        countIn(cast, "copos") + countIn(cast, "vezes"),
        countIn(cast, "copos"),
        countIn(cast, "colheres") * countIn(cast, "vezes"),
      ],
      unit: () => GLASS,
    },
  ],
  tasks: [[
    "Liste os ingredientes da receita.",
    "{@frutas #tamanho}, {@extras}, {@copos} de {@liquido}[2:, {@colheres} de " +
    "{@doce} e {@gelo}| e {@colheres} de {@doce}].",
  ]],
  pair: ["base", "tamanho"],
  gap: {
    sentence: "{@ana} e {@bia} ___ a vitamina de {@base}",
    verb: "bebeu",
    subject: "ambos",
  },
};
