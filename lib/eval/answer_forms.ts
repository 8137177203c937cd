/**
 * Reading an answer that a model wrote: a letter, one of a few labels, or a
 * number, by the rules of the Open Portuguese LLM Leaderboard (its fork of
 * lm-evaluation-harness, eduagarcia/lm-evaluation-harness-pt, commit ca07215).
 *
 * @module
 */
import { editDistance } from "../util/mod.ts";

/** What an answer looks like. */
export type AnswerForm =
  /** One of these letters, "ABCDE". */
  | { readonly kind: "letter"; readonly letters: string }
  /** One of these words. */
  | { readonly kind: "label"; readonly labels: readonly string[] }
  /** A number, with decimal comma or point, brought into its range. */
  | {
    readonly kind: "number";
    readonly min: number;
    readonly max: number;
    /** What holds where there is no number. */
    readonly fallback: number;
  }
  /** A text that must equal the right one. */
  | {
    readonly kind: "text";
    /** What is cut out of the answer: its first group, or all that it finds. */
    readonly pattern?: RegExp;
    /** Which of its finds, 0 the first without it, -1 the last. */
    readonly select?: number;
    readonly ignoresCase?: boolean;
    readonly ignoresPunctuation?: boolean;
  };

/** What stands for an answer that could not be read; it is never right. */
export const UNREADABLE = "[invalid]";

/** Reads what a model wrote; {@linkcode UNREADABLE} where nothing fits. */
export function readAnswer(form: AnswerForm, text: string): string | number {
  if (form.kind === "letter") return readLetter(text, form.letters);
  if (form.kind === "label") return readLabel(text, form.labels);
  if (form.kind === "text") return readText(text, form);
  return readNumber(text, form);
}

type TextForm = Extract<AnswerForm, { kind: "text" }>;

/** A text as it is compared: without spaces around it, and what it ignores. */
export function comparedText(
  text: string,
  { ignoresCase, ignoresPunctuation }: TextForm,
): string {
  const kept = ignoresPunctuation ? text.replace(/\p{P}/gu, "") : text;
  return (ignoresCase ? kept.toLowerCase() : kept).trim();
}

function readText(text: string, form: TextForm): string {
  if (!form.pattern) return comparedText(text, form);
  const found = [...text.matchAll(form.pattern)].at(form.select ?? 0);
  if (!found) return UNREADABLE;
  const [whole, ...groups] = found;
  return comparedText(groups.find((group) => group) ?? whole, form);
}

/** Without accents, one space between words. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ")
    .trim();
}

/** The first letter that stands where an answer would, surest places first. */
function readLetter(text: string, letters: string): string {
  const written = plain(text);
  const one = `([${letters}])`;
  const places = [
    `^${one}$`,
    "(?:[Ll]etra|[Aa]lternativa|[Rr]esposta|[Rr]esposta [Cc]orreta|" +
    `[Rr]esposta [Cc]orreta e|[Oo]pcao):? ${one}\\b`,
    `\\b${one}\\.`,
    `\\b${one} ?[.):-]`,
    `\\b${one}$`,
    `\\b${one}\\b`,
  ];
  for (const place of places) {
    const found = new RegExp(place).exec(written)?.[1];
    if (found) return found;
  }
  return UNREADABLE;
}

/** Insertions, deletions and replacements over the longer length, from 1. */
function similarity(a: string, b: string): number {
  return 1 - editDistance(a, b) / Math.max(1, a.length, b.length);
}

/**
 * The label that was written, else the only one that the text contains, else
 * the most similar to its beginning, if at least half of the letters agree.
 */
function readLabel(text: string, labels: readonly string[]): string {
  const names = labels.map((label) => plain(label).toLowerCase());
  const written = plain(text).toLowerCase();
  if (written === "") return UNREADABLE;
  const equal = names.indexOf(written);
  if (equal >= 0) return labels[equal]!;
  const inside = labels.filter((_, i) => written.includes(names[i]!));
  if (inside.length === 1) return inside[0]!;
  const longest = Math.max(...names.map((name) => name.length));
  // A line break ends the beginning too, so it is cut before spaces are joined.
  const beginning = plain(text.trim().split(/[.,;:()[\]\n]/, 1)[0]!)
    .toLowerCase().slice(0, longest);
  const similarities = names.map((name) => similarity(beginning, name));
  const best = Math.max(...similarities);
  return best < 0.5 ? UNREADABLE : labels[similarities.indexOf(best)]!;
}

/**
 * All digits of the text as one number; the decimal sign is the first comma or
 * point between two digits, once everything else is taken out.
 */
function readNumber(
  text: string,
  { min, max, fallback }: Extract<AnswerForm, { kind: "number" }>,
): number {
  const kept = text.replaceAll(",", ".").replace(/[^0-9.]/g, "");
  const at = /\d\.\d/.exec(kept)?.index;
  const digits = (part: string) => part.replaceAll(".", "");
  const number = at === undefined
    ? digits(kept)
    : `${digits(kept.slice(0, at + 1))}.${digits(kept.slice(at + 2))}`;
  return number === ""
    ? fallback
    : Math.min(max, Math.max(min, Number(number)));
}
