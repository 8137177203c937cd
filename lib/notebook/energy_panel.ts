/**
 * A panel beside a running training: power now, energy and carbon so far, what
 * they will be at the end, and how each part is known.
 *
 * @module
 */
import {
  type EmissionsTracker,
  type EnergyReading,
  formatCarbon,
  formatEnergy,
  latestPower,
  predictReading,
  type WorkDone,
} from "../emissions/mod.ts";
import { formatPercent } from "../util/mod.ts";
import { DISPLAY, type MediaBundle } from "./jupyter.ts";
import { rowsHtml } from "./rows_html.ts";
import { meterLabels } from "./run_facts.ts";
import { type DisplayHandle, show } from "./show.ts";

/** What the panel asks of a tracker. */
export type PanelTracker = Pick<EmissionsTracker, "reading" | "points">;

/** One state of the panel, as an output of its own. */
export class EnergyPanelView {
  /** Names and values, in order. */
  readonly rows: readonly (readonly [name: string, value: string])[];

  /**
   * @param reading so far
   * @param watts power now, PUE included; undefined: no reading
   * @param predicted the reading at the end, once there is a rate
   * @param share share of the work that is done, 0 to 1
   */
  constructor(
    reading: EnergyReading,
    { watts, predicted, share }: {
      readonly watts: number | undefined;
      readonly predicted: EnergyReading | undefined;
      readonly share: number;
    },
  ) {
    this.rows = [
      ["power", watts === undefined ? "no reading" : `${watts.toFixed(1)} W`],
      ["so far", amounts(reading)],
      [
        "at the end",
        predicted ? amounts(predicted) : "known after the first steps",
      ],
      ["done", formatPercent(share)],
      ["known by", meterLabels(reading) || "no meter"],
    ];
  }

  toString(): string {
    return this.rows.map(([name, value]) => `${name}: ${value}`).join("  ");
  }

  [DISPLAY](): MediaBundle {
    return {
      "text/html": rowsHtml(this.rows),
      "text/plain": this.toString(),
    };
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** "0.123 Wh, 45.6 mg": energy, and carbon where there is a place. */
function amounts({ energyJoules, carbon }: EnergyReading): string {
  if (energyJoules === undefined) return "no reading";
  const energy = formatEnergy(energyJoules);
  return carbon ? `${energy}, ${formatCarbon(carbon.grams)} CO₂eq` : energy;
}

/** A panel that changes in place; made by {@linkcode energyPanel}. */
export class EnergyPanel {
  readonly #tracker: PanelTracker;
  readonly #total: number;
  readonly #handle: DisplayHandle;
  #since: WorkDone | undefined;

  constructor(
    tracker: PanelTracker,
    { total, handle }: { total: number; handle: DisplayHandle },
  ) {
    this.#tracker = tracker;
    this.#total = total;
    this.#handle = handle;
  }

  /** The panel after `done` of the work, for another place or a test. */
  view(done: number): EnergyPanelView {
    return panelView(this.#tracker, {
      done,
      total: this.#total,
      since: this.#since,
    });
  }

  /**
   * Shows the state after `done` of the work. The first call begins the rate
   * of the prediction: what came before, such as compiling, is left out of it.
   */
  update(done: number): void {
    this.#handle.update(this.view(done));
    this.#since ??= { reading: this.#tracker.reading(), done };
  }
}

/** One state of the panel. */
function panelView(
  tracker: PanelTracker,
  { done, total, since }: {
    readonly done: number;
    readonly total: number;
    readonly since: WorkDone | undefined;
  },
): EnergyPanelView {
  const reading = tracker.reading();
  return new EnergyPanelView(reading, {
    watts: latestPower(tracker.points, reading.pue),
    predicted: since && predictReading({ reading, done, total, since }),
    share: done / total,
  });
}

/**
 * Shows a panel for a run; call `update(done)` as it goes on.
 *
 * @param options.total work in all: steps, tokens, epochs
 *
 * @example
 * ```ts
 * const panel = await energyPanel(tracker, { total: config.steps });
 * for await (const record of train(options)) panel.update(record.step);
 * ```
 */
export async function energyPanel(
  tracker: PanelTracker,
  { total }: { total: number },
): Promise<EnergyPanel> {
  const first = panelView(tracker, { done: 0, total, since: undefined });
  return new EnergyPanel(tracker, { total, handle: await show(first) });
}
