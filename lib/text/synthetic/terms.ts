/**
 * Words of the synthetic corpus with what Portuguese grammar asks of them:
 * gender, number, whether an article goes with them, the four forms of an
 * adjective.
 *
 * @module
 */
import { invariant } from "../../util/mod.ts";

/** Masculine or feminine. */
export type Gender = "m" | "f";

/** Masculine and feminine singular, masculine and feminine plural. */
export type Forms = readonly [string, string, string, string];

/** Whatever plays a part in a story: a person, a thing, a colour, a phrase. */
export interface Term {
  /** Word or phrase without an article: "bola", "Ana e Pedro". */
  readonly text: string;
  readonly gender: Gender;
  readonly isPlural: boolean;
  /** Plural of a noun in the singular. */
  readonly plural?: string;
  /** Whether "o" goes with it; a person's name stands without. */
  readonly hasArticle: boolean;
  /** Two people: "um" becomes "dois". */
  readonly isPair?: boolean;
  /** Forms of an adjective; absent for a noun or phrase. */
  readonly forms?: Forms;
  /** Names inside, so that no two parts of a story share one. */
  readonly names: readonly string[];
  /** Templates that belong to the word: what one does there, its cure. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Corners of a place, where a thing may lie. */
  readonly corners?: readonly Term[];
  /** How many, of a counted thing: "duas bolas" has 2. */
  readonly count?: number;
}

/** What a word brings along, see {@linkcode Term}. */
export type Extras = Pick<Term, "parts" | "corners">;

/**
 * A noun from "singular, plural, gender", or from "-, plural, gender" for a
 * thing that comes in pairs.
 */
export function noun(row: string, extras: Extras = {}): Term {
  const [singular, plural, gender] = row.trim().split(", ");
  invariant(
    plural && (gender === "m" || gender === "f"),
    () => `noun "${row}" is not "singular, plural, gender"`,
  );
  const isPlural = singular === "-";
  const text = isPlural ? plural : singular!;
  return {
    text,
    ...(isPlural ? {} : { plural }),
    gender,
    isPlural,
    hasArticle: true,
    names: [text],
    ...extras,
  };
}

/** Nouns, one a line; see {@linkcode noun}. */
export function nouns(table: string): Term[] {
  return table.trim().split("\n").map((row) => noun(row));
}

/** A phrase that is put in as it stands: "numa casa perto do rio". */
export function phrase(text: string, extras: Extras = {}): Term {
  return {
    text,
    gender: "m",
    isPlural: false,
    hasArticle: false,
    names: [text],
    ...extras,
  };
}

/** Phrases, one a line. */
export function phrases(table: string): Term[] {
  return table.trim().split("\n").map((line) => phrase(line.trim()));
}

/** An adjective as a term. */
export function adjectiveTerm(forms: Forms): Term {
  return { ...phrase(forms[0]), forms };
}

/** Which of the four forms agrees: 0 ms, 1 fs, 2 mp, 3 fp. */
export function formIndex(gender: Gender, isPlural: boolean): 0 | 1 | 2 | 3 {
  if (isPlural) return gender === "m" ? 2 : 3;
  return gender === "m" ? 0 : 1;
}

/** "Ana", "Ana e Pedro", "Ana, Pedro e Rui": feminine only if all are. */
export function together(members: readonly Term[]): Term {
  const names = members.flatMap((member) => member.names);
  return {
    text: names.length === 1
      ? names[0]!
      : `${names.slice(0, -1).join(", ")} e ${names.at(-1)}`,
    gender: members.every((member) => member.gender === "f") ? "f" : "m",
    isPlural: names.length > 1,
    hasArticle: false,
    isPair: names.length === 2,
    names,
  };
}

/** First letter in upper case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
