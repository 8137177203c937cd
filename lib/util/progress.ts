/**
 * Progress as numbers and one line of text: how much is done, how fast it
 * goes, when it will be over. Who shows it (a terminal, a notebook cell)
 * decides where the line goes.
 *
 * @module
 */
import { formatCount, formatDuration, formatPercent } from "./format.ts";

/** Counts work towards a total. */
export class Progress {
  readonly label: string;
  /** Amount of work in all, or undefined when it is not known. */
  readonly total: number | undefined;
  /** Name of one unit of work, in the plural: "tokens". */
  readonly unit: string;
  /** Amount done. */
  done = 0;
  #note = "";
  readonly #start: number;
  readonly #now: () => number;

  /** @param options.now clock in milliseconds, for tests */
  constructor(label: string, options: {
    total?: number;
    unit?: string;
    now?: () => number;
  } = {}) {
    this.label = label;
    this.total = options.total;
    this.unit = options.unit ?? "";
    this.#now = options.now ?? (() => performance.now());
    this.#start = this.#now();
  }

  /** Sets the amount done, with a short note to show beside it. */
  update(done: number, note = this.#note): void {
    this.done = done;
    this.#note = note;
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (this.#now() - this.#start) / 1000;
  }

  /** Units a second since the start; 0 before anything is done. */
  get rate(): number {
    return this.seconds > 0 ? this.done / this.seconds : 0;
  }

  /** Share done, 0 to 1, or undefined without a total. */
  get share(): number | undefined {
    if (!this.total) return undefined;
    return Math.min(1, this.done / this.total);
  }

  /** Seconds that are left at the rate so far, or undefined. */
  get secondsLeft(): number | undefined {
    if (this.total === undefined || this.rate === 0) return undefined;
    return Math.max(0, this.total - this.done) / this.rate;
  }

  /** "Train  45.0 %  1.20k tokens/s  12.0 s left  loss 2.31". */
  toString(): string {
    const parts = [this.label];
    if (this.share !== undefined) parts.push(formatPercent(this.share));
    else if (this.done > 0) {
      parts.push(`${formatCount(this.done)} ${this.unit}`.trimEnd());
    }
    if (this.rate > 0) {
      parts.push(`${formatCount(this.rate)} ${this.unit}/s`.replace(" /", "/"));
    }
    const left = this.secondsLeft;
    if (left !== undefined && this.share !== 1) {
      parts.push(`${formatDuration(left)} left`);
    } else if (this.share === 1) {
      parts.push(`in ${formatDuration(this.seconds)}`);
    }
    if (this.#note) parts.push(this.#note);
    return parts.join("  ");
  }
}
