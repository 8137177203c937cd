/**
 * What a kind of story is made of: which parts there are and how each is drawn,
 * the paragraphs as templates, and questions whose answers are known because
 * the parts are.
 *
 * @module
 */
import { invariant, type Random } from "../../util/mod.ts";
import { CHILDREN } from "./people.ts";
import type { Cast, Telling } from "./template.ts";
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

/** A child, or every fourth time two of them, who are siblings. */
export const hero: Draw = (random) => {
  const first = random.pick(CHILDREN);
  if (random.int(4) > 0) return first;
  let second = first;
  while (second === first) second = random.pick(CHILDREN);
  return together([first, second]);
};

/** One of the corners of a place. */
export function cornerOf(place: string): Draw {
  return (random, cast) => {
    const corners = cast[place]?.corners;
    invariant(corners, () => `part "${place}" has no corners`);
    return random.pick(corners);
  };
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
export function drawScene(shape: Shape, random: Random): Scene {
  const cast: Record<string, Term> = {};
  const scene = { shape, cast, random };
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
