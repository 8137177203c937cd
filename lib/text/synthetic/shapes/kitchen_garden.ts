/**
 * Someone sows, meets a plague, finds a remedy and shares the harvest.
 *
 * @module
 */
import { JOY, TRAITS } from "../adjectives.ts";
import { AMBIENCES } from "../places.ts";
import { HOMES, NEIGHBOURS, RELATIVES, sortOf } from "../people.ts";
import { from, hero, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { noun, phrase, phrases, type Term } from "../terms.ts";

/** What grows, and the dish that is made of it. */
const CROPS: readonly Term[] = ([
  ["tomate, tomates, m", "um molho cheiroso"],
  ["abóbora, abóboras, f", "um doce com coco"],
  ["cenoura, cenouras, f", "um bolo fofinho"],
  ["melancia, melancias, f", "um sorvete"],
  ["pimentão, pimentões, m", "uma farofa colorida"],
  ["quiabo, quiabos, m", "um caruru"],
  ["melão, melões, m", "uma salada de frutas"],
  ["maracujá, maracujás, m", "uma musse"],
  ["beterraba, beterrabas, f", "uma sopa cor-de-rosa"],
  ["pepino, pepinos, m", "uma salada fresca"],
  ["berinjela, berinjelas, f", "uma lasanha"],
  ["rabanete, rabanetes, m", "uma conserva"],
  ["girassol, girassóis, m", "um pão de sementes"],
] as const).map(([row, prato]) => noun(row, { parts: { prato } }));

/** What goes wrong, the remedy that somebody names, and how it is done. */
const PLAGUES: readonly Term[] = ([
  [
    "a chuva não vinha",
    "A água do poço também serve",
    "{Levou:heroi} água do poço todas as manhãs, num balde pequeno",
  ],
  [
    "as formigas cortavam as folhas",
    "Formiga não gosta de casca de laranja",
    "{Espalhou:heroi} cascas de laranja em volta do canteiro",
  ],
  [
    "as galinhas ciscavam na terra",
    "Uma cerca baixa já resolve",
    "{Fez:heroi} uma cerca de bambu em volta do canteiro",
  ],
  [
    "o sol queimava as folhas novas",
    "Planta nova precisa de sombra",
    "{Cobriu:heroi} o canteiro com folhas de bananeira",
  ],
  [
    "o vento derrubava as plantas",
    "Toda planta gosta de um apoio",
    "{Amarrou:heroi} cada planta numa vareta firme",
  ],
  [
    "os passarinhos comiam os brotos",
    "Passarinho respeita espantalho",
    "{Montou:heroi} um espantalho com um chapéu velho",
  ],
  [
    "o mato crescia mais do que as plantas",
    "É só tirar um pouco por dia",
    "{Tirou:heroi} o mato com as mãos, um pouco por dia",
  ],
  [
    "a terra estava dura e seca",
    "Terra cansada pede folha velha",
    "{Juntou:heroi} folhas e restos de fruta para alimentar a terra",
  ],
] as const).map(([text, conselho, remedio]) =>
  phrase(text, { parts: { conselho, remedio } })
);

/** With whom the harvest is shared. */
const GUESTS: readonly Term[] = [
  ...phrases(`
    a turma da escola
    a família toda
    o time de futebol
    o grupo de teatro
  `),
  ...phrases(`
    os vizinhos
    os colegas do coral
    os amigos da natação
    os músicos da banda
  `).map((guests) => ({ ...guests, isPlural: true })),
];

/** A garden is sown and the harvest shared. */
export const kitchenGarden: Shape = {
  name: "kitchen garden",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    doador: from([...RELATIVES, ...NEIGHBOURS]),
    planta: from(CROPS),
    praga: from(PLAGUES),
    conselheiro: from([...RELATIVES, ...NEIGHBOURS]),
    convidados: from(GUESTS),
    clima: from(AMBIENCES),
    humor: from(JOY),
  },
  title: "(A horta {do @heroi}|Sementes de {@planta}|O canteiro)",
  plot: [
    OPENING + " (Um dia|Na primavera|No começo do ano), {ganhou:heroi} " +
    "{do @doador} um saquinho de sementes de {@planta}.",
    "{Cavou:heroi} a terra, {plantou:heroi} as sementes e {regou:heroi} tudo " +
    "com cuidado. {@clima} (Todos os dias|Toda manhã|Depois da escola), " +
    "{@heroi} {ia:heroi} olhar o canteiro. (Uma semana|Dez dias) depois, apareceram as " +
    "primeiras folhas.",
    "(Mas logo|Porém, um dia,|Só que, pouco depois,) surgiu um problema: " +
    "{@praga}.",
    "— (E agora|O que fazer|Será que não tem jeito)? — {perguntou:heroi} " +
    "{@heroi}, {preocupado:heroi}.",
    "— {$praga.conselho} — (ensinou|explicou|disse) {o @conselheiro}.",
    "{@heroi} {entendeu:heroi} o recado. {$praga.remedio}. Deu trabalho, mas " +
    "não {desistiu:heroi}.",
    "(Meses depois|No fim do verão|Quando chegou a hora), o canteiro estava " +
    "cheio de {@planta+}. {O @planta+} {era o:planta+} mais {bonito:planta+} " +
    "(da rua|do bairro|da região).",
    "— Deu certo! — {disse:heroi} {@heroi}, {#humor:heroi}. — {Vou:heroi} " +
    "dividir tudo.",
    "{@heroi} {colheu:heroi} {o @planta+}, {o @conselheiro} fez " +
    "{$planta.prato}, e {@convidados} {veio:convidados} comer. (Quem planta e " +
    "divide colhe duas vezes.|Foi o melhor domingo do ano.|No ano seguinte, a " +
    "horta ficou duas vezes maior.)",
  ],
  summary:
    "{@heroi} {plantou:heroi} sementes de {@planta}, {resolveu:heroi} um " +
    "problema com a ajuda {do @conselheiro} e {dividiu:heroi} a colheita com " +
    "{@convidados}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que {planta:heroi} sementes de {@planta}.",
  questions: [
    {
      kind: "what",
      about: "planta",
      ask: "O que {@heroi} {plantou:heroi}?",
      answer: "sementes de {@planta}",
    },
    {
      kind: "who",
      about: "doador",
      ask: "Quem deu as sementes {ao @heroi}?",
      answer: "{o @doador}",
    },
    {
      kind: "what",
      about: "praga",
      ask: "Que problema surgiu na horta?",
      answer: "{@praga}",
    },
    {
      kind: "how",
      about: "praga",
      ask: "O que {@heroi} {fez:heroi} para resolver o problema?",
      answer: "{$praga.remedio}",
    },
    {
      kind: "who",
      about: "conselheiro",
      ask: "Quem ensinou o que fazer?",
      answer: "{o @conselheiro}",
    },
    {
      kind: "what",
      about: "planta",
      ask: "O que {o @conselheiro} fez com a colheita?",
      answer: "{$planta.prato}",
    },
    {
      kind: "who",
      about: "convidados",
      ask: "Quem comeu o que {o @conselheiro} preparou?",
      answer: "{@convidados}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} {ficou:heroi} com a colheita?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@heroi} ___ sementes de {@planta}",
    verb: "plantou",
    subject: "heroi",
  },
};
