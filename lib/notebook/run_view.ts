/**
 * A run in a notebook: a panel of numbers and the curve of its loss, both
 * changed in place a few times a second while records come in, whether the run
 * goes on in this cell or somewhere else.
 *
 * @module
 */
import type { EmissionsTracker } from "../emissions/mod.ts";
import { type Figure, plotTraining } from "../plots/mod.ts";
import type { TrainRecord } from "../train/mod.ts";
import { DISPLAY, type MediaBundle } from "./jupyter.ts";
import { rowsHtml } from "./rows_html.ts";
import { meterLabels } from "./run_facts.ts";
import { runLines, runRows } from "./run_rows.ts";
import type { RunState } from "./run_state.ts";
import { type RunFacts, RunStatus } from "./run_status.ts";
import { type DisplayHandle, show } from "./show.ts";

/** What is drawn beside the run's own numbers. */
export interface RunViewOptions {
  /** Losses in nats per token to compare with, by name. */
  readonly bars?: Readonly<Record<string, number>>;
  /** Tracker of the run, which knows how its energy is known. */
  readonly tracker?: Pick<EmissionsTracker, "reading">;
}

/** Size of the panel as text. */
const TEXT_SIZE = { columns: 90, rows: 20 };

/** One state of the panel, as an output of its own. */
export class RunPanel {
  readonly #status: RunStatus;
  readonly #state: RunState;

  constructor(status: RunStatus, state: RunState) {
    this.#status = status;
    this.#state = state;
  }

  toString(): string {
    return runLines(this.#status, TEXT_SIZE, this.#state).join("\n");
  }

  [DISPLAY](): MediaBundle {
    const { share } = this.#status;
    const rows = runRows(this.#status, this.#state)
      .map(({ label, parts }) => [label, parts.join(" · ")] as const);
    const bar = `<progress value="${share}" max="1" style="width:100%" ` +
      `aria-label="share of the steps"></progress>`;
    return { "text/html": bar + rowsHtml(rows), "text/plain": `${this}` };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A view of a run that changes in place; made by {@linkcode runView}. */
export class RunView {
  readonly status: RunStatus;
  readonly #options: RunViewOptions;
  #records: TrainRecord[] = [];
  #state: RunState = "running";
  #panel: DisplayHandle | undefined;
  #plot: DisplayHandle | undefined;

  constructor(facts: RunFacts, options: RunViewOptions = {}) {
    this.status = new RunStatus(facts);
    this.#options = options;
  }

  /** All records so far, those before a stop among them. */
  get records(): readonly TrainRecord[] {
    return this.#records;
  }

  /** How it stood when it was last told. */
  get state(): RunState {
    return this.#state;
  }

  /** The curve of the loss so far. */
  figure(): Figure {
    const { bars = {} } = this.#options;
    const title = `Loss while training, ${this.status.facts.name}`;
    return plotTraining(this.#records, { bars, title });
  }

  /**
   * Shows panel and curve here; what follows changes them here and no longer
   * where they were. A loop that was stopped goes on in the next cell so.
   */
  async show(): Promise<this> {
    this.#panel = await show(this.#panelNow());
    this.#plot = await show(this.figure());
    return this;
  }

  /**
   * Takes the next record. Steps that a resumed run does again take the place
   * of those before. Nothing is drawn here, so a loop does not wait for it.
   */
  add(record: TrainRecord): void {
    const first = record.kind === "step"
      ? record.step
      : record.kind === "resume"
      ? record.step + 1
      : Infinity;
    if ((this.status.step?.step ?? -1) >= first) {
      this.#records = this.#records.filter(({ step }) => step < first);
    }
    this.#records.push(record);
    this.status.add(record);
    this.update(this.status.isComplete ? "done" : "running");
  }

  /**
   * Takes all records of a run. If the stop button or an error ends it, its
   * last state is shown before the error goes on.
   */
  async follow(records: AsyncIterable<TrainRecord>): Promise<void> {
    try {
      for await (const record of records) this.add(record);
    } catch (error) {
      this.update("stopped");
      await Promise.all([this.#panel?.finish(), this.#plot?.finish()]);
      throw error;
    }
  }

  /** Shows how the run stands soon. */
  update(state: RunState): void {
    this.#state = state;
    this.#panel?.update(() => this.#panelNow());
    this.#plot?.update(() => this.figure());
  }

  #panelNow(): RunPanel {
    const { status } = this;
    const { tracker } = this.#options;
    if (tracker) {
      const energyLabel = meterLabels(tracker.reading());
      status.facts = { ...status.facts, energyLabel };
    }
    return new RunPanel(status, this.#state);
  }

  /** Nothing: a view at the end of a cell is no output. */
  [DISPLAY](): MediaBundle {
    return {};
  }
}

/**
 * Shows a run that is about to begin; give it the run to follow, or each
 * record as it comes by `add`.
 *
 * @example
 * ```ts
 * const view = await runView({ name: "tiny", steps: config.steps });
 * await view.follow(train(options));
 * ```
 */
export function runView(
  facts: RunFacts,
  options: RunViewOptions = {},
): Promise<RunView> {
  return new RunView(facts, options).show();
}
