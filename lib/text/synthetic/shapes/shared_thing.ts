/**
 * Two friends quarrel over one thing and learn to take turns.
 *
 * @module
 */
import { COLOURS, FUN } from "../adjectives.ts";
import { NEIGHBOURS } from "../people.ts";
import { AMBIENCES, OUTINGS, TURNS } from "../places.ts";
import { child, from, groupOf, type Shape } from "../shape.ts";
import { phrases } from "../terms.ts";
import { BELONGINGS } from "../things.ts";

/** Where a present comes from. */
const ORIGINS = phrases(`
  da feira
  do centro da cidade
  de uma viagem
  de uma loja antiga
  do mercado
  de um bazar
`);

/** Two friends learn to take turns. */
export const sharedThing: Shape = {
  name: "shared thing",
  parts: {
    heroi: child,
    amigo: child,
    todos: groupOf("heroi", "amigo"),
    lugar: from(OUTINGS),
    mediador: from(NEIGHBOURS),
    coisa: from(BELONGINGS),
    cor: from(COLOURS),
    origem: from(ORIGINS),
    turno: from(TURNS),
    clima: from(AMBIENCES),
    humor: from(FUN),
  },
  title: "({O @coisa #cor}|{@todos}|De quem {é:coisa} {o @coisa}?)",
  plot: [
    "{@heroi} e {@amigo} {era grande amigo:todos} e quase sempre " +
    "{brincava junto:todos}. ({Gostava:todos} de ir {ao @lugar} " +
    "{$lugar.fazer}.|Nos fins de semana, {ia:todos} {ao @lugar} " +
    "{$lugar.fazer}.)",
    "(Um dia|Certa tarde|Num domingo), {$mediador.chegada} trouxe {@origem} " +
    "{um @coisa #cor} para {ele:todos}. {@clima}",
    "— Eu quero primeiro! — disse {@heroi}.",
    "— (Não, quem viu primeiro fui eu|Nada disso, é a minha vez|Você sempre " +
    "escolhe antes de mim)! — (respondeu|gritou) {@amigo}.",
    "{@heroi} puxou de um lado, {@amigo} puxou do outro, e {o @coisa} " +
    "{caiu:coisa} no chão. (Ninguém disse mais nada.|{@heroi} virou as costas, e {@amigo} também.|Depois disso, só se " +
    "ouviu o silêncio.)",
    "Naquela noite, {@heroi} ficou {triste:heroi}. Brincar sem {@amigo} não " +
    "tinha graça. E {@amigo}, na rua de trás, pensava a mesma coisa.",
    "No dia seguinte, {o @mediador} chamou {@todos} e perguntou:",
    "— O que vale mais: {um @coisa} ou uma amizade?",
    "{@todos} {olhou:todos} para o chão e {pensou:todos} um pouco.",
    "— {O @coisa} {fica:coisa} com {@heroi} {@turno} e com {@amigo} " +
    "{$turno.outro} — (propôs|decidiu|sugeriu) {o @mediador}.",
    "Deu certo. E o melhor de tudo: (quase sempre|muitas vezes) " +
    "{esquecia:todos} a regra e {brincava junto:todos}, {#humor:todos}.",
  ],
  summary: "{@todos} {brigou:todos} por causa {do @coisa #cor}, mas " +
    "{o @mediador} ensinou a dividir.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "duas crianças que brigam por causa de {um @coisa #cor}.",
  questions: [
    {
      kind: "what",
      about: "coisa",
      ask: "Por que {@todos} {brigou:todos}?",
      answer: "por causa de {um @coisa #cor}",
    },
    {
      kind: "colour",
      about: "cor",
      ask: "De que cor {era:coisa} {o @coisa}?",
      answer: "{#cor:coisa}",
    },
    {
      kind: "who",
      about: "mediador",
      ask: "Quem trouxe {o @coisa}?",
      answer: "{o @mediador}",
    },
    {
      kind: "where",
      about: "origem",
      ask: "De onde {veio:coisa} {o @coisa}?",
      answer: "{@origem}",
    },
    {
      kind: "where",
      about: "lugar",
      ask: "Aonde {@todos} {gostava:todos} de ir?",
      answer: "{ao @lugar}",
    },
    {
      kind: "when",
      about: "turno",
      ask: "Quando {o @coisa} {ficava:coisa} com {@heroi}?",
      answer: "{@turno}",
    },
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {brincava:todos} {@todos} no fim?",
      answer: "{#humor:todos}",
    },
  ],
  pair: ["coisa", "cor"],
  gap: {
    sentence: "{@todos} ___ {ao @lugar} {$lugar.fazer}",
    verb: "foi",
    subject: "todos",
  },
};
