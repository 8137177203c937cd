/**
 * One synthetic document of any genre with everything that is known about it:
 * its parts, questions, instructions and multiple-choice items.
 *
 * @module
 */
import type { Random } from "../../util/mod.ts";
import type { TextDocument } from "../text_folder.ts";
import { arithmeticItem } from "./arithmetic.ts";
import { coreferenceItem } from "./coreference.ts";
import { cliticItem, contractionItem } from "./function_words.ts";
import {
  agreementItem,
  conjugationItem,
  pluralItems,
  storyItem,
  sumItem,
  type SyntheticChoice,
} from "./items.ts";
import { drawScene, type Scene, type Shape } from "./shape.ts";
import { fill, type SyntheticDifficulty } from "./template.ts";
import { capitalize } from "./terms.ts";

/** Kinds of text. */
export type SyntheticGenre =
  | "story"
  | "dialogue"
  | "recipe"
  | "news"
  | "letter";

/** A question and its answer. */
export interface SyntheticQuestion {
  readonly question: string;
  readonly answer: string;
}

/** A request and what should be said to it. */
export interface SyntheticInstruction {
  readonly instruction: string;
  readonly response: string;
}

/** A document; `text` is its title, an empty line and its paragraphs. */
export interface SyntheticDocument extends TextDocument {
  /** Number of the document in its split. */
  readonly index: number;
  readonly genre: SyntheticGenre;
  /** Kind of story, letter, …: "lost thing", "thanks", ... */
  readonly shape: string;
  readonly title: string;
  /** What plays which part: `heroi` → "Ana", `cor` → "vermelho". */
  readonly facts: Readonly<Record<string, string>>;
  /** Questions about the text, answered in a few words of it. */
  readonly questions: readonly SyntheticQuestion[];
  /** Requests to write, sum up, answer, and what suits the genre. */
  readonly instructions: readonly SyntheticInstruction[];
  /** Items about the text, the grammar of its words, and beyond it. */
  readonly multipleChoice: readonly SyntheticChoice[];
}

/** What a request calls a text of the genre. */
const GENRE_NAMES: Readonly<Record<SyntheticGenre, string>> = {
  story: "a história",
  dialogue: "o diálogo",
  recipe: "a receita",
  news: "a notícia",
  letter: "a carta",
};

/** What {@linkcode makeDocument} makes. */
export interface DocumentPlan {
  readonly name: string;
  readonly index: number;
  readonly genre: SyntheticGenre;
  readonly shape: Shape;
  readonly random: Random;
  /**
   * Adds the items that stand beside the text (contractions, clitics,
   * coreference, arithmetic) at this difficulty; without it none.
   */
  readonly difficulty?: SyntheticDifficulty;
}

/** Items of every family, whatever the text. */
function itemsBeside(
  { random }: Scene,
  difficulty: SyntheticDifficulty,
): SyntheticChoice[] {
  return [contractionItem, cliticItem, coreferenceItem, arithmeticItem]
    .map((make) => make(random, difficulty));
}

function answerOf({ question, choices, gold }: SyntheticChoice) {
  return { question, answer: `${capitalize(choices[gold]!)}.` };
}

/** Draws a document; how many random words that takes depends on it. */
export function makeDocument(
  { name, index, genre, shape, random, difficulty }: DocumentPlan,
): SyntheticDocument {
  const scene = drawScene(shape, random, difficulty);
  const say = (template: string) => fill(template, scene);
  const title = capitalize(say(shape.title));
  // A paragraph may be told at some difficulties only.
  const paragraphs = shape.plot.map(say).filter((line) => line !== "");
  const text = `${title}\n\n${paragraphs.join("\n")}`;
  const isTold = ({ level = 1 }: { readonly level?: number }) =>
    level <= (difficulty ?? 2);
  const textItems = [
    ...shape.questions.filter(isTold).map((q) => storyItem(q, scene)),
    ...(shape.sums ?? []).filter(isTold).map((sum) => sumItem(sum, scene)),
  ];
  const questions = textItems.map(answerOf);
  const asked = random.pick(questions);
  const noun = GENRE_NAMES[genre];
  return {
    name,
    index,
    genre,
    shape: shape.name,
    title,
    text,
    facts: Object.fromEntries(
      Object.entries(scene.cast).map(([part, term]) => [part, term.text]),
    ),
    questions,
    instructions: [
      { instruction: capitalize(say(shape.prompt)), response: text },
      {
        instruction: `Resuma ${noun} em uma frase.\n\n${text}`,
        response: capitalize(say(shape.summary)),
      },
      {
        instruction: `Leia ${noun} e responda: ${asked.question}\n\n${text}`,
        response: asked.answer,
      },
      ...(shape.tasks ?? []).map(([request, response]) => ({
        instruction: `${capitalize(say(request))}\n\n${text}`,
        response: capitalize(say(response)),
      })),
    ],
    multipleChoice: [
      ...textItems,
      agreementItem(scene),
      ...pluralItems(scene),
      conjugationItem(scene),
      ...(difficulty ? itemsBeside(scene, difficulty) : []),
    ],
  };
}
