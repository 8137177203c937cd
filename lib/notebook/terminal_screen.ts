/**
 * A few lines at the end of a terminal that change in place. Each state is one
 * write, which leaves the cursor visible at the start of the line below:
 * however the program ends, there is nothing to put back.
 *
 * @module
 */
import type { TerminalSize } from "./run_rows.ts";

/** Where lines go, and how much room there is. */
export interface TerminalOut {
  write(text: string): void;
  size(): TerminalSize;
}

/** Lines that are written over themselves. */
export class TerminalScreen {
  readonly #out: TerminalOut;
  /** Lines on the screen now. */
  #shown: readonly string[] = [];

  constructor(out: TerminalOut) {
    this.#out = out;
  }

  /**
   * Shows other lines in place of those before.
   *
   * @param linesFor the lines for a terminal of that size, none wider than it
   */
  draw(linesFor: (size: TerminalSize) => readonly string[]): void {
    const size = this.#out.size();
    const lines = linesFor(size);
    const text = lines.map((line) => `${line}\x1b[K\n`).join("");
    this.#out.write(`${this.#toTop(size)}${text}\x1b[J`);
    this.#shown = lines;
  }

  /** Takes the lines away, so that other text can come in their place. */
  clear(): void {
    if (this.#shown.length === 0) return;
    this.#out.write(`${this.#toTop(this.#out.size())}\x1b[J`);
    this.#shown = [];
  }

  /** Leaves the lines where they are. */
  finish(): void {
    this.#shown = [];
  }

  /** Moves to the first line; one that was drawn wider has wrapped since. */
  #toTop({ columns, rows }: TerminalSize): string {
    const height = this.#shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)),
      0,
    );
    return height === 0
      ? ""
      : `\r\x1b[${Math.max(1, Math.min(height, rows - 1))}A`;
  }
}
