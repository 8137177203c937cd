/**
 * The generative tasks of the Open Portuguese LLM Leaderboard, with its wording,
 * examples and order (eduagarcia/lm-evaluation-harness-pt, commit ca07215):
 * TTL's second table. The published examples are named by id; where a copy of
 * the data has other ids, draw balanced ones (HateBR, the hate speech and
 * FaQuAD-NLI do so by themselves).
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
  { letters = "ABCDE", title = "Pergunta", summary, source, shotIds }: {
    letters?: string;
    title?: string;
    summary: string;
    source: string;
    shotIds: readonly string[];
  },
): AnswerTask {
  const quoted = [...letters].map((letter) => `"${letter}"`);
  return {
    name,
    summary,
    source,
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

/** Examples by the place in the leaderboard's copy of the data. */
const places = (...numbers: number[]) => numbers.map((n) => `idx/${n}`);

const HATEBR_EXAMPLES = places(
  ...[48, 44, 36, 20, 3511, 88, 3555, 16, 56, 3535, 60, 40, 3527, 4, 76, 3579],
  ...[3523, 3551, 68, 3503, 84, 3539, 64, 3599, 80, 3563, 3559, 3543, 3547],
  ...[3587, 3595, 3575, 3567, 3591, 24, 96, 92, 3507, 52, 72, 8, 3571, 3515],
  ...[3519, 3531, 28, 32, 0, 12, 3583],
);

const HATE_SPEECH_EXAMPLES = places(
  ...[52, 50, 39, 28, 3, 105, 22, 25, 60, 11, 66, 41, 9, 4, 91, 42, 7, 20, 76],
  ...[1, 104, 13, 67, 54, 97, 27, 24, 14, 16, 48, 53, 40, 34, 49, 32, 119, 114],
  ...[2, 58, 83, 18, 36, 5, 6, 10, 35, 38, 0, 21, 46],
);

/** Rows of FaQuAD-NLI's training part. */
const FAQUAD_EXAMPLES = [
  ...[1893, 949, 663, 105, 1169, 2910, 2227, 2813, 974, 558, 1503, 1958, 2918],
  ...[601, 1560, 984, 2388, 995, 2233, 1982, 165, 2788, 1312, 2285, 522, 1113],
  ...[1670, 323, 236, 1263, 1562, 2519, 1049, 432, 1167, 1394, 2022, 2551],
  ...[2194, 2187, 2282, 2816, 108, 301, 1185, 1315, 1420, 2436, 2322, 766],
];

/** What TweetSentBR calls its labels, in words and in numbers. */
const SENTIMENTS = {
  ...{ positive: "Positivo", positivo: "Positivo", "1": "Positivo" },
  ...{ neutral: "Neutro", neutro: "Neutro", "0": "Neutro" },
  ...{ negative: "Negativo", negativo: "Negativo", "-1": "Negativo" },
};

const TEST = { askedSplits: ["test", "validation"], shotSplits: ["train"] };

/** All generative tasks. */
export const ANSWER_TASKS: readonly AnswerTask[] = [
  exam("enem_challenge", "do Exame Nacional do Ensino Médio (ENEM)", {
    summary: "ENEM: the national exam at the end of school, five choices",
    source: "piresramon/gpt-4-enem (MIT) or yunger7/enem-api (GPL-2.0) " +
      "on GitHub",
    shotIds: ["2022_21", "2022_88", "2022_143"],
  }),
  exam("bluex", "de provas de vestibular de universidades brasileiras", {
    summary: "BLUEX: entrance exams of USP and UNICAMP, five choices",
    source: "Portuguese-Benchmark-Datasets/BLUEX on GitHub",
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
      source: "legal-nlp/oab-exams on GitHub, official/raw (MIT)",
      shotIds: [1, 11, 13, 23, 26, 28, 38, 48, 58, 68, 76, 83, 85, 91, 99]
        .map((number) => `2010-01_${number}`),
    },
  ),
  {
    name: "assin2_rte",
    summary: "ASSIN2: whether one sentence follows from another",
    source: "unicamp-dl/PTT5 on GitHub, assin/assin_data (for research)",
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
    source: "unicamp-dl/PTT5 on GitHub, assin/assin_data (for research)",
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
    source: "ruanchaves/faquad-nli on Hugging Face, or liafacom/faquad " +
      "on GitHub (CC BY 4.0)",
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
    shotPlaces: FAQUAD_EXAMPLES,
    mayDraw: true,
    metric: "f1_macro",
  },
  {
    name: "hatebr_offensive",
    summary: "HateBR: whether a comment is offensive",
    source: "franciellevargas/HateBR on GitHub (CC BY-NC 4.0)",
    data: "texts",
    description: "Abaixo contém o texto de comentários de usuários do " +
      "Instagram em português, sua tarefa é classificar se o texto é ofensivo " +
      `ou não. ${ANSWER_ONLY}`,
    form: YES_NO,
    prompt: ({ text }) =>
      `Texto: ${text}\nPergunta: O texto é ofensivo?\nResposta:`,
    ...TEST,
    shots: 25,
    shotIds: HATEBR_EXAMPLES,
    mayDraw: true,
    metric: "f1_macro",
  },
  {
    name: "portuguese_hate_speech",
    summary: "Hate speech in tweets (Fortuna et al., 2019)",
    source: "paulafortuna on GitHub (no licence)",
    data: "texts",
    description: "Abaixo contém o texto de tweets de usuários do Twitter em " +
      "português, sua tarefa é classificar se o texto contém discurso de ódio " +
      `ou não. ${ANSWER_ONLY}`,
    form: YES_NO,
    prompt: ({ text }) =>
      `Texto: ${text}\nPergunta: O texto contém discurso de ódio?\nResposta:`,
    ...TEST,
    shots: 25,
    shotIds: HATE_SPEECH_EXAMPLES,
    mayDraw: true,
    metric: "f1_macro",
  },
  {
    name: "tweetsentbr",
    summary: "TweetSentBR: what a tweet about television feels",
    source: "eduagarcia/tweetsentbr_fewshot on Hugging Face",
    data: "texts",
    labelNames: SENTIMENTS,
    description: "Abaixo contém o texto de tweets de usuários do Twitter em " +
      "português, sua tarefa é classificar se o sentimento do texto é Positivo, " +
      "Neutro ou Negativo. Responda apenas com uma das opções.",
    form: { kind: "label", labels: ["Positivo", "Neutro", "Negativo"] },
    prompt: ({ text }) =>
      `Texto: ${text}\nPergunta: O sentimento do texto é Positivo, Neutro ou ` +
      "Negativo?\nResposta:",
    ...TEST,
    shots: 25,
    sampling: "first",
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
