/**
 * A soup of two vegetables.
 *
 * @module
 */
import { SIZES } from "../adjectives.ts";
import { STEP_VOICES } from "../agreement.ts";
import {
  CLOVE,
  FATS,
  HERBS,
  LITRE,
  RECIPE,
  SERVING,
  SOUP_COMPANY,
  VEGETABLES,
} from "../food.ts";
import { counted } from "../numbers.ts";
import { NEIGHBOURS } from "../people.ts";
import {
  child,
  countFrom,
  countIn,
  from,
  groupOf,
  type Shape,
} from "../shape.ts";
import { phrases } from "../terms.ts";
import { MINUTE } from "../town.ts";

const OCCASIONS = phrases(`
  para as noites frias
  para o jantar de domingo
  para os dias de chuva
  para quem está resfriado
  para a festa da escola
  para uma noite de inverno
`);

/** A soup that cooks on the stove. */
export const soup: Shape = {
  name: "soup",
  parts: {
    voz: from(STEP_VOICES),
    crianca: child,
    dono: from(NEIGHBOURS),
    ambos: groupOf("crianca", "dono"),
    base: from(VEGETABLES),
    outro: from(VEGETABLES),
    tamanho: from(SIZES),
    quantos: (random, cast) => counted(cast.base!, 2 + random.int(6)),
    alguns: (random, cast) => counted(cast.outro!, 2 + random.int(3)),
    alho: countFrom(CLOVE, 2, 6),
    agua: countFrom(LITRE, 1, 3),
    gordura: from(FATS),
    erva: from(HERBS),
    erva2: from(HERBS),
    minutos: countFrom(MINUTE, 15, 50),
    porcoes: countFrom(SERVING, 4, 12),
    vezes: countFrom(RECIPE, 2, 5),
    companhia: from(SOUP_COMPANY),
    ocasiao: from(OCCASIONS),
  },
  title: "(Sopa|Caldo|Creme) de {@base}( com {@outro}| com {@erva}|)",
  plot: [
    "(É uma receita boa|Esta receita é ótima|Uma receita simples) {@ocasiao}. " +
    "{O @dono} do bairro a ensinou a {@crianca}, [2:que agora a prepara para a " +
    "família toda|que gostou muito]. Dá para {@porcoes}.",
    "Ingredientes:",
    "— {@quantos #tamanho}",
    "— {@alguns}",
    "— {@alho}",
    "— {@agua} de água",
    "— sal, {@gordura} e {@erva}",
    "Modo de preparo:",
    "{*Descascar} e {*cortar} {o @base+} e {o @outro+} em " +
    "(cubos|pedaços|rodelas). {*Picar} o alho.",
    "(Numa panela grande|Numa panela funda), {*refogar} o alho " +
    "(em|com um pouco de) {@gordura} (até dourar|por dois minutos).",
    "(Em seguida|Depois), {*acrescentar} {o @base+}, {o @outro+} e a água. " +
    "{*Deixar} cozinhar em fogo (baixo|médio) por {@minutos}[2:, até {o @base+} " +
    "ficarem bem {macio:base+}].",
    "[2:{*Bater} tudo no liquidificador e {*levar} de volta à panela.]",
    "{*Temperar} com sal e {@erva} e {*servir} {@companhia}.",
    "[3:Dica: se não houver {@erva}, {@erva2} também combina. A sopa que sobrar " +
    "pode ser guardada na geladeira; quem preferir pode congelá-la.]",
  ],
  summary: "É uma sopa de {@base} e {@outro} que cozinha por {@minutos} e " +
    "leva {@erva}.",
  prompt: "(Escreva|Dê-me|Ensine) uma receita de sopa de {@base} " +
    "{@ocasiao}.",
  questions: [
    {
      kind: "who",
      about: "dono",
      ask: "Quem ensinou a receita a {@crianca}?",
      answer: "{o @dono}",
    },
    {
      kind: "what",
      about: "erva",
      ask: "Com que se tempera a sopa?",
      answer: "com sal e {@erva}",
      rivals: ["erva2"],
    },
    {
      kind: "when",
      about: "minutos",
      ask: "Quanto tempo a sopa cozinha?",
      answer: "{@minutos}",
    },
    {
      kind: "how",
      about: "companhia",
      ask: "Como se serve a sopa?",
      answer: "{@companhia}",
    },
    {
      kind: "what",
      about: "alho",
      ask: "Quanto alho leva a receita?",
      answer: "{@alho}",
    },
    {
      kind: "what",
      about: "gordura",
      ask: "Em que se refoga o alho?",
      answer: "em {@gordura}",
    },
    {
      kind: "what",
      about: "porcoes",
      ask: "Quantas porções rende a receita?",
      answer: "{@porcoes}",
    },
  ],
  sums: [{
    ask: "{Quanto:base+} {@base+} são {preciso:base+} para fazer {@vezes}?",
    answer: (cast) => countIn(cast, "quantos") * countIn(cast, "vezes"),
    slips: (cast) => [
      countIn(cast, "quantos") + countIn(cast, "vezes"),
      countIn(cast, "quantos"),
      countIn(cast, "alguns") * countIn(cast, "vezes"),
    ],
    unit: (cast) => cast.base!,
  }],
  tasks: [[
    "Liste os ingredientes da receita.",
    "{@quantos #tamanho}, {@alguns}, {@alho}, {@agua} de água, sal, {@gordura} " +
    "e {@erva}.",
  ]],
  pair: ["base", "tamanho"],
  gap: {
    sentence: "{O @dono} e {@crianca} ___ a sopa de {@base}",
    verb: "preparou",
    subject: "ambos",
  },
};
