/**
 * Counts the energy of a run while it runs: samples meters by a timer, keeps
 * an account by part, saves it as it goes, and gives a reading at any time.
 * Time comes from a monotonic clock; the calendar's may jump as it likes.
 *
 * @module
 */
import { ConfigError, formatDuration, messageOf } from "../util/mod.ts";
import {
  addPowerPoint,
  addToLedger,
  type EnergyLedger,
  ledgerBetween,
  type LedgerEntry,
  ledgerParts,
  type PowerPoint,
} from "./energy_ledger.ts";
import type { EnergyMeter } from "./energy_meter.ts";
import { type EnergyReading, makeReading } from "./energy_reading.ts";
import type { MeterScope, MeterSet } from "./find_meters.ts";
import type { HostFacts } from "./host_facts.ts";
import type { IntensityEstimate } from "./intensity.ts";
import type { IntensitySeries } from "./intensity_series.ts";
import {
  addCarbon,
  ledgerIntensity,
  type SeriesCarbon,
} from "./ledger_carbon.ts";
import {
  type TrackerState,
  type WindowLedger,
  writeTrackerState,
} from "./tracker_state.ts";
import { type Seconds, SHORTEST_INTERVAL } from "./units.ts";

/** Time as the tracker sees it; tests bring their own. */
export interface TrackerClock {
  /** Monotonic time from any origin. */
  seconds(): Seconds;
  /** Calendar time, for time stamps only. */
  date(): Date;
}

/** A stretch of a run with a name. */
export interface EnergyWindow extends AsyncDisposable {
  /** Name with the names of the windows around it: "train/evaluation". */
  readonly name: string;
  /** Energy of the window up to the last sample. */
  reading(): EnergyReading;
  /** Opens a window within this one. */
  window(name: string): Promise<EnergyWindow>;
  /** Takes a sample, closes the window and gives its energy. */
  stop(): Promise<EnergyReading>;
}

/** What {@linkcode track} has put together. */
export interface TrackerParts {
  readonly state: TrackerState;
  readonly found: MeterSet;
  /** That no other tracker meters the machine; ended with this one. */
  readonly claim: Disposable | undefined;
  readonly intensity: IntensityEstimate | undefined;
  /** Intensity over time; in place of `intensity`. */
  readonly series: IntensitySeries | undefined;
  readonly clock: TrackerClock;
  readonly intervalSeconds: Seconds;
  readonly stateFile: string | undefined;
}

/** Owns a timer and meters; made by {@linkcode track}, ended by `stop`. */
export class EmissionsTracker implements Disposable, AsyncDisposable {
  /** Identifies the run in files, also after it was continued. */
  readonly runId: string;
  readonly host: HostFacts;
  readonly scope: MeterScope;
  readonly gpuNames: readonly string[];
  readonly #parts: TrackerParts;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #ledger: EnergyLedger;
  #windows: readonly WindowLedger[];
  #points: readonly PowerPoint[] = [];
  #queue: Promise<void> = Promise.resolve();
  #lastClock: Seconds | undefined;
  /** Time of this session, which never goes back. */
  #sessionSeconds: Seconds = 0;
  #longestGap: Seconds = 0;
  /** Time of this session that the series of intensities does not cover. */
  #uncovered: Seconds = 0;
  /** Last error of a meter or of the state file, by what failed. */
  readonly #failures = new Map<string, string>();
  #isStopped = false;

  /** For {@linkcode track}, which checks the settings and finds the meters. */
  constructor(parts: TrackerParts) {
    const { state, found, intervalSeconds } = parts;
    this.#parts = parts;
    this.runId = state.runId;
    this.host = found.host;
    this.scope = found.scope;
    this.gpuNames = found.gpuNames;
    this.#ledger = state.ledger;
    this.#windows = state.windows;
    if (intervalSeconds > 0) {
      // Metering must not end a training: an error stays in #failures.
      const tick = () => this.sample().catch(() => {});
      const timer = setInterval(tick, intervalSeconds * 1000);
      Deno.unrefTimer(timer); // a forgotten tracker ends with its program
      this.#timer = timer;
    }
  }

  /**
   * Reads all meters now and saves the state. Within
   * {@linkcode SHORTEST_INTERVAL} of the last sample nothing is read. An error
   * of a meter becomes a note.
   *
   * @throws {ConfigError} when the tracker was stopped
   * @throws what the system throws when the state cannot be written
   */
  async sample(): Promise<EnergyReading> {
    await this.#inTurn(() => this.#measure());
    return this.reading();
  }

  /** Energy and carbon from the start of the run to the last sample. */
  reading(): EnergyReading {
    return this.#toReading(this.#parts.state.project, this.#ledger);
  }

  /** Cumulative energy at each sample of this session, for a power curve. */
  get points(): readonly PowerPoint[] {
    return this.#points;
  }

  /** Readings of all windows that were closed, in that order. */
  closedWindows(): EnergyReading[] {
    return this.#windows.map(({ name, ledger }) =>
      this.#toReading(name, ledger)
    );
  }

  /** Takes a sample and opens a window; windows may nest and overlap. */
  async window(name: string): Promise<EnergyWindow> {
    await this.sample();
    const begin = this.#ledger;
    let closed: EnergyReading | undefined;
    const reading = () =>
      closed ?? this.#toReading(name, ledgerBetween(begin, this.#ledger));
    const stop = async () => {
      if (!this.#isStopped && !closed) await this.sample();
      if (closed) return closed;
      const ledger = ledgerBetween(begin, this.#ledger);
      closed = this.#toReading(name, ledger);
      this.#windows = [...this.#windows, { name, ledger }];
      await this.#inTurn(() => this.#save());
      return closed;
    };
    return {
      name,
      reading,
      stop,
      window: (inner) => this.window(`${name}/${inner}`),
      [Symbol.asyncDispose]: async () => {
        await stop();
      },
    };
  }

  /** Takes a last sample, ends timer and meters; again: the same reading. */
  async stop(): Promise<EnergyReading> {
    if (!this.#isStopped) {
      try {
        await this.sample();
        await this.#inTurn(() => this.#save());
      } finally {
        this[Symbol.dispose]();
      }
    }
    return this.reading();
  }

  /** Ends timer and meters without a last sample. */
  [Symbol.dispose](): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const meter of this.#parts.found.meters) meter.close?.();
    this.#parts.claim?.[Symbol.dispose]();
  }

  /** The same as `stop`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** One at a time: the timer's sample and a window's must not interleave. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #measure(): Promise<void> {
    const { found, clock, intervalSeconds, state } = this.#parts;
    if (this.#isStopped) {
      throw new ConfigError(
        `Cannot sample: the tracker of "${state.project}" was stopped`,
      );
    }
    const now = clock.seconds();
    const isFirst = this.#lastClock === undefined;
    const elapsed = now - (this.#lastClock ?? now);
    if (elapsed < 0) this.#lastClock = now; // set back: go on from there
    if (!isFirst && elapsed < SHORTEST_INTERVAL) return;
    this.#lastClock = now;
    this.#sessionSeconds += elapsed;
    if (intervalSeconds > 0 && elapsed > 3 * intervalSeconds) {
      this.#longestGap = Math.max(this.#longestGap, elapsed);
    }
    const entries = await Promise.all(
      found.meters.map((meter) => this.#readMeter(meter)),
    );
    let ledger = addToLedger(this.#ledger, elapsed, entries);
    const carbon = this.#seriesCarbon();
    if (carbon) {
      const stretch = addCarbon(this.#ledger, ledger, carbon);
      ledger = stretch.ledger;
      this.#uncovered += stretch.uncovered;
    }
    this.#ledger = ledger;
    this.#points = addPowerPoint(this.#points, this.#ledger, entries);
    await this.#save();
  }

  /** By what carbon is counted where the intensity changes with the time. */
  #seriesCarbon(): SeriesCarbon | undefined {
    const { series, clock, state } = this.#parts;
    return series && { series, pue: state.pue, date: clock.date() };
  }

  async #readMeter(meter: EnergyMeter): Promise<LedgerEntry> {
    try {
      const reading = await meter.read(this.#sessionSeconds);
      this.#failures.delete(meter.part);
      return { meter, reading };
    } catch (error) {
      this.#failures.set(meter.part, messageOf(error));
      return { meter, reading: undefined };
    }
  }

  async #save(): Promise<void> {
    const { state, stateFile } = this.#parts;
    if (stateFile === undefined) return;
    try {
      await writeTrackerState(stateFile, {
        ...state,
        ledger: this.#ledger,
        windows: this.#windows,
      });
      this.#failures.delete("state");
    } catch (error) {
      this.#failures.set("state", messageOf(error));
      throw error;
    }
  }

  #toReading(project: string, ledger: EnergyLedger): EnergyReading {
    const { state, found, series, intensity } = this.#parts;
    const carbon = this.#seriesCarbon();
    const parts = ledgerParts(ledger);
    const notes = [...found.notes];
    for (const { part, missed } of parts) {
      if (missed > 0) notes.push(`${part}: ${missed} readings failed`);
    }
    if (this.#longestGap > 0) {
      notes.push(
        "samples were late, the longest gap is " +
          `${formatDuration(this.#longestGap)}: counters bridge it, ` +
          "other power is taken as constant over it",
      );
    }
    if (this.#uncovered > 0) {
      const without = formatDuration(this.#uncovered);
      notes.push(
        `${series!.name} covers all but ${without} of this run, ` +
          "for which its nearest value was taken",
      );
    }
    for (const [what, message] of this.#failures) {
      notes.push(`${what}: ${message}`);
    }
    return makeReading({
      project,
      seconds: ledger.seconds,
      parts,
      pue: state.pue,
      intensity: carbon ? ledgerIntensity(ledger, carbon) : intensity,
      notes,
    });
  }
}
