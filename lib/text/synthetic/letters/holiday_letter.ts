/**
 * A letter from the holidays, by one child or two: first person in present,
 * past and future.
 *
 * @module
 */
import { COLOURS } from "../adjectives.ts";
import { ELDERS } from "../people.ts";
import { OUTINGS } from "../places.ts";
import { child, from, hero, type Shape } from "../shape.ts";
import { phrases } from "../terms.ts";
import { BELONGINGS, SNACKS } from "../things.ts";
import { DATES, TOWNS } from "../town.ts";

const RETURNS = phrases(`
  no domingo
  na semana que vem
  no fim do mês
  daqui a três dias
  na sexta-feira
  antes do fim das férias
`);

const SKILLS = phrases(`
  soltar pipa
  pescar
  nadar de costas
  tocar pandeiro
  fazer tapioca
  jogar dominó
  andar a cavalo
  remar
`);

const WEATHER = phrases(`
  Faz muito calor, mas à noite sopra um vento bom.
  Chove quase toda tarde.
  O céu está sempre azul.
  De manhã faz frio, e depois o sol aparece.
  Ainda não choveu nenhuma vez.
`);

/** Days of the school holidays. */
const HOLIDAY_DATES = DATES.filter(({ text }) =>
  /(janeiro|julho|dezembro)$/.test(text)
);

const HOLIDAY_OUTINGS = OUTINGS.filter(({ text }) => text !== "escola");

/** Holidays are told to a friend. */
export const holidayLetter: Shape = {
  name: "holiday letter",
  parts: {
    autor: hero,
    amigo: child,
    cidade: from(TOWNS),
    data: from(HOLIDAY_DATES),
    parente: from(ELDERS),
    tempo: from(WEATHER),
    lugar: from(HOLIDAY_OUTINGS),
    lugar2: from(HOLIDAY_OUTINGS),
    lanche: from(SNACKS),
    presente: from(BELONGINGS),
    cor: from(COLOURS),
    novo: child,
    habilidade: from(SKILLS),
    volta: from(RETURNS),
  },
  title: "(Carta de {@autor}|Carta para {@amigo}|Notícias de {@cidade}" +
    "|Carta de {@autor} para {@amigo})",
  plot: [
    "{@cidade}, {@data}",
    "{Querido @amigo},",
    "(Tudo bem com você?|Como você está?|Espero que você esteja bem.) " +
    "{Estou:autor} passando as férias em {@cidade}, na casa {do @parente}." +
    "[2: {@tempo}]",
    "Ontem {fui:autor} {ao @lugar} {$lugar.fazer}. Na volta, {comi:autor} " +
    "{@lanche}.[2: (Foi muito divertido|Foi uma delícia|Você ia adorar)!]",
    "[3:Amanhã {irei:autor} {ao @lugar2} {$lugar2.fazer}, se não chover.]",
    "[2:Aqui {conheci:autor} {@novo}, que mora na mesma rua. {Ele:novo} " +
    "{me:autor} ensinou a {@habilidade}[3:, e {prometi:autor} escrever-{lhe:novo}" +
    " todo mês].]",
    "{Comprei:autor} {um @presente #cor} para você. " +
    "{Vou:autor} (levá-{lo:presente} na volta|mandá-{lo:presente} pelo correio).",
    "{Volto:autor} {@volta}. ({Sinto:autor} a sua falta|{Estou:autor} com muita " +
    "saudade|Escreva logo)!",
    "(Um abraço|Um beijo|Um grande abraço) {do seu amigo:autor},",
    "{@autor}",
  ],
  summary: "{@autor} {está:autor} de férias em {@cidade} e {escreve:autor} a " +
    "{@amigo} que {volta:autor} {@volta}.",
  prompt: "(Escreva|Redija) uma carta de {@autor} para {@amigo} contando as " +
    "férias em {@cidade}.",
  questions: [
    {
      kind: "who",
      about: "autor",
      ask: "Quem escreveu a carta?",
      answer: "{@autor}",
      rivals: ["amigo", "novo"],
    },
    {
      kind: "who",
      about: "amigo",
      ask: "Para quem é a carta?",
      answer: "para {@amigo}",
      rivals: ["autor", "novo"],
    },
    {
      kind: "where",
      about: "lugar",
      ask: "Aonde {@autor} {foi:autor} no dia anterior?",
      answer: "{ao @lugar}",
      rivals: ["lugar2"],
    },
    {
      kind: "what",
      about: "lanche",
      ask: "O que {@autor} {comeu:autor} na volta?",
      answer: "{@lanche}",
    },
    {
      kind: "what",
      about: "presente",
      ask: "O que {@autor} {comprou:autor}?",
      answer: "{um @presente}",
    },
    {
      kind: "colour",
      about: "cor",
      ask: "De que cor {é:presente} {o @presente}?",
      answer: "{#cor:presente}",
    },
    {
      kind: "who",
      about: "novo",
      ask: "Quem {lhe:autor} ensinou a {@habilidade}?",
      answer: "{@novo}",
      level: 2,
      rivals: ["amigo", "autor"],
    },
    {
      kind: "when",
      about: "volta",
      ask: "Quando {@autor} {volta:autor}?",
      answer: "{@volta}",
    },
    {
      kind: "where",
      about: "parente",
      ask: "Na casa de quem {@autor} {está:autor}?",
      answer: "na casa {do @parente}",
    },
  ],
  tasks: [[
    "Escreva uma resposta curta à carta.",
    "{Querido @autor}, gostei muito de receber a sua carta. Mande um beijo " +
    "{ao @parente}. Até a volta. Um abraço, {@amigo}.",
  ]],
  pair: ["presente", "cor"],
  gap: {
    sentence: "{@autor} ___ {ao @lugar} {$lugar.fazer}",
    verb: "irá",
    subject: "autor",
  },
};
