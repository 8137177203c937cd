/**
 * Two friends make plans: what will happen, in the three futures of Brazilian
 * Portuguese (a gente vai, vamos, iremos).
 *
 * @module
 */
import { TRAITS } from "../adjectives.ts";
import { sortOf } from "../people.ts";
import { OUTINGS } from "../places.ts";
import { child, from, groupOf, type Shape } from "../shape.ts";
import { phrases } from "../terms.ts";
import { SNACKS } from "../things.ts";
import { COMING_DAYS, HOURS } from "../town.ts";

const TRANSPORTS = phrases(`
  de ônibus
  de bicicleta
  a pé
  de trem
  de metrô
  de carona com a minha tia
`);

const MEETING_POINTS = phrases(`
  em frente à igreja
  na porta da padaria
  no ponto de ônibus
  na esquina da farmácia
  na entrada do prédio
  ao lado da banca de jornal
`);

/** What is done to be ready. */
const ADVICE = phrases(`
  traga um casaco
  leve uma garrafa de água
  use um chapéu
  não se atrase
  venha de tênis
`);

/** An invitation is accepted. */
export const weekendPlans: Shape = {
  name: "weekend plans",
  parts: {
    ana: child,
    bia: child,
    caio: child,
    ambos: groupOf("ana", "bia"),
    tipo: (random, cast) => random.pick(sortOf(cast.ana!)),
    jeito: from(TRAITS),
    lugar: from(OUTINGS),
    dia: from(COMING_DAYS),
    hora: from(HOURS),
    ponto: from(MEETING_POINTS),
    transporte: from(TRANSPORTS),
    lanche: from(SNACKS),
    lanche2: from(SNACKS),
    conselho: from(ADVICE),
  },
  title:
    "(Um convite|O convite de {@ana}|Um passeio com {@ana}|{@ana} e {@bia} " +
    "fazem planos)",
  plot: [
    "{@ana}, {um @tipo #jeito}, (telefona para {@bia}|encontra {@bia} no recreio" +
    "|encontra {@bia} na saída da escola).",
    "{@ana}: Oi, {@bia}! (O que você vai fazer|Você tem algum plano para fazer" +
    "|Você já sabe o que vai fazer) {@dia}?",
    "{@bia}: (Nada de especial|Ainda não sei|Acho que nada). Por quê?",
    "{@ana}: (Vamos {ao @lugar} {$lugar.fazer}?|Você quer ir {ao @lugar} comigo " +
    "{$lugar.fazer}?|Que tal irmos {ao @lugar} {$lugar.fazer}?)",
    "{@bia}: (Boa ideia|Adorei a ideia|Claro que quero|Que bom)![2: E como " +
    "(a gente vai|nós vamos)?] (A que horas e onde a gente se encontra?|Onde " +
    "e a que horas nos encontramos?)",
    "{@ana}:[2: (A gente vai|Vamos|Iremos) {@transporte}.] Pode ser {@ponto}, " +
    "{@hora}.",
    "[2:{@bia}: (Combinado|Perfeito). Eu (levarei|vou levar|levo) {@lanche}.]",
    "[2:{@ana}: E eu (levarei|vou levar|levo) {@lanche2}.]",
    "[3:{@bia}: Posso convidar {@caio}? Ontem {ele:caio} me disse que queria " +
    "passear.]",
    "[3:{@ana}: (Pode, sim|Claro). (Diga-{lhe:caio} que venha cedo|Convide-" +
    "{o:caio})!]",
    "[3:{@bia}: (Ótimo|Que bom)! Eu {o:caio} encontrarei na escola e falarei " +
    "com {ele:caio} também.]",
    "[2:{@ana}: Ah, e {@conselho}!]",
    "{@bia}: (Pode deixar.|Está bem.|Certo.) (Até lá|A gente se vê|Nós nos " +
    "vemos lá)!",
  ],
  summary: "{@ana} e {@bia} (irão|vão) {ao @lugar} {@dia}.",
  prompt:
    "(Escreva|Crie|Invente) um diálogo em que {um @tipo #jeito} convida " +
    "alguém para ir {ao @lugar}.",
  questions: [
    {
      kind: "where",
      about: "lugar",
      ask: "Aonde {@ana} e {@bia} vão?",
      answer: "{ao @lugar}",
    },
    {
      kind: "when",
      about: "dia",
      ask: "Quando é o passeio?",
      answer: "{@dia}",
    },
    {
      kind: "when",
      about: "hora",
      ask: "A que horas {ele:ambos} se encontram?",
      answer: "{@hora}",
    },
    {
      kind: "where",
      about: "ponto",
      ask: "Onde {@ana} e {@bia} vão se encontrar?",
      answer: "{@ponto}",
    },
    {
      kind: "what",
      about: "lanche",
      ask: "O que {@bia} vai levar?",
      answer: "{@lanche}",
      level: 2,
      rivals: ["lanche2"],
    },
    {
      kind: "who",
      about: "ana",
      ask: "Quem fez o convite?",
      answer: "{@ana}",
      rivals: ["bia", "caio"],
    },
    {
      kind: "who",
      about: "caio",
      ask: "Quem {@bia} quer convidar?",
      answer: "{@caio}",
      level: 3,
      rivals: ["ana", "bia"],
    },
  ],
  tasks: [[
    "Escreva um bilhete de {@ana} para {@bia} que lembre o combinado.",
    "{@bia}, não esqueça: o nosso passeio {ao @lugar} é {@dia}. Encontro você " +
    "{@ponto}, {@hora}. Um beijo, {@ana}.",
  ]],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@ana} e {@bia} ___ {ao @lugar} {@dia}",
    verb: "irá",
    subject: "ambos",
  },
};
