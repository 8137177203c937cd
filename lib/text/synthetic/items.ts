/**
 * Multiple-choice items with known answers: about a story, and about the
 * grammar of its words (agreement, plural, conjugation).
 *
 * @module
 */
import { invariant, type Random } from "../../util/mod.ts";
import { personsOf } from "./agreement.ts";
import { counted } from "./numbers.ts";
import {
  drawPart,
  MAX_TRIES,
  type QuestionKind,
  type QuestionTemplate,
  type Scene,
  type SumTemplate,
} from "./shape.ts";
import { fill } from "./template.ts";
import { formIndex, type Forms, type Term } from "./terms.ts";

/** What an item asks for: something in the story, or grammar. */
export type SyntheticKind =
  | QuestionKind
  | "agreement"
  | "plural"
  | "conjugation"
  | "contraction"
  | "clitic"
  | "coreference"
  | "arithmetic";

/** What an item examines. */
export type SyntheticFamily =
  | "agreement"
  | "coreference"
  | "arithmetic"
  | "comprehension";

/** The family of a kind of item: grammar counts as agreement. */
export function familyOf(kind: SyntheticKind): SyntheticFamily {
  switch (kind) {
    case "agreement":
    case "plural":
    case "conjugation":
    case "contraction":
    case "clitic":
      return "agreement";
    case "coreference":
    case "arithmetic":
      return kind;
    default:
      return "comprehension";
  }
}

/** A question with four choices, one of which is right. */
export interface SyntheticChoice {
  readonly kind: SyntheticKind;
  /** Whether the story must be read to know the answer. */
  readonly needsStory: boolean;
  readonly question: string;
  /** Four different answers. */
  readonly choices: readonly string[];
  /** Index of the right one. */
  readonly gold: number;
}

/** Choices in an item. */
const NUM_CHOICES = 4;

/** The choices in seeded order, and where the right one went. */
export function shuffled(
  right: string,
  wrong: readonly string[],
  random: Random,
): Pick<SyntheticChoice, "choices" | "gold"> {
  const choices = random.shuffle([right, ...wrong]);
  return { choices, gold: choices.indexOf(right) };
}

/**
 * A question about a text. Wrong answers come from drawing its part anew; at
 * difficulty 3 other parts of the text that would fit come first.
 */
export function storyItem(
  { kind, about, ask, answer, rivals = [] }: QuestionTemplate,
  scene: Scene,
): SyntheticChoice {
  const { cast, random, difficulty = 2 } = scene;
  const right = fill(answer, scene);
  const wrong = new Set<string>();
  for (const rival of difficulty === 3 ? rivals : []) {
    const term = cast[rival];
    invariant(term, () => `there is no rival "${rival}"`);
    const choice = fill(answer, { cast: { ...cast, [about]: term }, random });
    if (choice !== right && wrong.size < NUM_CHOICES - 1) wrong.add(choice);
  }
  for (let tries = 0; wrong.size < NUM_CHOICES - 1; tries++) {
    invariant(tries < MAX_TRIES, () => `"${about}" has too few other words`);
    const term = drawPart(about, scene);
    const choice = fill(answer, { cast: { ...cast, [about]: term }, random });
    if (choice !== right) wrong.add(choice);
  }
  return {
    kind,
    needsStory: true,
    question: fill(ask, scene),
    ...shuffled(right, [...wrong], random),
  };
}

const ARTICLE: Forms = ["o", "a", "os", "as"];
/** From one of the four forms to the other gender, and the other number. */
const OTHER_GENDER = [1, 0, 3, 2] as const;
const OTHER_NUMBER = [2, 3, 0, 1] as const;

/** Which spelling has article, noun and adjective agree. */
export function agreementItem(
  { shape, cast, random }: Scene,
): SyntheticChoice {
  const [nounPart, adjectivePart] = shape.pair;
  const noun = cast[nounPart]!, { forms } = cast[adjectivePart]!;
  const right = formIndex(noun.gender, noun.isPlural);
  const write = (article: number, adjective: number) =>
    `${ARTICLE[article]} ${noun.text} ${forms![adjective]}`;
  return {
    kind: "agreement",
    needsStory: false,
    question: "Qual expressão está escrita corretamente?",
    ...pickWrong(write(right, right), [
      write(OTHER_GENDER[right], right),
      write(OTHER_NUMBER[right], right),
      write(right, OTHER_GENDER[right]),
      write(right, OTHER_NUMBER[right]),
      write(OTHER_NUMBER[OTHER_GENDER[right]], right),
    ], random),
  };
}

/** The plural of article, noun and adjective; none for what has no singular. */
export function pluralItems({ shape, cast, random }: Scene): SyntheticChoice[] {
  const [nounPart, adjectivePart] = shape.pair;
  const { text, plural, gender } = cast[nounPart]!;
  const { forms } = cast[adjectivePart]!;
  if (plural === undefined) return [];
  const one = formIndex(gender, false), many = formIndex(gender, true);
  const right = `${ARTICLE[many]} ${plural} ${forms![many]}`;
  return [{
    kind: "plural",
    needsStory: false,
    question: `Qual é o plural de “${ARTICLE[one]} ${text} ${forms![one]}”?`,
    ...pickWrong(right, [
      `${ARTICLE[many]} ${text} ${forms![one]}`,
      `${ARTICLE[many]} ${plural} ${forms![one]}`,
      `${ARTICLE[one]} ${plural} ${forms![many]}`,
      `${ARTICLE[OTHER_GENDER[many]]} ${plural} ${forms![many]}`,
    ], random),
  }];
}

/** Which person of the verb goes with the subject. */
export function conjugationItem(scene: Scene): SyntheticChoice {
  const { sentence, verb, subject } = scene.shape.gap;
  const persons = personsOf(verb);
  invariant(persons, () => `"${verb}" is no form of a verb`);
  const right = persons[scene.cast[subject]!.isPlural ? 3 : 1];
  return {
    kind: "conjugation",
    needsStory: false,
    question: `Que palavra completa a frase “${fill(sentence, scene)}”?`,
    ...pickWrong(right, persons, scene.random),
  };
}

/**
 * Four numbers of a thing in words, the right one and three others: slips
 * first, then near numbers.
 */
export function numberChoices(
  { right, slips, unit }: {
    readonly right: number;
    readonly slips: readonly number[];
    readonly unit: Term;
  },
  random: Random,
): Pick<SyntheticChoice, "choices" | "gold"> {
  invariant(right > 0, () => `an answer of ${right} ${unit.text}`);
  const wrong = new Set(slips.filter((n) => n > 0 && n !== right));
  for (let step = 1; wrong.size < 3; step++) {
    wrong.add(right + step);
    if (right > step) wrong.add(right - step);
  }
  const write = (n: number) => counted(unit, n).text;
  return shuffled(write(right), [...wrong].slice(0, 3).map(write), random);
}

/** A question that is answered by reckoning with numbers of the text. */
export function sumItem(
  { ask, answer, slips, unit }: SumTemplate,
  scene: Scene,
): SyntheticChoice {
  const { cast, random } = scene;
  return {
    kind: "arithmetic",
    needsStory: true,
    question: fill(ask, scene),
    ...numberChoices(
      { right: answer(cast), slips: slips(cast), unit: unit(cast) },
      random,
    ),
  };
}

/** Three of the candidates that differ from the right one, and shuffles. */
function pickWrong(
  right: string,
  candidates: readonly string[],
  random: Random,
): Pick<SyntheticChoice, "choices" | "gold"> {
  const others = new Set(candidates);
  others.delete(right);
  const wrong = random.shuffle([...others]).slice(0, NUM_CHOICES - 1);
  invariant(wrong.length === NUM_CHOICES - 1, () => `"${right}" has no rivals`);
  return shuffled(right, wrong, random);
}
