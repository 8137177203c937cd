/**
 * What a person sees: results on stdout, everything else on stderr, and one
 * line of progress that is written over on a terminal and comes now and then
 * where there is none. Where several lines can change in place, `liveScreen`
 * does so below all other text.
 *
 * @module
 */
import { TerminalScreen, type TerminalSize } from "../../lib/notebook/mod.ts";
import type { Progress } from "../../lib/util/mod.ts";

type Stream = typeof Deno.stdout | typeof Deno.stderr;

/** Seconds of work before its progress is worth a line. */
const PATIENCE_SECONDS = 2;
/** Seconds between two lines where the last one cannot be written over. */
const SPARSE_SECONDS = 10;
/** Seconds between two states of the line on a terminal. */
const TERMINAL_SECONDS = 0.1;

const encoder = new TextEncoder();
const isTerminal = Deno.stderr.isTerminal();
/** Whether a line of progress stands where the next text would go. */
let isLineShown = false;
/** Lines that change in place where the next text would go. */
let screen: TerminalScreen | undefined;

function write(stream: Stream, text: string): void {
  const bytes = encoder.encode(text);
  for (let offset = 0; offset < bytes.length;) {
    offset += stream.writeSync(bytes.subarray(offset));
  }
}

function clearLine(): void {
  if (isLineShown) write(Deno.stderr, "\r\x1b[K");
  isLineShown = false;
  screen?.clear();
}

/** Size of the terminal; a usual one where it does not tell. */
function terminalSize(): TerminalSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/**
 * Whether lines can change in place: stdout is a terminal that can move its
 * cursor (TERM is not "dumb") and nobody asked for plain text (NO_COLOR).
 */
export function isLiveTerminal(): boolean {
  return Deno.stdout.isTerminal() && Deno.env.get("TERM") !== "dumb" &&
    !Deno.env.get("NO_COLOR");
}

/** Lines that stay below all text until they are finished. */
export function liveScreen(): TerminalScreen {
  return screen = new TerminalScreen({
    write: (text) => write(Deno.stdout, text),
    size: terminalSize,
  });
}

/** Writes a piece of a result, as it is. */
export function printPiece(text: string): void {
  clearLine();
  write(Deno.stdout, text);
}

/** Writes a line of the result. */
export function print(line = ""): void {
  printPiece(line + "\n");
}

/** Writes a line about the work: it stays out of a result in a pipe. */
export function note(line: string): void {
  clearLine();
  write(Deno.stderr, line + "\n");
}

/** Shows a {@linkcode Progress} while work goes on; declare it with `using`. */
export class StatusLine implements Disposable {
  readonly progress: Progress;
  #nextSeconds = isTerminal ? TERMINAL_SECONDS : PATIENCE_SECONDS;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  /** Sets the amount done, with a note, and shows it when it is time. */
  update(done: number, remark?: string): void {
    const { progress } = this;
    progress.update(done, remark);
    const { seconds } = progress;
    if (seconds < this.#nextSeconds) return;
    if (isTerminal) this.#showOver();
    else note(progress.toString());
    this.#nextSeconds = seconds +
      (isTerminal ? TERMINAL_SECONDS : SPARSE_SECONDS);
  }

  /** Passes items on and counts each by its amount. */
  *count<T>(
    items: Iterable<T>,
    amountOf: (item: T) => number,
  ): Generator<T, void> {
    for (const item of items) {
      yield item;
      this.update(this.progress.done + amountOf(item));
    }
  }

  /** Ends the line: the last state stays when the work was long. */
  [Symbol.dispose](): void {
    if (this.progress.seconds >= PATIENCE_SECONDS) {
      note(this.progress.toString());
    } else clearLine();
  }

  #showOver(): void {
    const { columns } = Deno.consoleSize();
    // A line that wraps could not be written over.
    const text = this.progress.toString().slice(0, columns - 1);
    write(Deno.stderr, `\r${text}\x1b[K`);
    isLineShown = true;
  }
}
