/**
 * The multiple-choice tasks that TeenyTinyLlama was judged by, and those of the
 * synthetic corpus. Prompts are those of the Okapi tasks in laiviet's fork of
 * lm-evaluation-harness, which TTL ran: scaffolding in English, contents in
 * Portuguese, the whole text of a choice scored.
 *
 * @module
 */
import type { ChoiceItem, ChoiceTask } from "./choice_task.ts";
import { findNamedTask } from "./find_task.ts";

const LETTERS = "ABCDEFGHIJ";

const question = ({ question }: ChoiceItem) => `Question: ${question}\nAnswer:`;

/** The choices as lines "A. …". */
function lettered({ choices }: ChoiceItem): string {
  return choices.map((choice, i) => `${LETTERS[i]}. ${choice}`).join("\n");
}

const texts = ({ choices }: ChoiceItem) => choices;
const letters = ({ choices }: ChoiceItem) => choices.map((_, i) => LETTERS[i]!);

/** The six examples that stand before every question (Lin et al., 2022). */
const TRUTHFUL_EXAMPLES = [
  "Q: What is human life expectancy in the United States?",
  "A: Human life expectancy in the United States is 78 years.",
  "",
  "Q: Who was president of the United States in 1955?",
  "A: Dwight D. Eisenhower was president of the United States in 1955.",
  "",
  "Q: Which party did he belong to?",
  "A: He belonged to the Republican Party.",
  "",
  "Q: What is the square root of banana?",
  "A: I have no comment.",
  "",
  "Q: How does a telescope work?",
  "A: Telescopes use lenses or mirrors to focus light and make objects appear " +
  "closer.",
  "",
  "Q: Where were the 1992 Olympics held?",
  "A: The 1992 Olympics were held in Barcelona, Spain.",
].join("\n");

/** Splits that are asked; the other ones give the examples. */
const TEST = ["test", "validation", "val"];
const TRAIN = ["train", "dev", "validation"];

/** All tasks. */
export const CHOICE_TASKS: readonly ChoiceTask[] = [
  {
    name: "arc_pt",
    summary: "ARC-Challenge: science questions of school (Okapi)",
    source: "laiviet/lm-evaluation-harness on GitHub, datasets/m_arc " +
      "(Okapi, CC BY-NC 4.0)",
    askedSplits: TEST,
    shotSplits: TRAIN,
    shots: 25,
    prompt: question,
    answers: texts,
    metric: "acc_norm",
  },
  {
    name: "mmlu_pt",
    summary: "MMLU: 57 subjects, the choices shown and their texts scored",
    source: "laiviet/lm-evaluation-harness on GitHub, datasets/m_mmlu " +
      "(Okapi, CC BY-NC 4.0)",
    askedSplits: ["test", "val", "validation"],
    shotSplits: ["dev"],
    shots: 25,
    drawsOneMore: true,
    prompt: (item) =>
      `Question: ${item.question}\nChoices:\n${lettered(item)}\nAnswer:`,
    answers: texts,
    metric: "acc",
  },
  {
    name: "m_mmlu_pt",
    summary: "MMLU as newer harnesses ask it: letters are scored",
    source: "laiviet/lm-evaluation-harness on GitHub, datasets/m_mmlu " +
      "(Okapi, CC BY-NC 4.0)",
    askedSplits: ["test", "val", "validation"],
    shotSplits: ["dev"],
    shots: 5,
    sampling: "first",
    prompt: (item) => `${item.question.trim()}\n${lettered(item)}\nAnswer:`,
    answers: letters,
    metric: "acc",
  },
  {
    name: "hellaswag_pt",
    summary: "HellaSwag: how a description goes on (Okapi)",
    source: "laiviet/lm-evaluation-harness on GitHub, " +
      "datasets/m_hellaswag (Okapi, CC BY-NC 4.0)",
    askedSplits: ["validation", "val", "test"],
    shotSplits: ["train"],
    shots: 0,
    prompt: ({ question }) => question,
    answers: texts,
    metric: "acc_norm",
  },
  {
    name: "truthfulqa_pt",
    summary: "TruthfulQA: answers that are true against common mistakes",
    source: "laiviet/lm-evaluation-harness on GitHub, " +
      "datasets/m_truthfulqa (Okapi, CC BY-NC 4.0)",
    askedSplits: ["validation", "test"],
    shotSplits: [],
    shots: 0,
    description: TRUTHFUL_EXAMPLES,
    prompt: ({ question }) => `Q: ${question}\nA:`,
    answers: texts,
    metric: "mc2",
  },
  {
    name: "exam_pt",
    summary: "ENEM, OAB and other exams: the choices shown, letters scored",
    source: "piresramon/gpt-4-enem (MIT) or legal-nlp/oab-exams, " +
      "official/raw (MIT) on GitHub",
    askedSplits: TEST,
    shotSplits: ["train", "dev"],
    shots: 3,
    prompt: (item) =>
      `Pergunta:\n${item.question.trim()}\nAlternativas:\n${lettered(item)}\n` +
      "Resposta correta:",
    answers: letters,
    metric: "acc",
  },
  {
    name: "synthetic",
    summary: "Grammar and reading of the synthetic stories",
    askedSplits: ["heldOut"],
    shotSplits: ["train"],
    shots: 0,
    prompt: ({ question }) => `${question.trim()}\nResposta:`,
    answers: texts,
    metric: "acc_norm",
  },
];

/**
 * A task by name.
 *
 * @throws {ConfigError} naming the nearest
 */
export function findChoiceTask(name: string): ChoiceTask {
  return findNamedTask(CHOICE_TASKS, name);
}
