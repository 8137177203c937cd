/**
 * Where a text may be cut into words before byte-pair encoding.
 *
 * A merge can only join two characters that stand side by side in some piece.
 * Characters have five classes; `Joins` says which class may be followed by
 * which inside a piece. Cutting wherever no piece continues changes no id, for
 * any vocabulary, and makes the pieces of a word cacheable. The trainer uses
 * the same cuts with the joins that it allows.
 *
 * @module
 */

/** The sign that stands for a space in pieces (U+2581), as in SentencePiece. */
export const SPACE_SIGN = "\u2581";

const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const SYMBOL = 3;
const CONTROL = 4;
const NUM_CLASSES = 5;

/** `joins[5 * a + b]` is 1 when class a may be followed by b in a piece. */
export type Joins = Uint8Array;

function makeClasses(): Uint8Array {
  const units = Uint16Array.from({ length: 65536 }, (_, unit) => unit);
  // One sign a unit: a lone surrogate becomes U+FFFD, a symbol like itself.
  const all = new TextDecoder("utf-16le").decode(units);
  const classes = new Uint8Array(units.length).fill(SYMBOL);
  const fill = (pattern: RegExp, value: number) => {
    for (const run of all.matchAll(pattern)) {
      classes.fill(value, run.index, run.index + run[0].length);
    }
  };
  fill(/[\p{L}\p{M}]+/gu, LETTER);
  fill(/\p{N}+/gu, DIGIT);
  fill(/\p{Cc}+/gu, CONTROL);
  classes[0x20] = SPACE;
  classes[0x2581] = CONTROL;
  return classes;
}

/** Class of every UTF-16 unit; surrogates (emoji and the like) are symbols. */
const CLASSES = makeClasses();

/** Joins of nothing with nothing. */
export function noJoins(): Joins {
  return new Uint8Array(NUM_CLASSES * NUM_CLASSES);
}

/** Allows the last character of `left` before the first one of `right`. */
export function allowJoin(joins: Joins, left: string, right: string): void {
  const a = CLASSES[left.charCodeAt(left.length - 1)]!;
  const b = CLASSES[right.charCodeAt(0)]!;
  joins[NUM_CLASSES * a + b] = 1;
}

/**
 * What a trained piece may hold: one optional space in front, then letters
 * only, digits only or other signs only.
 *
 * @param splitDigits every digit stands alone, without a space in front
 */
export function trainingJoins(splitDigits: boolean): Joins {
  const joins = noJoins();
  allowJoin(joins, " ", "a");
  allowJoin(joins, "a", "a");
  allowJoin(joins, " ", ".");
  allowJoin(joins, ".", ".");
  if (!splitDigits) {
    allowJoin(joins, " ", "1");
    allowJoin(joins, "1", "1");
  }
  return joins;
}

/** Whether the sign never becomes a piece: control characters and U+2581. */
export function isBytesOnly(codePoint: number): boolean {
  return codePoint < 65536 && CLASSES[codePoint] === CONTROL;
}

/**
 * A word that does not keep the text it was cut from in memory, as long slices
 * do in V8 (from 13 characters on).
 */
export function detachWord(word: string): string {
  return word.length < 13 ? word : Array.from(word).join("");
}

/**
 * End of the word that starts at `start`; a surrogate pair is never cut.
 *
 * @param limit length in UTF-16 units at which a word is cut whatever follows
 */
export function wordEnd(
  text: string,
  start: number,
  joins: Joins,
  limit = Infinity,
): number {
  let before = CLASSES[text.charCodeAt(start)]!;
  let i = start + 1;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const after = CLASSES[unit]!;
    const isCut = joins[NUM_CLASSES * before + after] === 0 ||
      i - start >= limit;
    const isLowSurrogate = (unit & 0xfc00) === 0xdc00;
    if (isCut && !isLowSurrogate) break;
    before = after;
  }
  return i;
}
