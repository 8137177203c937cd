/**
 * A run on the terminal, record by record: lines that change in place where
 * the terminal can, else a line an evaluation and one of progress. The session
 * that trains and `log --follow` show the same.
 *
 * @module
 */
import { runLines, type RunState, RunStatus } from "../../lib/notebook/mod.ts";
import type { RunFacts, TerminalScreen } from "../../lib/notebook/mod.ts";
import { Progress, type TrainRecord } from "../../lib/mod.ts";
import {
  isLiveTerminal,
  liveScreen,
  note,
  print,
  StatusLine,
} from "./terminal.ts";

/** Least time between two states of the lines. */
const REDRAW_MS = 250;
/** Time after which they are drawn anew while nothing happens. */
const IDLE_MS = 1000;

/** Shows records as they come; declare it with `using`. */
export interface RecordView extends Disposable {
  show(record: TrainRecord): void;
  /** How the run stands, where that is not told by its records. */
  update(state: RunState): void;
}

/** A model may write anything, also what would move a terminal's cursor. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, " ");
}

/** What a record says that stays on the screen. */
function lastingLines(record: TrainRecord, { steps }: RunFacts): string[] {
  switch (record.kind) {
    case "evaluation":
      return [
        `step ${record.step} of ${steps}: held-out loss ` +
        `${record.loss.toFixed(4)}, perplexity ` +
        record.perplexity.toPrecision(4) +
        (record.bitsPerByte === undefined
          ? ""
          : `, ${record.bitsPerByte.toFixed(4)} bits per byte`),
      ];
    case "sample":
      return record.texts.map((text) =>
        `step ${record.step}: ${withoutControls(text)}`
      );
    default:
      return [];
  }
}

/** Says which checkpoint a run goes on from, and what took longer than usual. */
function noteCheckpoints(record: TrainRecord): void {
  if (record.kind === "checkpoint" && record.inPlace) {
    note(`the training waited for the checkpoint: ${record.inPlace}`);
  }
  if (record.kind !== "resume") return;
  for (const { path, reason } of record.skipped) {
    note(`skipped the checkpoint ${path}: ${reason}`);
  }
  note(`going on from ${record.path}`);
}

/** One line that moves, and a line that stays an evaluation and a sample. */
class PlainView implements RecordView {
  readonly #facts: RunFacts;
  #line: StatusLine | undefined;
  #startTokens = 0;

  constructor(facts: RunFacts) {
    this.#facts = facts;
  }

  show(record: TrainRecord): void {
    for (const line of lastingLines(record, this.#facts)) print(line);
    noteCheckpoints(record);
    if (record.kind !== "step") return;
    if (!this.#line) {
      // The first step compiles and may follow a resumed run: rates and the
      // time left count from its end.
      this.#startTokens = record.tokens;
      const perStep = record.tokens / record.step;
      const total = this.#facts.steps * perStep - record.tokens;
      this.#line = new StatusLine(
        new Progress("Train", { total, unit: "tokens" }),
      );
    }
    this.#line.update(
      record.tokens - this.#startTokens,
      `step ${record.step}  loss ${record.loss.toFixed(3)}`,
    );
  }

  update(): void {}

  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
  }
}

/** Lines that change in place below what stays. */
class LiveView implements RecordView {
  readonly #status: RunStatus;
  readonly #isLasting: boolean;
  readonly #screen: TerminalScreen = liveScreen();
  readonly #timer: ReturnType<typeof setInterval>;
  #state: RunState = "running";
  #drawnMs = -Infinity;

  constructor(facts: RunFacts, isLasting: boolean) {
    this.#status = new RunStatus(facts);
    this.#isLasting = isLasting;
    // A long step tells nothing; the lines come back after other text.
    this.#timer = setInterval(() => this.#draw(IDLE_MS), IDLE_MS / 2);
  }

  show(record: TrainRecord): void {
    this.#status.add(record);
    if (this.#isLasting) {
      for (const line of lastingLines(record, this.#status.facts)) print(line);
      noteCheckpoints(record);
    }
    const hasPrinted = this.#isLasting && record.kind !== "step";
    this.#draw(hasPrinted ? 0 : REDRAW_MS);
  }

  update(state: RunState): void {
    this.#state = state;
    this.#draw(REDRAW_MS);
  }

  /** Draws unless that was done within the last `afterMs`. */
  #draw(afterMs: number): void {
    if (performance.now() < this.#drawnMs + afterMs) return;
    this.#screen.draw((size) => runLines(this.#status, size, this.#state));
    this.#drawnMs = performance.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#state === "running") {
      this.#state = this.#status.isComplete ? "done" : "stopped";
    }
    this.#draw(0);
    this.#screen.finish();
  }
}

/**
 * The view that suits where stdout goes.
 *
 * @param options.isLasting whether a live view leaves lines behind for
 * evaluations, samples and resumed runs
 */
export function recordView(
  facts: RunFacts,
  { isLasting = true }: { readonly isLasting?: boolean } = {},
): RecordView {
  return isLiveTerminal()
    ? new LiveView(facts, isLasting)
    : new PlainView(facts);
}
