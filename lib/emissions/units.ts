/**
 * Units of energy and carbon. Inside the library energy is in joules and mass
 * in grams; kWh and kg appear at the door: in files, tables, figures, text.
 *
 * A missing reading is `undefined` everywhere in this folder and never 0: a
 * GPU that could not be read is not a GPU that used nothing.
 *
 * @module
 */

/** Energy in joules. */
export type Joules = number;
/** Power in watts. */
export type Watts = number;
/** Time in seconds. */
export type Seconds = number;
/** Mass of CO2 equivalent in grams. */
export type Grams = number;
/** Carbon intensity of electricity in grams of CO2 equivalent per kWh. */
export type GramsPerKwh = number;

/** Joules in one kilowatt-hour, exactly. */
export const JOULES_PER_KWH = 3.6e6;

/** The shortest time that a rate is computed over, in seconds. */
export const SHORTEST_INTERVAL: Seconds = 0.05;

/**
 * Parts of a machine whose energy is told apart. "machine" is all of it at
 * once (a battery, a wattmeter at the wall): where it is metered, the others
 * are not, since they would be counted twice.
 */
export type PowerPart = "gpu" | "cpu" | "ram" | "machine";

/** The parts in the order of tables and figures. */
export const POWER_PARTS: readonly PowerPart[] = [
  "gpu",
  "cpu",
  "ram",
  "machine",
];

/**
 * Share by which the truth may lie above or below a number that is modelled
 * from a load or a size, or assumed: twice as much, or hardly anything. The
 * cubic law of CPU load gives 2.6 times less than a linear one at half load,
 * half of a TDP stands for anything from a tenth to all of it, and memory was
 * measured at 1.5 W where its size gave 24 W (Green-Algorithms, issue 14).
 */
export const MODEL_UNCERTAINTY = 1;

/**
 * How a number came about. "measured": a sensor or counter of this machine;
 * "modelled": a formula fed with this machine's load or size; "assumed": a
 * constant that does not look at the machine, or a figure that was stated.
 */
export type MethodLabel = "measured" | "modelled" | "assumed";

/** Kilowatt-hours as joules. */
export function joulesFromKwh(kwh: number): Joules {
  return kwh * JOULES_PER_KWH;
}

/** Joules as kilowatt-hours. */
export function kwhFromJoules(joules: Joules): number {
  return joules / JOULES_PER_KWH;
}

/** Emissions of an amount of energy: grams = kWh x g/kWh. */
export function gramsFromEnergy(
  joules: Joules,
  intensity: GramsPerKwh,
): Grams {
  return kwhFromJoules(joules) * intensity;
}

/**
 * Amount over time, such as mean power from joules, or undefined over less
 * than {@linkcode SHORTEST_INTERVAL}: dividing a counter's step by a tiny time
 * gives powers of megawatts.
 */
export function meanRate(amount: number, seconds: Seconds): number | undefined {
  return seconds < SHORTEST_INTERVAL ? undefined : amount / seconds;
}
