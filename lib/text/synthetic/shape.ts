/**
 * What a kind of story is made of: which parts there are and how each is drawn,
 * the paragraphs as templates, and questions whose answers are known because
 * the parts are.
 *
 * @module
 */
import { invariant, type Random } from "../../util/mod.ts";
import { counted } from "./numbers.ts";
import { CHILDREN } from "./people.ts";
import type { Cast, SyntheticDifficulty, Telling } from "./template.ts";
import { type Term, together } from "./terms.ts";

/** Draws after which a part is taken to have no other words. */
export const MAX_TRIES = 1000;

/** Draws a part, given the parts drawn before it. */
export type Draw = (random: Random, cast: Cast) => Term;

/** What a question asks for. */
export type QuestionKind =
  | "who"
  | "what"
  | "where"
  | "when"
  | "how"
  | "colour"
  | "feeling";

/** A question whose answer is one part of the story. */
export interface QuestionTemplate {
  readonly kind: QuestionKind;
  /** The part that is drawn anew for wrong answers. */
  readonly about: string;
  readonly ask: string;
  readonly answer: string;
  /** Least difficulty at which the text tells the answer (default 1). */
  readonly level?: SyntheticDifficulty;
  /** Other parts that could stand in the answer, for hard items. */
  readonly rivals?: readonly string[];
}

/** A question whose answer follows from numbers in the text. */
export interface SumTemplate {
  readonly ask: string;
  /** Least difficulty at which the text tells the numbers (default 1). */
  readonly level?: SyntheticDifficulty;
  readonly answer: (cast: Cast) => number;
  /** What the usual mistakes would give. */
  readonly slips: (cast: Cast) => readonly number[];
  /** What is counted. */
  readonly unit: (cast: Cast) => Term;
}

/** One kind of story; all texts are templates (see `template.ts`). */
export interface Shape {
  readonly name: string;
  /** Parts in the order in which they are drawn. */
  readonly parts: Readonly<Record<string, Draw>>;
  readonly title: string;
  /** Paragraphs, each line of dialogue one of its own. */
  readonly plot: readonly string[];
  readonly summary: string;
  /** Request that the story answers. */
  readonly prompt: string;
  readonly questions: readonly QuestionTemplate[];
  readonly sums?: readonly SumTemplate[];
  /** Requests that go with this kind of text alone, and their answers. */
  readonly tasks?: readonly (readonly [request: string, response: string])[];
  /** A noun and an adjective of the story, for items on agreement. */
  readonly pair: readonly [noun: string, adjective: string];
  /** A sentence with "___" for its verb, for items on conjugation. */
  readonly gap: {
    readonly sentence: string;
    /** The form with "ele". */
    readonly verb: string;
    readonly subject: string;
  };
}

/** Any one of the words. */
export function from(pool: readonly Term[]): Draw {
  return (random) => random.pick(pool);
}

/** One child. */
export const child: Draw = from(CHILDREN);

function otherChild(first: Term, random: Random): Term {
  let second = first;
  while (second === first) second = random.pick(CHILDREN);
  return second;
}

/** Two children of different names. */
export function twoChildren(random: Random): [Term, Term] {
  const first = random.pick(CHILDREN);
  return [first, otherChild(first, random)];
}

/** A child, or every fourth time two of them, who are siblings. */
export const hero: Draw = (random) => {
  const first = random.pick(CHILDREN);
  if (random.int(4) > 0) return first;
  return together([first, otherChild(first, random)]);
};

/** One of the corners of a place. */
export function cornerOf(place: string): Draw {
  return (random, cast) => {
    const corners = cast[place]?.corners;
    invariant(corners, () => `part "${place}" has no corners`);
    return random.pick(corners);
  };
}

/** So many of a thing, low to high. */
export function countFrom(thing: Term, low: number, high: number): Draw {
  return (random) => counted(thing, low + random.int(high - low + 1));
}

/** The number of a part drawn by {@linkcode countFrom}. */
export function countIn(cast: Cast, part: string): number {
  const count = cast[part]?.count;
  invariant(count !== undefined, () => `part "${part}" counts nothing`);
  return count;
}

/** Several parts as one group, which has no name of its own. */
export function groupOf(...parts: readonly string[]): Draw {
  return (_, cast) => ({
    ...together(parts.map((part) => cast[part]!)),
    names: [],
  });
}

/** A story in the making. */
export interface Scene extends Telling {
  readonly shape: Shape;
}

/**
 * Draws a part again and again until it shares no name with the others, nor
 * with what the part was before.
 */
export function drawPart(part: string, { shape, cast, random }: Scene): Term {
  const others = Object.values(cast);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const term = shape.parts[part]!(random, cast);
    const isFree = term.names.every((name) =>
      others.every(({ names }) => !names.includes(name))
    );
    if (isFree) return term;
  }
  throw new Error(`Internal: part "${part}" finds no word that is free`);
}

/** A scene with all its parts drawn. */
export function drawScene(
  shape: Shape,
  random: Random,
  difficulty?: SyntheticDifficulty,
): Scene {
  const cast: Record<string, Term> = {};
  const scene = { shape, cast, random, ...(difficulty && { difficulty }) };
  for (const part of Object.keys(shape.parts)) {
    cast[part] = drawPart(part, scene);
  }
  return scene;
}

/** How stories about children begin: who they are and where they live. */
export const OPENING =
  "(Era uma vez {um @tipo #jeito} que se {chamava:heroi} {@heroi} e " +
  "{morava:heroi} {@moradia}." +
  "|{@heroi} {era:heroi} {um @tipo #jeito} que {morava:heroi} {@moradia}." +
  "|Há muito tempo, {@moradia}, {vivia:heroi} {um @tipo #jeito} que se " +
  "{chamava:heroi} {@heroi}.)";

/** The question that every story with {@linkcode OPENING} answers. */
export const HOME_QUESTION: QuestionTemplate = {
  kind: "where",
  about: "moradia",
  ask: "Onde {@heroi} {morava:heroi}?",
  answer: "{@moradia}",
};
