/**
 * What every meter has in common. A meter says how much energy one part of the
 * machine used since its last reading, and by which method it knows.
 *
 * @module
 */
import {
  type Joules,
  type MethodLabel,
  MODEL_UNCERTAINTY,
  type PowerPart,
  type Seconds,
  type Watts,
} from "./units.ts";

/** Energy over a time: what one reading adds. */
export interface MeterReading {
  readonly joules: Joules;
  /** Time that the energy belongs to. */
  readonly seconds: Seconds;
}

/** Something that knows the energy of one part of the machine. */
export interface EnergyMeter {
  readonly part: PowerPart;
  readonly label: MethodLabel;
  /** One line: counter or formula, with its constants. */
  readonly method: string;
  /**
   * Share by which the truth may lie above or below, roughly: 0.05 for 5 %.
   * Undefined where nobody has said.
   */
  readonly uncertainty?: number | undefined;
  /** Names of the devices that are read, where they have names. */
  readonly deviceNames?: readonly string[];
  /**
   * Energy since the last reading that worked; the first one that works starts
   * the meter and covers no time. Undefined: the reading failed.
   *
   * @param now seconds on a clock that never goes back
   */
  read(now: Seconds): Promise<MeterReading | undefined>;
  /** Ends whatever the meter keeps running. */
  close?(): void;
}

/** What a meter says of itself, apart from its readings. */
export type MeterAbout = Pick<
  EnergyMeter,
  "part" | "label" | "method" | "uncertainty"
>;

/** What a model of a part says of itself. */
export function aboutModel(part: PowerPart, method: string): MeterAbout {
  return { part, label: "modelled", method, uncertainty: MODEL_UNCERTAINTY };
}

/** The beginning of a meter: nothing yet, over no time. */
export const METER_START: MeterReading = { joules: 0, seconds: 0 };

/**
 * A meter from a power: `power()` gives the mean watts since its last call, or
 * undefined when it cannot tell.
 */
export function powerMeter(
  about: MeterAbout,
  power: (seconds: Seconds) => Promise<Watts | undefined>,
): EnergyMeter {
  let last: Seconds | undefined;
  return {
    ...about,
    async read(now) {
      const seconds = last === undefined ? 0 : now - last;
      const watts = await power(seconds);
      if (watts === undefined) return undefined;
      const isFirst = last === undefined;
      last = now;
      return isFirst ? METER_START : { joules: watts * seconds, seconds };
    },
  };
}

/** A meter of constant power, such as a stated one. */
export function constantMeter(
  about: MeterAbout,
  watts: Watts,
): EnergyMeter {
  return powerMeter(about, () => Promise.resolve(watts));
}
