/**
 * Somebody asks the way and gets it: requests, polite address, places by what
 * stands near them.
 *
 * @module
 */
import { TRAITS } from "../adjectives.ts";
import { NEIGHBOURS, sortOf } from "../people.ts";
import {
  child,
  countFrom,
  countIn,
  from,
  groupOf,
  type Shape,
} from "../shape.ts";
import { phrases } from "../terms.ts";
import { LANDMARKS, MINUTE, STREET, TOWNS } from "../town.ts";

const REASONS = phrases(`
  encontrar uma prima
  comprar um presente
  entregar uma encomenda
  buscar um pacote
  esperar a família
  deixar um recado
`);

/** A stranger in town is told where to go. */
export const askingTheWay: Shape = {
  name: "asking the way",
  parts: {
    ana: child,
    tipo: (random, cast) => random.pick(sortOf(cast.ana!)),
    jeito: from(TRAITS),
    cidade: from(TOWNS),
    guia: from(NEIGHBOURS),
    ambos: groupOf("ana", "guia"),
    destino: from(LANDMARKS),
    esquina: from(LANDMARKS),
    vizinho: from(LANDMARKS),
    passagem: from(LANDMARKS),
    motivo: from(REASONS),
    ruas: countFrom(STREET, 2, 7),
    minutos: countFrom(MINUTE, 3, 25),
  },
  title: "(Por favor, onde fica {o @destino}?|O caminho {do @destino}" +
    "|{@ana} procura {o @destino}|Uma informação)",
  plot: [
    "{@ana}, {um @tipo #jeito}, (acaba de chegar a|não conhece bem|está pela " +
    "primeira vez em) {@cidade} e precisa {@motivo}. Na rua, {pergunta:ana} o " +
    "caminho a {um @guia}.",
    "{@ana}: (Com licença|Por favor|Desculpe)! {O senhor:guia} sabe onde fica " +
    "{o @destino}?",
    "{O @guia}: Sei, sim. (Siga|Vá) (reto|em frente) por {@ruas} e vire " +
    "(à direita|à esquerda) {no @esquina}.[2: Depois passe {pelo @passagem}.] " +
    "{O @destino} fica em frente {ao @vizinho}.",
    "[2:{@ana}: Deixe-me ver se entendi: sigo por {@ruas} e viro {no @esquina}?]",
    "[2:{O @guia}: Isso mesmo. [3:Só não entre {no @passagem}: passe por " +
    "{ele:passagem} e continue.|(Não tem erro.|É fácil.)]]",
    "{@ana}: E (é longe daqui|fica longe)?",
    "{O @guia}: (Nem tanto|Não muito). A pé, são uns {@minutos}.",
    "[3:{@ana}: {O senhor:guia} pode me dizer se {o @destino} já está " +
    "{aberto:destino}?]",
    "[3:{O @guia}: Acho que sim. Mas quem pode lhe informar melhor é o pessoal " +
    "{do @vizinho}.]",
    "{@ana}: Muito {obrigado:ana}!",
    "{O @guia}: (De nada|Não há de quê|Imagine). (Bom passeio|Vá com cuidado|Boa " +
    "sorte)!",
  ],
  summary: "{@ana} perguntou a {um @guia} o caminho {do @destino}.",
  prompt:
    "(Escreva|Crie|Invente) um diálogo em que alguém pergunta onde fica " +
    "{o @destino}.",
  questions: [
    {
      kind: "what",
      about: "destino",
      ask: "O que {@ana} procura?",
      answer: "{o @destino}",
      rivals: ["esquina", "vizinho", "passagem"],
    },
    {
      kind: "where",
      about: "esquina",
      ask: "Onde {@ana} deve virar?",
      answer: "{no @esquina}",
      rivals: ["vizinho", "passagem", "destino"],
    },
    {
      kind: "where",
      about: "vizinho",
      ask: "O que fica em frente {ao @destino}?",
      answer: "{o @vizinho}",
      rivals: ["esquina", "passagem"],
    },
    {
      kind: "who",
      about: "guia",
      ask: "Quem ensina o caminho?",
      answer: "{um @guia}",
    },
    {
      kind: "what",
      about: "ruas",
      ask: "Por quantas ruas {@ana} deve seguir?",
      answer: "{@ruas}",
    },
    {
      kind: "how",
      about: "motivo",
      ask: "Para que {@ana} procura {o @destino}?",
      answer: "para {@motivo}",
    },
  ],
  sums: [{
    ask: "Quantos minutos {@ana} leva a pé para ir e voltar?",
    answer: (cast) => 2 * countIn(cast, "minutos"),
    slips: (cast) => [countIn(cast, "minutos"), countIn(cast, "minutos") + 2],
    unit: () => MINUTE,
  }],
  tasks: [[
    "Escreva o caminho em uma frase.",
    "Siga por {@ruas}, vire {no @esquina} e procure {o @destino} em frente " +
    "{ao @vizinho}.",
  ]],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@ana} e {o @guia} ___ na rua",
    verb: "conversou",
    subject: "ambos",
  },
};
