/**
 * Someone breaks a precious thing, hides it, and finds the courage to tell.
 *
 * @module
 */
import { RELIEF, TRAITS } from "../adjectives.ts";
import { HOMES, RELATIVES, sortOf } from "../people.ts";
import { HOME_CORNERS, SHELVES } from "../places.ts";
import {
  child,
  from,
  groupOf,
  HOME_QUESTION,
  OPENING,
  type Shape,
} from "../shape.ts";
import { phrases } from "../terms.ts";
import { FRAGILE_THINGS } from "../things.ts";

/** What one had better not do indoors. */
const MISCHIEFS = phrases(`
  jogava bola dentro de casa
  corria atrás do gato
  dançava de olhos fechados
  rodava com os braços abertos
  brincava de pirata com uma vassoura
  andava de patins dentro de casa
  imitava um avião
  pulava num pé só
  girava um bambolê
`);

/** A thing is broken and the truth is told. */
export const brokenThing: Shape = {
  name: "broken thing",
  parts: {
    heroi: child,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    dono: from(RELATIVES),
    todos: groupOf("heroi", "dono"),
    objeto: from(FRAGILE_THINGS),
    estante: from(SHELVES),
    arte: from(MISCHIEFS),
    canto: from(HOME_CORNERS),
    humor: from(RELIEF),
  },
  title: "({O @objeto} {quebrado:objeto}|{O @objeto} {do @dono}|A verdade)",
  plot: [
    OPENING + " {Seu @dono} tinha {um @objeto} muito {antigo:objeto}, que " +
    "ficava {@estante}.",
    "(Um dia|Certa tarde|Numa tarde de chuva), {@heroi} {@arte} quando " +
    "esbarrou {no @objeto}. {O @objeto} caiu e se quebrou em " +
    "(três|quatro|cinco|muitos) pedaços.",
    "(O coração {dele:heroi} bateu forte.|Por um instante, tudo ficou em " +
    "silêncio.|As pernas {dele:heroi} tremeram.) Com medo, {@heroi} juntou os " +
    "cacos e escondeu tudo {@canto}.",
    "(À noite|Na hora do jantar|Mais tarde), {o @dono} perguntou:",
    "— (Alguém viu {o meu @objeto}|Onde será que está {o meu @objeto})?",
    "— (Eu não vi|Não sei de nada) — (disse|respondeu|murmurou) {@heroi}, sem " +
    "levantar os olhos.",
    "Mas {@heroi} não conseguiu dormir. (Cada vez que fechava os olhos, via " +
    "{o @objeto} em pedaços.|A mentira pesava mais do que uma pedra.|Virava de " +
    "um lado para o outro e só pensava {no @objeto}.)",
    "(De manhã|No dia seguinte), {levantou:heroi} cedo, respirou fundo e foi " +
    "falar com {o @dono}.",
    "— Fui eu que quebrei {o @objeto}. Os cacos estão {@canto}. Desculpe, " +
    "{$dono.chamado}.",
    "{O @dono} ficou um instante em silêncio e depois abriu os braços.",
    "— {Um @objeto} a gente cola — disse {o @dono}. — Que bom que você contou " +
    "a verdade!",
    "{Junto:todos}, {o @dono} e {@heroi} {passou:todos} a tarde colando os " +
    "pedaços. {O @objeto} nunca mais ficou igual, mas {o @dono} gostava ainda " +
    "mais {dele:objeto} assim. E {@heroi} voltou a dormir {#humor:heroi}.",
  ],
  summary: "{@heroi} quebrou {o @objeto} {do @dono} e escondeu os cacos " +
    "{@canto}, mas depois contou a verdade.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que quebra {o @objeto} {do @dono}.",
  questions: [
    {
      kind: "what",
      about: "objeto",
      ask: "O que {@heroi} quebrou?",
      answer: "{um @objeto}",
    },
    {
      kind: "who",
      about: "dono",
      ask: "De quem era {o @objeto}?",
      answer: "{do @dono}",
    },
    {
      kind: "where",
      about: "canto",
      ask: "Onde {@heroi} escondeu os cacos?",
      answer: "{@canto}",
    },
    {
      kind: "where",
      about: "estante",
      ask: "Onde ficava {o @objeto}?",
      answer: "{@estante}",
    },
    {
      kind: "how",
      about: "arte",
      ask: "O que {@heroi} fazia quando {o @objeto} caiu?",
      answer: "{@arte}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} voltou a dormir no fim?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@heroi} e {o @dono} ___ a tarde colando os pedaços",
    verb: "passou",
    subject: "todos",
  },
};
