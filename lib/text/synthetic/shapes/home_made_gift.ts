/**
 * Someone has no money for a birthday present and makes one by hand.
 *
 * @module
 */
import { COLOURS, JOY, TRAITS } from "../adjectives.ts";
import { CHILDREN, HOMES, NEIGHBOURS, RELATIVES, sortOf } from "../people.ts";
import { from, hero, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { noun, nouns, phrases, type Term } from "../terms.ts";
import { TREATS } from "../things.ts";

/** What can be made: of what, found where, and how. */
const WORKS: readonly Term[] = ([
  [
    "colar, colares, m",
    "conchas",
    "na praia",
    "{Lavou:heroi} as conchas uma por uma e {passou:heroi} um fio por elas",
  ],
  [
    "cartão, cartões, m",
    "folhas secas",
    "no parque",
    "{Colou:heroi} as folhas num papel e {escreveu:heroi} um poema no meio",
  ],
  [
    "quadro, quadros, m",
    "pedrinhas brancas",
    "na beira do rio",
    "{Pintou:heroi} um céu e {colou:heroi} as pedrinhas no lugar das estrelas",
  ],
  [
    "vaso, vasos, m",
    "cacos de azulejo",
    "no fundo do quintal",
    "{Colou:heroi} os cacos num pote de barro, como se fossem flores",
  ],
  [
    "pulseira, pulseiras, f",
    "sementes vermelhas",
    "na mata",
    "{Furou:heroi} as sementes com cuidado e {fez:heroi} um nó bem firme",
  ],
  [
    "almofada, almofadas, f",
    "retalhos de pano",
    "no armário da costura",
    "{Costurou:heroi} os retalhos e {encheu:heroi} tudo com algodão",
  ],
  [
    "carrinho, carrinhos, m",
    "tampinhas e pedaços de madeira",
    "na garagem",
    "{Lixou:heroi} a madeira e {usou:heroi} as tampinhas como rodas",
  ],
  [
    "boneco, bonecos, m",
    "palha de milho",
    "na roça",
    "{Amarrou:heroi} a palha com barbante e {desenhou:heroi} um rosto risonho",
  ],
  [
    "coroa, coroas, f",
    "flores do campo",
    "no caminho da escola",
    "{Trançou:heroi} as flores com paciência até fechar a roda",
  ],
  [
    "móbile, móbiles, m",
    "gravetos e penas",
    "no galinheiro",
    "{Pendurou:heroi} as penas nos gravetos com linha de costura",
  ],
  [
    "cesta, cestas, f",
    "folhas de bananeira",
    "no sítio",
    "{Trançou:heroi} as folhas e {fez:heroi} uma alça bem forte",
  ],
  [
    "caderno, cadernos, m",
    "papéis usados",
    "na escola",
    "{Costurou:heroi} as folhas e {desenhou:heroi} uma capa com estrelas",
  ],
] as const).map(([row, material, onde, feitura]) =>
  noun(row, { parts: { material, onde, feitura } })
);

/** What little there is in the money box. */
const SAVINGS = phrases(`
  duas moedas
  três moedas
  um botão e uma moeda
  uma nota rasgada
  quatro moedinhas
  um clipe enferrujado
`);

/** What a present is wrapped in. */
const WRAPPINGS = nouns(`
  fita, fitas, f
  laço, laços, m
  papel, papéis, m
  -, fitas, f
`);

/** A present is made by hand. */
export const homeMadeGift: Shape = {
  name: "home-made gift",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    homenageado: from([...RELATIVES, ...CHILDREN]),
    dinheiro: from(SAVINGS),
    conselheiro: from([...RELATIVES, ...NEIGHBOURS]),
    obra: from(WORKS),
    embrulho: from(WRAPPINGS),
    cor: from(COLOURS),
    quitute: from(TREATS),
    bocado: from(TREATS),
    humor: from(JOY),
  },
  title: "(O presente {do @homenageado}|{Um @obra} de presente" +
    "|Feito com as mãos)",
  plot: [
    OPENING,
    "Faltavam (dois|três|quatro|cinco) dias para o aniversário " +
    "{do @homenageado}, e {@heroi} {queria:heroi} dar um presente bonito. " +
    "(Então {abriu:heroi}|{Abriu:heroi}|Por isso {abriu:heroi}) o cofrinho, mas " +
    "só {achou:heroi} {@dinheiro}.",
    "— Com isso não {compro:heroi} nada — {disse:heroi} {@heroi}, " +
    "{desanimado:heroi}.",
    "— (Presente bom é o que se faz com as mãos|Nem tudo precisa ser comprado" +
    "|As mãos também sabem fazer presentes) — (lembrou|respondeu|disse) " +
    "{o @conselheiro}.",
    "(Então|Logo depois,|Nessa hora,) {@heroi} {teve:heroi} uma ideia. " +
    "{Foi:heroi} buscar {$obra.material} {$obra.onde} e {voltou:heroi} com a " +
    "sacola cheia. {$obra.feitura}. Na véspera da festa, {ficou:heroi} " +
    "{acordado:heroi} até tarde para terminar {o @obra}.",
    "(Na festa|No grande dia), havia {@quitute}, {@bocado} e muita música. " +
    "{O @homenageado} tirou {o @embrulho #cor}, abriu o pacote e ficou (sem " +
    "palavras|com os olhos brilhando|de boca aberta).",
    "— (É o presente mais bonito de todos|Nunca ganhei nada tão bonito|Que " +
    "presente lindo)! — disse {o @homenageado}.",
    "{@heroi} {sorriu:heroi}, {#humor:heroi}. (O que se faz com amor não tem " +
    "preço.|E {o @conselheiro}, do outro lado da sala, piscou um olho." +
    "|Naquela casa, ninguém esqueceu essa festa.)",
  ],
  summary:
    "Sem dinheiro para um presente, {@heroi} {fez:heroi} {um @obra} de " +
    "{$obra.material} para o aniversário {do @homenageado}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que {faz:heroi} {um @obra} de presente.",
  questions: [
    {
      kind: "who",
      about: "homenageado",
      ask: "De quem era o aniversário?",
      answer: "{do @homenageado}",
    },
    {
      kind: "what",
      about: "obra",
      ask: "O que {@heroi} {fez:heroi} de presente?",
      answer: "{um @obra}",
    },
    {
      kind: "what",
      about: "obra",
      ask: "Que material {@heroi} {usou:heroi}?",
      answer: "{$obra.material}",
    },
    {
      kind: "where",
      about: "obra",
      ask: "Onde {@heroi} {foi:heroi} buscar o material?",
      answer: "{$obra.onde}",
    },
    {
      kind: "what",
      about: "dinheiro",
      ask: "O que havia no cofrinho?",
      answer: "{@dinheiro}",
    },
    {
      kind: "who",
      about: "conselheiro",
      ask: "Quem deu um conselho {ao @heroi}?",
      answer: "{o @conselheiro}",
    },
    {
      kind: "colour",
      about: "cor",
      ask: "De que cor {era:embrulho} {o @embrulho} do pacote?",
      answer: "{#cor:embrulho}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} se {sentiu:heroi} no fim?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["embrulho", "cor"],
  gap: {
    sentence: "{@heroi} ___ {um @obra} de {$obra.material}",
    verb: "fez",
    subject: "heroi",
  },
};
