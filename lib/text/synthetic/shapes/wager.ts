/**
 * A fable: a boaster bets against a modest animal, comes to grief, and is
 * helped by the one it laughed at.
 *
 * @module
 */
import { BOASTS, LOOKS } from "../adjectives.ts";
import { TALKERS } from "../animals.ts";
import { OPEN_AIR, WILDS } from "../places.ts";
import { from, groupOf, type Shape } from "../shape.ts";
import { nouns, phrase, phrases, type Term } from "../terms.ts";

/** Animals that boast. */
const BOASTERS = nouns(`
  macaco, macacos, m
  raposa, raposas, f
  onça, onças, f
  veado, veados, m
  lobo-guará, lobos-guarás, m
  quati, quatis, m
  anta, antas, f
  cutia, cutias, f
  gato-do-mato, gatos-do-mato, m
`);

/** Animals that do not, all of them slow. */
const MODEST_ONES = nouns(`
  jabuti, jabutis, m
  tatu, tatus, m
  preguiça, preguiças, f
  capivara, capivaras, f
  sapo, sapos, m
  tamanduá, tamanduás, m
  tartaruga, tartarugas, f
  ouriço, ouriços, m
`);

/** What the two bet on: who does it first. */
const BETS = phrases(`
  chega primeiro à ponte velha
  sobe primeiro o morro
  atravessa primeiro o rio
  encontra primeiro a fonte
  dá primeiro a volta na lagoa
  alcança primeiro a figueira
  traz primeiro um coco maduro
  acha primeiro a saída da gruta
`);

/** How the boaster comes to grief, and how the other helps. */
const MISHAPS: readonly Term[] = ([
  ["caiu num buraco fundo", "jogou um cipó e puxou com toda a força"],
  ["atolou na lama até o pescoço", "fez uma ponte com galhos secos"],
  ["se enroscou num cipó", "desfez os nós, um por um"],
  ["se perdeu na neblina", "acendeu uma tocha para mostrar o caminho"],
  ["ficou com o pé preso numa raiz", "cortou a raiz com uma pedra"],
  ["escorregou para dentro de um poço", "estendeu um galho comprido"],
  ["pisou num formigueiro", "buscou folhas frescas para aliviar a dor"],
  ["bateu a cabeça num tronco", "trouxe água fria numa folha"],
] as const).map(([text, ajuda]) => phrase(text, { parts: { ajuda } }));

/** A boaster is helped by the one it laughed at. */
export const wager: Shape = {
  name: "wager",
  parts: {
    mato: from(WILDS),
    vaidoso: from(BOASTERS),
    dom: from(BOASTS),
    humilde: from(MODEST_ONES),
    aspecto: from(LOOKS),
    todos: groupOf("vaidoso", "humilde"),
    juiz: from(TALKERS),
    clima: from(OPEN_AIR),
    aposta: from(BETS),
    azar: from(MISHAPS),
  },
  title: "({O @vaidoso} e {o @humilde}|A aposta|O empate)",
  plot: [
    "(Era uma vez|Há muito tempo, havia) {um @vaidoso} que morava {no @mato} e " +
    "passava o dia dizendo:",
    "— Não há bicho mais {@dom} do que eu!",
    "{Um @humilde #aspecto}, que morava ali perto, ouvia tudo e não dizia nada.",
    "(Um dia|Certa manhã|Numa tarde de calor), {o @vaidoso} propôs uma aposta:",
    "— Vamos ver quem {@aposta}!",
    "— Aceito — disse {o @humilde}, (sem levantar a voz|com um sorriso|depois " +
    "de pensar um pouco).",
    "Todos os bichos {do @mato} foram assistir. {@clima} {Um @juiz} deu a " +
    "largada, e {o @vaidoso} saiu na frente, rindo {do @humilde}, que vinha " +
    "devagar. No meio do caminho, porém, {o @vaidoso} {@azar}.",
    "— (Socorro|Alguém me ajude|Ai de mim)! — gritou {o @vaidoso}.",
    "{O @humilde} ouviu o grito. Podia seguir e ganhar a aposta, mas parou. " +
    "Sem pensar duas vezes, {$azar.ajuda}.",
    "— Por que você me ajudou? — perguntou {o @vaidoso}.",
    "— (Porque ganhar {sozinho:humilde} não tem graça|Porque amanhã posso ser eu a " +
    "precisar de ajuda) — respondeu {o @humilde}.",
    "No fim, {chegou junto:todos}, e {o @juiz} declarou empate. (Desde esse " +
    "dia, {o @vaidoso} só diz|Daquele dia em diante, {o @vaidoso} só dizia) uma " +
    "coisa: “Não há bicho mais amigo do que {o @humilde}!”",
  ],
  summary:
    "{O @vaidoso} apostou contra {o @humilde}, mas {@azar} e só chegou " +
    "ao fim com a ajuda {dele:humilde}.",
  prompt: "(Escreva|Conte|Invente) uma fábula (curta|infantil) sobre " +
    "{um @vaidoso} que faz uma aposta com {um @humilde}.",
  questions: [
    {
      kind: "where",
      about: "mato",
      ask: "Onde morava {o @vaidoso}?",
      answer: "{no @mato}",
    },
    {
      kind: "who",
      about: "vaidoso",
      ask: "Quem propôs a aposta?",
      answer: "{o @vaidoso}",
    },
    {
      kind: "what",
      about: "dom",
      ask: "O que {o @vaidoso} dizia ser?",
      answer: "o bicho mais {@dom} {do @mato}",
    },
    {
      kind: "what",
      about: "aposta",
      ask: "Qual era a aposta?",
      answer: "ver quem {@aposta}",
    },
    {
      kind: "who",
      about: "juiz",
      ask: "Quem deu a largada?",
      answer: "{o @juiz}",
    },
    {
      kind: "what",
      about: "azar",
      ask: "O que aconteceu com {o @vaidoso} no meio do caminho?",
      answer: "{@azar}",
    },
    {
      kind: "how",
      about: "azar",
      ask: "Como {o @humilde} ajudou {o @vaidoso}?",
      answer: "{$azar.ajuda}",
    },
  ],
  pair: ["humilde", "aspecto"],
  gap: {
    sentence: "{O @vaidoso} e {o @humilde} ___ ao fim do caminho",
    verb: "chegou",
    subject: "todos",
  },
};
