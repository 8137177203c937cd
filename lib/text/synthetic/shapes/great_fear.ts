/**
 * Someone is afraid of something and, with help, looks at it closely.
 *
 * @module
 */
import { RELIEF, TRAITS } from "../adjectives.ts";
import { CHILDREN, HOMES, RELATIVES, sortOf } from "../people.ts";
import { child, from, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { phrase, type Term } from "../terms.ts";

/** Fears: when it came, what the helper did, what was found out. */
const FEARS: readonly Term[] = ([
  [
    "do escuro",
    "Uma noite, a luz acabou e a casa inteira ficou escura",
    "acendeu uma vela e iluminou cada canto do quarto",
    "a sombra na parede era só um casaco pendurado",
  ],
  [
    "de trovão",
    "Uma noite, o céu roncou tão forte que as janelas tremeram",
    "contou em voz alta os segundos entre o raio e o trovão",
    "a tempestade estava cada vez mais longe",
  ],
  [
    "de cachorro",
    "Um dia, um cachorro enorme parou bem no meio do caminho",
    "estendeu a mão devagar e fez carinho na cabeça do animal",
    "o cachorro só queria brincar",
  ],
  [
    "de altura",
    "Um dia, a turma inteira subiu no mirante, e só faltava uma pessoa",
    "subiu junto, um degrau de cada vez",
    "lá de cima dava para ver até o mar",
  ],
  [
    "de água funda",
    "Um dia, todos pularam na lagoa, e só uma pessoa ficou na margem",
    "entrou na lagoa devagar, sem soltar a mão {dele:heroi}",
    "a água batia só na cintura",
  ],
  [
    "de falar em público",
    "Um dia, chegou a hora de ler um poema na festa da escola",
    "sentou na primeira fila e fez um sinal com a cabeça",
    "a plateia inteira sorria",
  ],
  [
    "do dentista",
    "Um dia, um dente começou a doer",
    "foi junto e segurou a mão {dele:heroi} o tempo todo",
    "o dentista contava piadas e nada doía",
  ],
  [
    "do sótão",
    "Uma noite, um barulho estranho veio do sótão",
    "pegou uma lanterna e subiu a escada na frente",
    "o barulho vinha de um gato brincando com uma bolinha",
  ],
  [
    "de aranha",
    "Uma noite, uma aranha desceu do teto bem em cima da cama",
    "pegou a aranha com um copo e um papel",
    "a aranha era menor do que um botão",
  ],
  [
    "do mar",
    "Um dia, uma onda enorme molhou todas as toalhas",
    "sentou na areia molhada, onde a água chegava bem mansinha",
    "as ondas pequenas faziam cócegas nos pés",
  ],
  [
    "de palhaço",
    "Um dia, um palhaço de nariz vermelho apareceu na porta da escola",
    "apertou a mão do palhaço e pediu para ver a maquiagem",
    "o palhaço era o carteiro da rua",
  ],
  [
    "de ficar sem a família",
    "Um dia, chegou a hora do primeiro acampamento da escola",
    "colocou um bilhete carinhoso no bolso da mochila",
    "a saudade cabia dentro de um bolso",
  ],
] as const).map(([text, cena, ajuda, descoberta]) =>
  phrase(text, { parts: { cena, ajuda, descoberta } })
);

/** A fear is looked at closely. */
export const greatFear: Shape = {
  name: "great fear",
  parts: {
    heroi: child,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    medo: from(FEARS),
    ajudante: from([...RELATIVES, ...CHILDREN]),
    humor: from(RELIEF),
  },
  title: "(O medo {do @heroi}|A coragem {do @heroi}|{@heroi} e o medo)",
  plot: [
    OPENING + " Só uma coisa {o:heroi} assustava: {ele:heroi} tinha medo " +
    "{@medo}.",
    "{$medo.cena}. (Por sorte|Felizmente), {$ajudante.chegada} estava por " +
    "perto.",
    "— (Eu não consigo|Não posso|Isso não é para mim)! — " +
    "(disse|exclamou|repetiu) {@heroi}, com a voz trêmula.",
    "— (Ter coragem não é viver sem medo|Todo mundo tem medo de alguma coisa" +
    "|Medo não é vergonha) — (disse|respondeu) {o @ajudante}. — (Coragem é ir " +
    "em frente com medo mesmo.|Um passo de cada vez.|Conte comigo.)",
    "Então {o @ajudante} {$medo.ajuda}. {@heroi} (respirou fundo|contou até " +
    "três|criou coragem), abriu bem os olhos e {descobriu:heroi} uma coisa: " +
    "{$medo.descoberta}.",
    "— Era só isso? — perguntou {@heroi}, e {riu:heroi} alto.",
    "— Quase sempre é só isso — respondeu {o @ajudante}.",
    "Naquela noite, {@heroi} dormiu {#humor:heroi}. O medo ainda voltava de " +
    "vez em quando, mas agora ({ele:heroi} {sabia:heroi} o que fazer" +
    "|{ele:heroi} {podia:heroi} falar sobre isso|já não mandava em ninguém).",
  ],
  summary: "{@heroi} tinha medo {@medo}, mas, com a ajuda {do @ajudante}, " +
    "descobriu que {$medo.descoberta}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que tem medo {@medo}.",
  questions: [
    {
      kind: "what",
      about: "medo",
      ask: "De que {@heroi} tinha medo?",
      answer: "{@medo}",
    },
    {
      kind: "who",
      about: "ajudante",
      ask: "Quem ajudou {@heroi}?",
      answer: "{o @ajudante}",
    },
    {
      kind: "how",
      about: "medo",
      ask: "O que {o @ajudante} fez para ajudar?",
      answer: "{$medo.ajuda}",
    },
    {
      kind: "what",
      about: "medo",
      ask: "O que {@heroi} descobriu?",
      answer: "que {$medo.descoberta}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} dormiu naquela noite?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@heroi} ___ o medo {@medo}",
    verb: "venceu",
    subject: "heroi",
  },
};
