/**
 * The regular expressions of `tokenizer.json` in JavaScript.
 *
 * They are written for Oniguruma, where `\s`, `\d` and `\w` follow Unicode. What
 * JavaScript would take without complaint in another sense is refused.
 *
 * @module
 */
import { DataError, FormatError } from "../util/mod.ts";

/** Escapes that mean another set of characters there; \w without brackets. */
const UNICODE_SETS: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}",
};
/** Escapes that mean the same. */
const SAME_ESCAPES = /[pPnrtfvu]/;
/** Signs that may stand behind a backslash in JavaScript. */
const SYNTAX_SIGNS = /[\^$\\.*+?()[\]{}|/-]/;

/**
 * Compiles a pattern; the result is global and knows Unicode.
 *
 * @throws {FormatError} for what JavaScript cannot say in the same sense
 */
export function compileWordPattern(source: string): RegExp {
  const fail = (reason: string): never => {
    throw new FormatError(
      `Cannot use the pattern ${JSON.stringify(source)}: ${reason}`,
    );
  };
  let result = "";
  let isInClass = false;
  for (let i = 0; i < source.length; i++) {
    const sign = source[i]!;
    if (sign === "\\") {
      result += translateEscape(source[++i] ?? "", isInClass, fail);
      continue;
    }
    if (isInClass) {
      if (sign === "[" || source.startsWith("&&", i)) {
        fail("it has a class inside of a class");
      }
      if (sign === "]") isInClass = false;
    } else if (sign === "[") {
      isInClass = true;
      if (source[i + 1] === "^") result += source[i++];
    } else if (sign === "^" || sign === "$") {
      fail(`"${sign}" is the edge of a line there`);
    }
    result += source[i];
  }
  try {
    return new RegExp(result, "gu");
  } catch {
    return fail("JavaScript has no such expression");
  }
}

function translateEscape(
  letter: string,
  isInClass: boolean,
  fail: (reason: string) => never,
): string {
  const set = UNICODE_SETS[letter];
  if (set !== undefined) {
    return letter === "w" && !isInClass ? `[${set}]` : set;
  }
  if (SAME_ESCAPES.test(letter)) return `\\${letter}`;
  if (/[\p{L}\p{N}]|^$/u.test(letter)) fail(`"\\${letter}" is not supported`);
  if (letter === "-" && !isInClass) return "-";
  return SYNTAX_SIGNS.test(letter) ? `\\${letter}` : letter;
}

/**
 * Calls `visit` with each part of a text, cut by one pattern after another.
 *
 * @throws {DataError} when a match would be some million characters long
 */
export function forEachPart(
  text: string,
  patterns: readonly RegExp[],
  visit: (part: string) => void,
  stage = 0,
): void {
  const pattern = patterns[stage];
  if (pattern === undefined) {
    if (text !== "") visit(text);
    return;
  }
  const isLast = stage + 1 === patterns.length;
  const pass = (part: string) => {
    if (isLast) visit(part);
    else forEachPart(part, patterns, visit, stage + 1);
  };
  let end = 0;
  pattern.lastIndex = 0;
  for (
    let match = nextMatch(pattern, text);
    match !== null;
    match = nextMatch(pattern, text)
  ) {
    if (match.index > end) pass(text.slice(end, match.index));
    pass(match[0]);
    end = pattern.lastIndex;
  }
  if (end < text.length) pass(text.slice(end));
}

/** The next match that is not empty, or null. */
function nextMatch(pattern: RegExp, text: string): RegExpExecArray | null {
  try {
    for (;;) {
      const match = pattern.exec(text);
      if (match === null || match[0] !== "") return match;
      pattern.lastIndex += text.codePointAt(match.index)! > 0xffff ? 2 : 1;
    }
  } catch (error) {
    // V8 keeps a note for every character of a run and has room for millions.
    if (!(error instanceof RangeError)) throw error;
    throw new DataError(
      `Cannot cut a text of ${text.length} characters into words: one of them ` +
        "is longer than a regular expression can match",
    );
  }
}
