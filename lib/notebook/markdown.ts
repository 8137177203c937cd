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

/** Markdown as an output; write `String.raw` before text with backslashes. */
export function markdown(text: string): Markdown {
  return new Markdown(text);
}
