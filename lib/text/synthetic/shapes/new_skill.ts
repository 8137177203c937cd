/**
 * Someone wants to learn something, fails, gets advice, practises and succeeds.
 *
 * @module
 */
import { JOY, TRAITS } from "../adjectives.ts";
import { CHILDREN, HOMES, NEIGHBOURS, RELATIVES, sortOf } from "../people.ts";
import { SPANS } from "../places.ts";
import { from, hero, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { phrase, type Term } from "../terms.ts";

/** What can be learned: how it fails, the advice, how it succeeds. */
const SKILLS: readonly Term[] = ([
  [
    "andar de bicicleta",
    "{Perdeu:heroi} o equilíbrio e {caiu:heroi} na grama",
    "{Olhe:heroi} para a frente e {pedale:heroi} sem parar",
    "{deu:heroi} uma volta inteira na praça sem cair",
  ],
  [
    "nadar",
    "{Engoliu:heroi} água e {voltou:heroi} tossindo para a beira",
    "{Bata:heroi} os pés e {respire:heroi} devagar",
    "{atravessou:heroi} a piscina de um lado ao outro",
  ],
  [
    "soltar pipa",
    "A pipa ficou presa nos galhos de uma árvore",
    "{Espere:heroi} o vento e {solte:heroi} a linha aos poucos",
    "{viu:heroi} a pipa subir até quase tocar as nuvens",
  ],
  [
    "tocar violão",
    "As notas saíram todas trocadas",
    "{Comece:heroi} com uma música curta e {repita:heroi} cada parte",
    "{tocou:heroi} uma música inteira sem errar",
  ],
  [
    "fazer pão",
    "O pão ficou duro como pedra",
    "{Deixe:heroi} a massa descansar antes de assar",
    "{tirou:heroi} do forno um pão dourado e macio",
  ],
  [
    "pular corda",
    "{Tropeçou:heroi} na corda três vezes",
    "{Conte:heroi} até três e só depois {pule:heroi}",
    "{pulou:heroi} vinte vezes seguidas",
  ],
  [
    "desenhar cavalos",
    "O cavalo parecia um cachorro de pescoço comprido",
    "{Desenhe:heroi} primeiro as formas grandes e depois os detalhes",
    "{fez:heroi} um cavalo que parecia sair galopando do papel",
  ],
  [
    "jogar xadrez",
    "{Perdeu:heroi} a partida em cinco minutos",
    "{Pense:heroi} duas vezes antes de mover cada peça",
    "{venceu:heroi} a primeira partida",
  ],
  [
    "assobiar",
    "Só saiu vento, sem nenhum som",
    "{Molhe:heroi} os lábios e {sopre:heroi} com calma",
    "{assobiou:heroi} uma melodia inteira",
  ],
  [
    "patinar",
    "{Escorregou:heroi} e {caiu:heroi} de joelhos no chão",
    "{Dobre:heroi} um pouco as pernas e não {olhe:heroi} para os pés",
    "{deu:heroi} a volta na quadra sem segurar em ninguém",
  ],
  [
    "dançar frevo",
    "{Trocou:heroi} os pés e quase {quebrou:heroi} a sombrinha",
    "{Escute:heroi} a música antes de mover os pés",
    "{dançou:heroi} até o fim da música",
  ],
  [
    "remar",
    "O barco só girou em círculos",
    "{Puxe:heroi} os dois remos ao mesmo tempo",
    "{levou:heroi} o barco em linha reta até a outra margem",
  ],
  [
    "costurar",
    "A linha se embaraçou toda",
    "{Faça:heroi} pontos pequenos e não {tenha:heroi} pressa",
    "{fez:heroi} uma bolsa com dois bolsos",
  ],
  [
    "ler em voz alta",
    "{Trocou:heroi} as letras e {perdeu:heroi} a linha",
    "{Leia:heroi} devagar, uma frase de cada vez",
    "{leu:heroi} uma página inteira para a família",
  ],
  [
    "montar a cavalo",
    "O cavalo não saiu do lugar",
    "{Segure:heroi} a rédea com firmeza e {fale:heroi} baixinho com o cavalo",
    "{passeou:heroi} pelo pasto até o pôr do sol",
  ],
  [
    "jogar peteca",
    "A peteca caiu no telhado",
    "{Abra:heroi} bem a mão e {siga:heroi} a peteca com os olhos",
    "{jogou:heroi} dez minutos sem deixar a peteca cair",
  ],
] as const).map(([text, falha, conselho, sucesso]) =>
  phrase(text, { parts: { falha, conselho, sucesso } })
);

/** Something is learned after failing. */
export const newSkill: Shape = {
  name: "new skill",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    saber: from(SKILLS),
    mestre: from([...RELATIVES, ...NEIGHBOURS, ...CHILDREN]),
    prazo: from(SPANS),
    humor: from(JOY),
  },
  title: "(Aprender a {@saber}|O sonho {do @heroi}|Mais uma vez!)",
  plot: [
    OPENING + " (O maior sonho {dele:heroi} era aprender a {@saber}." +
    "|{Ele:heroi} {queria:heroi} muito aprender a {@saber}." +
    "|Fazia tempo que {queria:heroi} aprender a {@saber}.)",
    "(Um dia|Num domingo|Certa tarde|Nas férias), {resolveu:heroi} tentar " +
    "por conta própria. {$saber.falha}. {Tentou:heroi} outra vez, e " +
    "outra, e nada. (Por isso {ficou:heroi} tão {triste:heroi} que quase " +
    "{desistiu:heroi}.|{Sentiu:heroi} tanta vergonha que {quis:heroi} desistir.)",
    "(Foi então que|Nessa hora,|Por sorte,) {$mestre.chegada} chegou perto.",
    "— (Ninguém nasce sabendo|Quem erra também aprende|Devagar se vai ao longe)" +
    " — disse {o @mestre}. — {$saber.conselho}.",
    "— E se der errado (de novo|outra vez)? — {perguntou:heroi} {@heroi}.",
    "— Então {tente:heroi} mais uma vez(. É assim que se aprende|, e depois " +
    "mais outra).",
    "{@heroi} {ouviu:heroi} com atenção e {treinou:heroi} {@prazo}. (Não foi " +
    "fácil|Deu trabalho|Cansava um pouco), mas {ele:heroi} não {parou:heroi}.",
    "(Até que, numa manhã de sol,|Por fim, num sábado,|E então, num belo dia,) " +
    "{$saber.sucesso}!",
    "— {Consegui:heroi}! — {gritou:heroi} {@heroi}, {#humor:heroi}.",
    "{O @mestre} bateu palmas. (Desde então|Daquele dia em diante), (quando " +
    "alguém queria desistir de alguma coisa, {@heroi} {contava:heroi} essa " +
    "história|{@heroi} nunca mais {teve:heroi} medo de errar|sempre que uma " +
    "coisa parecia difícil, {@heroi} {respirava:heroi} fundo e {tentava:heroi} " +
    "de novo).",
  ],
  summary: "{@heroi} {queria:heroi} aprender a {@saber}, {recebeu:heroi} um " +
    "conselho {do @mestre}, {treinou:heroi} {@prazo} e {conseguiu:heroi}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que {quer:heroi} aprender a {@saber}.",
  questions: [
    {
      kind: "what",
      about: "saber",
      ask: "O que {@heroi} {queria:heroi} aprender?",
      answer: "a {@saber}",
    },
    {
      kind: "who",
      about: "mestre",
      ask: "Quem deu um conselho {ao @heroi}?",
      answer: "{o @mestre}",
    },
    {
      kind: "how",
      about: "saber",
      ask: "Qual foi o conselho {do @mestre}?",
      answer: "{$saber.conselho}",
    },
    {
      kind: "what",
      about: "saber",
      ask: "O que aconteceu na primeira tentativa?",
      answer: "{$saber.falha}",
    },
    {
      kind: "when",
      about: "prazo",
      ask: "Por quanto tempo {@heroi} {treinou:heroi}?",
      answer: "{@prazo}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} {ficou:heroi} no fim?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["tipo", "jeito"],
  gap: {
    sentence: "{@heroi} ___ aprender a {@saber}",
    verb: "decidiu",
    subject: "heroi",
  },
};
