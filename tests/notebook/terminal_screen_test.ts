/**
 * Lines that change in place, seen through a small terminal of our own: it
 * wraps, scrolls, moves its cursor and erases as ECMA-48 says.
 */
// deno-lint-ignore-file no-control-regex -- control sequences are the subject
import assert from "node:assert/strict";
import { TerminalScreen } from "../../lib/notebook/mod.ts";

/** A terminal of some columns and rows. */
class Terminal {
  columns: number;
  readonly rows: number;
  #cells: string[][] = [[]];
  #x = 0;
  #y = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Lines from the top of the window, without blanks at their ends. */
  get text(): string[] {
    return this.#cells.map((cells) => cells.join("").trimEnd());
  }

  get cursor(): [x: number, y: number] {
    return [this.#x, this.#y];
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(/\x1b\[\d*[A-Z]|\n|\r|[^\x1b\n\r]/gu)) {
      if (piece === "\r") this.#x = 0;
      else if (piece === "\n") this.#newLine();
      else if (piece.startsWith("\x1b")) this.#control(piece);
      else {
        if (this.#x === this.columns) this.#newLine();
        this.#cells[this.#y]![this.#x++] = piece;
      }
    }
  }

  /** What a terminal does when its window becomes narrower: long lines wrap. */
  narrow(columns: number): void {
    const lines = this.text;
    this.columns = columns;
    this.#cells = [[]];
    this.#x = this.#y = 0;
    this.write(lines.join("\n"));
  }

  #newLine(): void {
    this.#x = 0;
    this.#y++;
    this.#cells[this.#y] ??= [];
    if (this.#cells.length <= this.rows) return;
    this.#cells.shift(); // scrolled out
    this.#y--;
  }

  #control(sequence: string): void {
    const [, count, name] = /\[(\d*)([A-Z])/.exec(sequence)!;
    if (name === "A") this.#y = Math.max(0, this.#y - Number(count));
    else if (name === "K") this.#cells[this.#y]!.splice(this.#x);
    else if (name === "J") {
      this.#cells[this.#y]!.splice(this.#x);
      this.#cells.splice(this.#y + 1);
    } else assert.fail(`unknown ${JSON.stringify(sequence)}`);
  }
}

function screenOn(terminal: Terminal): TerminalScreen {
  return new TerminalScreen({
    write: (text) => terminal.write(text),
    size: () => terminal,
  });
}

Deno.test("TerminalScreen.draw() writes over what it drew, more or fewer lines", () => {
  const terminal = new Terminal(20, 10);
  const screen = screenOn(terminal);
  terminal.write("before\n");
  screen.draw(() => ["one", "a longer line"]);
  screen.draw(() => ["two", "short", "third"]);
  assert.deepEqual(terminal.text, ["before", "two", "short", "third", ""]);
  screen.draw(() => ["three"]);
  assert.deepEqual(terminal.text, ["before", "three", ""]);
  assert.deepEqual(terminal.cursor, [0, 2]);
});

Deno.test("TerminalScreen.clear() makes room for text, finish() leaves the lines", () => {
  const terminal = new Terminal(20, 10);
  const screen = screenOn(terminal);
  screen.draw(() => ["one", "two"]);
  screen.clear();
  screen.clear();
  terminal.write("a note\n");
  screen.draw(() => ["three"]);
  assert.deepEqual(terminal.text, ["a note", "three", ""]);
  screen.finish();
  screen.clear();
  terminal.write("the end\n");
  assert.deepEqual(terminal.text, ["a note", "three", "the end", ""]);
});

Deno.test("TerminalScreen.draw() stays in place at the bottom of the window", () => {
  const terminal = new Terminal(20, 4);
  const screen = screenOn(terminal);
  for (let i = 0; i < 6; i++) terminal.write(`old ${i}\n`);
  for (let i = 0; i < 5; i++) screen.draw(() => [`a ${i}`, `b ${i}`]);
  assert.deepEqual(terminal.text, ["old 5", "a 4", "b 4", ""]);
});

Deno.test("TerminalScreen.draw() finds its first line in a narrower window", () => {
  const terminal = new Terminal(30, 10);
  const screen = screenOn(terminal);
  terminal.write("before\n");
  screen.draw(() => ["x".repeat(25), "y".repeat(12), ""]);
  terminal.narrow(10); // three rows, two rows, one
  screen.draw(({ columns }) => ["z".repeat(columns - 1)]);
  assert.deepEqual(terminal.text, ["before", "zzzzzzzzz", ""]);
});

Deno.test("TerminalScreen.draw() is one write, and never hides the cursor", () => {
  const written: string[] = [];
  const screen = new TerminalScreen({
    write: (text) => written.push(text),
    size: () => ({ columns: 20, rows: 10 }),
  });
  screen.draw(() => ["one", "two"]);
  screen.draw(() => ["three", "four"]);
  assert.equal(written.length, 2);
  assert.doesNotMatch(written.join(""), /\x1b\[\?/);
});
