/**
 * One line that says how far a piece of work is, where the user looks: a row
 * that changes in place in a notebook, one line of a terminal. It is silent
 * where nobody watches: in pipes, in tests and in outputs that are committed.
 *
 * @module
 */
import { formatPercent, Progress } from "../util/mod.ts";
import { atCellEnd } from "./cell_end.ts";
import { broadcast, escapeHtml, isNotebook, isStatic } from "./jupyter.ts";
import { Throttle } from "./throttle.ts";

/** Takes a line to where it is seen; `isLast` when the work is over. */
export type ProgressSink = (
  progress: Progress,
  isLast: boolean,
) => Promise<void>;

/** Least time between two states of the line. */
const UPDATE_MS = 100;

/** A {@linkcode Progress} that shows itself; made by {@linkcode progress}. */
export class ProgressLine extends Progress {
  readonly #sink: ProgressSink;
  readonly #throttle: Throttle<Progress>;
  #isOver = false;

  /** @param sink where the line goes */
  constructor(
    label: string,
    options: { total?: number; unit?: string; now?: () => number },
    sink: ProgressSink,
  ) {
    super(label, options);
    this.#sink = sink;
    this.#throttle = new Throttle(
      (progress) => sink(progress, false),
      UPDATE_MS,
    );
  }

  /** Sets the amount done, with a note, and shows it soon. */
  override update(done: number, note?: string): void {
    super.update(done, note);
    if (!this.#isOver) this.#throttle.push(this);
  }

  /** Shows the last state and ends the line; the end of a cell does so too. */
  async finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#throttle.cancel();
    await this.#sink(this, true);
  }

  /** So that `await using` ends the line. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }
}

/** A row with a bar in the notebook, by one display id. */
export function notebookSink(): ProgressSink {
  const id = crypto.randomUUID();
  let type = "display_data";
  return async (progress) => {
    const text = progress.toString();
    const { share } = progress;
    const bar = share === undefined
      ? ""
      : `<progress value="${share}" max="1" aria-label="${
        formatPercent(share)
      }"></progress> `;
    const html = `<div style="font-variant-numeric:tabular-nums">${bar}${
      escapeHtml(text)
    }</div>`;
    await broadcast(type, {
      data: { "text/html": html, "text/plain": text },
      metadata: {},
      transient: { display_id: id },
    });
    type = "update_display_data";
  };
}

/** One line of a terminal, written over itself. */
export function terminalSink(
  write: (text: string) => void = (text) => {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  },
): ProgressSink {
  return (progress, isLast) => {
    write(`\r${progress}\x1b[K${isLast ? "\n" : ""}`);
    return Promise.resolve();
  };
}

function sinkHere(): ProgressSink {
  if (isNotebook() && !isStatic()) return notebookSink();
  if (!isNotebook() && Deno.stderr.isTerminal()) return terminalSink();
  return () => Promise.resolve();
}

/**
 * A line of progress: amount, speed and time left, ten times a second at most.
 *
 * @param options.total amount of work in all, when it is known
 * @param options.unit name of a unit of work, in the plural: "tokens"
 *
 * @example
 * ```ts
 * const line = progress("Train", { total: 1000, unit: "steps" });
 * for (let step = 1; step <= 1000; step++) line.update(step);
 * await line.finish();
 * ```
 */
export function progress(
  label: string,
  options: { total?: number; unit?: string } = {},
): ProgressLine {
  const line = new ProgressLine(label, options, sinkHere());
  if (isNotebook()) atCellEnd(() => line.finish());
  return line;
}
