/**
 * Someone gets lost, shares the last food with an animal that talks, and is
 * shown the way.
 *
 * @module
 */
import { LOOKS, RELIEF, TRAITS } from "../adjectives.ts";
import { TALKERS } from "../animals.ts";
import { HOMES, RELATIVES, sortOf } from "../people.ts";
import { ERRANDS, OPEN_AIR, SIGNS, WILDS } from "../places.ts";
import { from, hero, HOME_QUESTION, OPENING, type Shape } from "../shape.ts";
import { SNACKS } from "../things.ts";

/** An animal shows the way home. */
export const wayHome: Shape = {
  name: "way home",
  parts: {
    heroi: hero,
    tipo: (random, cast) => random.pick(sortOf(cast.heroi!)),
    jeito: from(TRAITS),
    moradia: from(HOMES),
    mato: from(WILDS),
    busca: from(ERRANDS),
    lanche: from(SNACKS),
    sabio: from(TALKERS),
    aspecto: from(LOOKS),
    sinal: from(SIGNS),
    parente: from(RELATIVES),
    clima: from(OPEN_AIR),
    humor: from(RELIEF),
  },
  title: "(O caminho de casa|{@heroi} {no @mato}|{O @sabio} {do @mato})",
  plot: [
    OPENING,
    "(Um dia|Certa manhã|Num feriado|Nas férias), {@heroi} {entrou:heroi} " +
    "{no @mato} para {@busca}. {@clima} ({@heroi} {andou:heroi} tanto que, quando " +
    "{olhou:heroi} para trás, não {viu:heroi} mais o caminho de casa." +
    "|{@heroi} {virou:heroi} para um lado, {virou:heroi} para o outro e, de repente, já " +
    "não {sabia:heroi} voltar.)",
    "(— {Estou perdido:heroi}! — {disse:heroi} {@heroi}.|— E agora, por onde " +
    "{vou:heroi}? — {perguntou:heroi} {@heroi}.)",
    "{$sabio.onde}, {um @sabio #aspecto} (olhava tudo em silêncio|descansava " +
    "sem pressa). Era {um @sabio} que sabia falar.",
    "— Eu conheço todos os caminhos — disse {o @sabio}. — (Mas estou com tanta " +
    "fome que nem consigo pensar.|Só que não como nada desde ontem.)",
    "{@heroi} {abriu:heroi} a mochila. Só {tinha:heroi} {@lanche}, e a volta " +
    "podia ser longa. Mesmo assim, {deu:heroi} tudo {ao @sabio}.",
    "— (Quem divide nunca se perde|Coração bom acha o caminho|Um favor se paga " +
    "com outro) — disse {o @sabio}. — {Siga:heroi} {@sinal} e não {pare:heroi} " +
    "até ver uma luz.",
    "{@heroi} {agradeceu:heroi} e {seguiu:heroi} {@sinal}. (Antes de escurecer" +
    "|Quando o sol já sumia|Depois de uma longa caminhada), {viu:heroi} a luz " +
    "da própria casa. {O @parente} esperava na porta.",
    "— (Até que enfim|Que susto|Graças a Deus)! — (disse|gritou) " +
    "{o @parente}.",
    "{@heroi} {contou:heroi} tudo e {dormiu:heroi} {#humor:heroi}. No dia " +
    "seguinte, {deixou:heroi} {@lanche} na entrada {do @mato}, com um bilhete: " +
    "“{Obrigado:heroi}!”",
  ],
  summary: "{@heroi} se {perdeu:heroi} {no @mato}, {deu:heroi} o lanche " +
    "a {um @sabio} e {voltou:heroi} para casa seguindo {@sinal}.",
  prompt: "(Escreva|Conte|Invente) uma história (curta|infantil) sobre " +
    "{um @tipo #jeito} que se {perde:heroi} {no @mato}.",
  questions: [
    {
      kind: "where",
      about: "mato",
      ask: "Onde {@heroi} se {perdeu:heroi}?",
      answer: "{no @mato}",
    },
    {
      kind: "how",
      about: "busca",
      ask: "Para que {@heroi} {entrou:heroi} {no @mato}?",
      answer: "para {@busca}",
    },
    {
      kind: "who",
      about: "sabio",
      ask: "Quem ensinou o caminho?",
      answer: "{um @sabio}",
    },
    {
      kind: "what",
      about: "lanche",
      ask: "O que {@heroi} {tinha:heroi} na mochila?",
      answer: "{@lanche}",
    },
    {
      kind: "what",
      about: "sinal",
      ask: "O que {@heroi} {seguiu:heroi} para voltar?",
      answer: "{@sinal}",
    },
    {
      kind: "who",
      about: "parente",
      ask: "Quem esperava na porta?",
      answer: "{o @parente}",
    },
    HOME_QUESTION,
    {
      kind: "feeling",
      about: "humor",
      ask: "Como {@heroi} {dormiu:heroi} naquela noite?",
      answer: "{#humor:heroi}",
    },
  ],
  pair: ["sabio", "aspecto"],
  gap: {
    sentence: "{@heroi} ___ o caminho de casa {no @mato}",
    verb: "perdeu",
    subject: "heroi",
  },
};
