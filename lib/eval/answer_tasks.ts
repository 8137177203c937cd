/**
 * The generative tasks of the Open Portuguese LLM Leaderboard, with its wording,
 * examples and order (eduagarcia/lm-evaluation-harness-pt, commit ca07215):
 * TTL's second table. The published examples are named by id; where a copy of
 * the data has other ids, draw balanced ones.
 *
 * @module
 */
import type { AnswerTask } from "./answer_task.ts";
import { findNamedTask } from "./find_task.ts";

const YES_NO = { kind: "label", labels: ["Sim", "Não"] } as const;
const ANSWER_ONLY = 'Responda apenas com "Sim" ou "Não".';

/** A multiple-choice exam. */
function exam(
  name: string,
  asked: string,
  { letters = "ABCDE", title = "Pergunta", summary, shotIds }: {
    letters?: string;
    title?: string;
    summary: string;
    shotIds: readonly string[];
  },
): AnswerTask {
  const quoted = [...letters].map((letter) => `"${letter}"`);
  return {
    name,
    summary,
    data: "exam",
    description:
      `As perguntas a seguir são questões de múltipla escolha ${asked}, ` +
      "selecione a única alternativa correta e responda apenas com as letras " +
      `${quoted.slice(0, -1).join(", ")} ou ${quoted.at(-1)}.`,
    form: { kind: "letter", letters },
    prompt: ({ question, options }) =>
      `${title}:\n${question}\nAlternativas:\n${options}\nResposta correta:`,
    askedSplits: ["test", "validation", "train"],
    shotSplits: [],
    shots: 3,
    shotIds,
    metric: "acc",
  };
}

/** Examples of both ASSIN2 tasks, by the pair's number in the training part. */
const ASSIN2_EXAMPLES = [
  ...[1, 3251, 2, 3252, 3, 4, 5, 6, 3253, 7, 3254, 3255, 3256, 8, 9, 10, 3257],
  ...[11, 3258, 12, 13, 14, 15, 3259, 3260, 3261, 3262, 3263, 16, 17, 3264, 18],
  ...[3265, 3266, 3267, 19, 20, 3268, 3269, 21, 3270, 3271, 22, 3272, 3273, 23],
  ...[3274, 24, 25, 3275],
].map((pair) => `train/${pair}`);

const TEST = { askedSplits: ["test", "validation"], shotSplits: ["train"] };

/** All generative tasks. */
export const ANSWER_TASKS: readonly AnswerTask[] = [
  exam("enem_challenge", "do Exame Nacional do Ensino Médio (ENEM)", {
    summary: "ENEM: the national exam at the end of school, five choices",
    shotIds: ["2022_21", "2022_88", "2022_143"],
  }),
  exam("bluex", "de provas de vestibular de universidades brasileiras", {
    summary: "BLUEX: entrance exams of USP and UNICAMP, five choices",
    shotIds: [
      ...["USP_2018_3", "UNICAMP_2018_2", "USP_2018_35", "UNICAMP_2018_16"],
      "USP_2018_89",
    ],
  }),
  exam(
    "oab_exams",
    "do Exame de Ordem da Ordem dos Advogados do Brasil (OAB)",
    {
      letters: "ABCD",
      title: "Questão",
      summary: "OAB: the bar exam, four choices",
      shotIds: [1, 11, 13, 23, 26, 28, 38, 48, 58, 68, 76, 83, 85, 91, 99]
        .map((number) => `2010-01_${number}`),
    },
  ),
  {
    name: "assin2_rte",
    summary: "ASSIN2: whether one sentence follows from another",
    data: "pairs",
    description: "Abaixo estão pares de premissa e hipótese. Para cada par, " +
      "indique se a hipótese pode ser inferida a partir da premissa, responda " +
      'apenas com "Sim" ou "Não".',
    form: YES_NO,
    prompt: ({ premise, hypothesis }) =>
      `Premissa: ${premise}\nHipótese: ${hypothesis}\nPergunta: A hipótese ` +
      "pode ser inferida pela premissa? Sim ou Não?\nResposta:",
    ...TEST,
    shots: 15,
    shotIds: ASSIN2_EXAMPLES,
    metric: "f1_macro",
  },
  {
    name: "assin2_sts",
    summary: "ASSIN2: how similar two sentences are, 1 to 5",
    data: "pairs",
    description: "Abaixo estão pares de frases que você deve avaliar o grau " +
      "de similaridade. Dê uma pontuação entre 1,0 e 5,0, sendo 1,0 pouco " +
      "similar e 5,0 muito similar.",
    form: { kind: "number", min: 1, max: 5, fallback: 5 },
    prompt: ({ premise, hypothesis }) =>
      `Frase 1: ${premise}\nFrase 2: ${hypothesis}\nPergunta: Quão similares ` +
      "são as duas frases? Dê uma pontuação entre 1,0 a 5,0.\nResposta:",
    ...TEST,
    shots: 15,
    shotIds: ASSIN2_EXAMPLES,
    metric: "pearson",
  },
  {
    name: "faquad_nli",
    summary: "FaQuAD-NLI: whether a sentence answers a question",
    data: "questions",
    description: "Abaixo estão pares de pergunta e resposta. Para cada par, " +
      "você deve julgar se a resposta responde à pergunta de maneira " +
      "satisfatória e aparenta estar correta. Escreva apenas " +
      '"Sim" ou "Não".',
    form: YES_NO,
    prompt: ({ question, answer }) =>
      `Pergunta: ${question}\nResposta: ${answer}\n` +
      "A resposta dada satisfaz à pergunta? Sim ou Não?",
    ...TEST,
    shots: 15,
    metric: "f1_macro",
  },
  {
    name: "hatebr_offensive",
    summary: "HateBR: whether a comment is offensive",
    data: "texts",
    description: "Abaixo contém o texto de comentários de usuários do " +
      "Instagram em português, sua tarefa é classificar se o texto é ofensivo " +
      `ou não. ${ANSWER_ONLY}`,
    form: YES_NO,
    prompt: ({ text }) =>
      `Texto: ${text}\nPergunta: O texto é ofensivo?\nResposta:`,
    ...TEST,
    shots: 25,
    metric: "f1_macro",
  },
  {
    name: "portuguese_hate_speech",
    summary: "Hate speech in tweets (Fortuna et al., 2019)",
    data: "texts",
    description: "Abaixo contém o texto de tweets de usuários do Twitter em " +
      "português, sua tarefa é classificar se o texto contém discurso de ódio " +
      `ou não. ${ANSWER_ONLY}`,
    form: YES_NO,
    prompt: ({ text }) =>
      `Texto: ${text}\nPergunta: O texto contém discurso de ódio?\nResposta:`,
    ...TEST,
    shots: 25,
    metric: "f1_macro",
  },
];

/**
 * A generative task by name.
 *
 * @throws {ConfigError} naming the nearest
 */
export function findAnswerTask(name: string): AnswerTask {
  return findNamedTask(ANSWER_TASKS, name);
}
