/**
 * Text with Markdown and TeX formulas as an output, for sentences that hold
 * computed numbers.
 *
 * @module
 */
import { DISPLAY, type MediaBundle } from "./jupyter.ts";

/** Markdown that shows itself; made by {@linkcode markdown}. */
export class Markdown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  [DISPLAY](): MediaBundle {
    return { "text/markdown": this.text, "text/plain": this.text };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.text;
  }
}

/** Characters that mean something in Markdown, HTML or TeX. */
const MARKS = /[\\`*_[\]<>#|~$&]/g;
/** What makes a list at the start of a line: "- ", "+ ", "1. ". */
const LIST = /^(\s*)([-+]|\d+[.)])(?=\s)/;

/**
 * A quotation in Markdown of text as it is: its line breaks stay, and nothing
 * in it is taken for Markdown. For what models write, and what they read.
 */
export function quoted(text: string): string {
  const lines = text.trimEnd().split("\n").map((line) =>
    line.replace(MARKS, "\\$&").replace(
      LIST,
      (_, space, mark) => `${space}${mark.slice(0, -1)}\\${mark.at(-1)}`,
    )
  );
  return lines.map((line) => `> ${line}  `).join("\n"); // two blanks: a break
}

/** Markdown as an output; write `String.raw` before text with backslashes. */
export function markdown(text: string): Markdown {
  return new Markdown(text);
}
