/**
 * Someone loses a dear thing, asks for help and finds it where nobody looked.
 *
 * @module
 */
import { COLOURS, RELIEF, TRAITS } from "../adjectives.ts";
import { HOMES, NEIGHBOURS, RELATIVES, sortOf } from "../people.ts";
import { AMBIENCES, OUTINGS } from "../places.ts";
import {
  child,
  cornerOf,
  from,
  groupOf,
  hero,
  HOME_QUESTION,
  OPENING,
  type Shape,
} from "../shape.ts";
import { BELONGINGS, TRIFLES } from "../things.ts";

/** A dear thing is lost and found. */
export const lostThing: Shape = {
  name: "lost thing",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    coisa: from(BELONGINGS),
    cor: from(COLOURS),
    doador: from(RELATIVES),
    lugar: from(OUTINGS),
    canto: cornerOf("lugar"),
    engano: cornerOf("lugar"),
    ninharia: from(TRIFLES),
    ajudante: (random, cast) =>
      random.int(2) === 0 ? child(random, cast) : random.pick(NEIGHBOURS),
    todos: groupOf("heroi", "ajudante"),
    clima: from(AMBIENCES),
    humor: from(RELIEF),
  },
  title: "({O @coisa} {perdido:coisa}|{O @coisa} {do @heroi}" +
    "|Onde {está:coisa} {o @coisa}?)",
  plot: [
    OPENING + " {Ele:heroi} {tinha:heroi} {um @coisa #cor}, presente " +
    "{do @doador}. (Não {saía:heroi} de casa sem {ele:coisa}." +
    "|{Gostava:heroi} tanto {dele:coisa} que {o:coisa} {levava:heroi} para " +
    "todo lado.|{Era:coisa} o seu maior tesouro." +
    "|De todas as coisas do mundo, era do que mais {gostava:heroi}.)",
    "(Um dia|Num sábado|Certa manhã|Certa tarde|Num feriado), {@heroi} " +
    "{foi:heroi} {ao @lugar} {$lugar.fazer}. {@clima} (Tudo corria bem. Mas, na " +
    "hora de voltar para casa, {@heroi} {levou:heroi} um susto:|Foi um dia " +
    "divertido, até que, de repente, {@heroi} {sentiu:heroi} falta de alguma coisa:" +
    "|O tempo passou depressa. Só no caminho de volta {@heroi} {percebeu:heroi}:) " +
    "{o @coisa} {tinha:coisa} sumido.",
    "(— {O @coisa} {sumiu:coisa}! — {gritou:heroi} {@heroi}, " +
    "{assustado:heroi}.|— Cadê {o @coisa}? — {perguntou:heroi} {@heroi}, com " +
    "lágrimas nos olhos.|— Não pode ser! — {disse:heroi} {@heroi}, quase " +
    "chorando.)",
    "(Primeiro, {procurou:heroi}|{Correu:heroi} e {olhou:heroi}|Logo " +
    "{procurou:heroi}) {@engano}, mas ali só havia {@ninharia}. (Depois " +
    "{voltou:heroi} pelo mesmo caminho, olhando para o chão, e nada." +
    "|{Olhou:heroi} para todos os lados, e nada.) {Começou:heroi} a ficar " +
    "{triste:heroi}.",
    "(Nesse momento, chegou|Pouco depois, apareceu|Foi então que passou por " +
    "ali) {$ajudante.chegada}.",
    "— (O que aconteceu|Por que essa cara|Posso ajudar)? — perguntou " +
    "{o @ajudante}.",
    "— {Perdi:heroi} {o @coisa #cor} e já {procurei:heroi} em toda parte — " +
    "{respondeu:heroi} {@heroi}.",
    "— (Calma, eu ajudo|Não {chore:heroi}|Não {desista:heroi}). {Junto:todos}, " +
    "nós vamos encontrar — disse {o @ajudante}.",
    "E assim foi. {Procurou:todos} de um lado, {procurou:todos} do outro. (De " +
    "repente|Depois de alguns minutos|Por fim|Quando já ficava tarde), " +
    "{o @ajudante} olhou {@canto} e deu um grito de alegria:",
    "— {Venha:heroi} ver! {Está:coisa} aqui!",
    "{Era:coisa} mesmo {o @coisa #cor}, um pouco {sujo:coisa}, mas " +
    "{inteiro:coisa}. {@heroi} {correu:heroi} e {abraçou:heroi} {o @ajudante}.",
    "— (Muito {obrigado:heroi}|{Obrigado:heroi} de coração)! — {disse:heroi}.",
    "Naquela noite, {@heroi} {pôs:heroi} {o @coisa} ao lado da cama e " +
    "{dormiu:heroi} {#humor:heroi}. (Tinha sido um dia difícil, mas " +
    "{aprendeu:heroi} que quem pede ajuda encontra mais depressa." +
    "|E nunca mais {esqueceu:heroi} {o @coisa} em lugar nenhum." +
    "|Afinal, mais precioso do que {o @coisa} era ter com quem contar.)",
  ],
  summary: "{@heroi} {perdeu:heroi} {o @coisa #cor} {no @lugar}, mas " +
    "{o @ajudante} ajudou a procurar e {o:coisa} encontrou {@canto}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que {perde:heroi} {um @coisa #cor} {no @lugar}.",
  questions: [
    {
      kind: "what",
      about: "coisa",
      ask: "O que {@heroi} {perdeu:heroi}?",
      answer: "{um @coisa #cor}",
    },
    {
      kind: "colour",
      about: "cor",
      ask: "De que cor {era:coisa} {o @coisa}?",
      answer: "{#cor:coisa}",
    },
    {
      kind: "who",
      about: "doador",
      ask: "Quem deu {o @coisa} {ao @heroi}?",
      answer: "{o @doador}",
    },
    {
      kind: "where",
      about: "lugar",
      ask: "Onde {@heroi} {perdeu:heroi} {o @coisa}?",
      answer: "{no @lugar}",
    },
    {
      kind: "where",
      about: "canto",
      ask: "Onde {estava:coisa} {o @coisa}?",
      answer: "{@canto}",
    },
    {
      kind: "who",
      about: "ajudante",
      ask: "Quem ajudou {@heroi} a procurar?",
      answer: "{o @ajudante}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} {dormiu:heroi} naquela noite?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["coisa", "cor"],
  gap: {
    sentence: "{@heroi} ___ {o @coisa #cor} {no @lugar}",
    verb: "perdeu",
    subject: "heroi",
  },
};
