/**
 * Measured GPU energy by NVML: the difference of each card's energy counter,
 * or, for cards without one (before Volta), the mean of its power, looked at
 * once a second.
 *
 * A failed reading is no reading and never no energy (CodeCarbon #1316): the
 * next one that works covers its time as well.
 *
 * @module
 */
import { ConfigError, DeviceError } from "../util/mod.ts";
import {
  type EnergyMeter,
  METER_START,
  type MeterReading,
} from "./energy_meter.ts";
import { countNames } from "./gpu_specs.ts";
import {
  NVIDIA_UNCERTAINTY,
  type Nvml,
  type NvmlCard,
  openNvml,
} from "./nvml.ts";
import { PowerAverage } from "./power_feed.ts";
import type { Joules, Seconds, Watts } from "./units.ts";

/** Seconds between two looks at the power of a card without a counter. */
const PERIOD: Seconds = 1;
/** More than any card takes: the counter was set anew, it did not count. */
const HIGHEST_CARD_POWER: Watts = 5000;
/** A card draws some watts when idle: a counter that stands still is broken. */
const LONGEST_STANDSTILL: Seconds = 5;

/** Energy since the last reading that worked; undefined: this one failed. */
type CardReader = (now: Seconds) => Promise<MeterReading | undefined>;

/** Where the numbers come from. */
export interface NvmlMeterOptions {
  /** The library, opened; the driver's by default. */
  nvml?: Nvml;
  /** Indices of the cards to meter; all by default. */
  gpus?: readonly number[] | undefined;
}

/**
 * Opens the cards of the machine.
 *
 * @throws {ConfigError} when there is no card of a wanted index
 * @throws {DeviceError} when NVML is not there or a card shows neither energy
 * nor power
 */
export async function openNvmlMeter(
  { nvml = openNvml(), gpus }: NvmlMeterOptions = {},
): Promise<EnergyMeter> {
  const timers: ReturnType<typeof setInterval>[] = [];
  const close = () => {
    timers.forEach(clearInterval);
    nvml.close();
  };
  const readers: CardReader[] = [];
  let cards = nvml.cards;
  try {
    cards = chooseCards(cards, gpus);
    for (const card of cards) readers.push(await openReader(card, timers));
  } catch (error) {
    close();
    throw error;
  }
  const deviceNames = cards.map(({ name }) => name);
  const numPower = timers.length;
  const what = numPower === 0
    ? "energy counter"
    : numPower === cards.length
    ? `power each ${PERIOD} s`
    : `energy counter (${numPower} by power each ${PERIOD} s)`;
  const read = allOf(readers);
  return {
    part: "gpu",
    label: "measured",
    method: `NVML ${what} of ${countNames(deviceNames)}`,
    uncertainty: NVIDIA_UNCERTAINTY,
    deviceNames,
    read,
    close,
  };
}

/** The cards of these indices. */
function chooseCards(
  cards: readonly NvmlCard[],
  gpus: readonly number[] | undefined,
): readonly NvmlCard[] {
  if (!gpus) return cards;
  return gpus.map((index) => {
    const card = cards[index];
    if (card) return card;
    throw new ConfigError(
      `Cannot meter GPU ${index}: the machine has 0 to ${cards.length - 1}`,
    );
  });
}

async function openReader(
  card: NvmlCard,
  timers: ReturnType<typeof setInterval>[],
): Promise<CardReader> {
  if (await card.energy() !== undefined) return counterReader(card);
  const watts = await card.power();
  if (watts === undefined) {
    throw new DeviceError(
      `Cannot read GPU energy: ${card.name} shows neither energy nor power`,
    );
  }
  const mean = new PowerAverage(3 * PERIOD);
  mean.add(watts);
  const look = async () => {
    const now = await card.power();
    if (now !== undefined) mean.add(now);
  };
  const timer = setInterval(look, PERIOD * 1000);
  Deno.unrefTimer(timer);
  timers.push(timer);
  let last: Seconds | undefined;
  return (now) => {
    const seconds = now - (last ?? now);
    const power = mean.take(seconds);
    if (power === undefined) return Promise.resolve(undefined);
    last = now;
    return Promise.resolve({ joules: power * seconds, seconds });
  };
}

/** Differences of a counter. */
function counterReader(card: NvmlCard): CardReader {
  let last: { now: Seconds; energy: Joules } | undefined;
  return async (now) => {
    const energy = await card.energy();
    if (energy === undefined) return undefined;
    const before = last;
    if (!before) {
      last = { now, energy };
      return METER_START;
    }
    const seconds = now - before.now;
    const joules = energy - before.energy;
    const isStill = joules === 0 && seconds > LONGEST_STANDSTILL;
    if (isStill) return undefined; // what it makes up for later is counted
    last = { now, energy };
    // The driver was loaded again: what was used in between is not known.
    const isReset = joules < 0 || joules > HIGHEST_CARD_POWER * seconds;
    return isReset ? undefined : { joules, seconds };
  };
}

/**
 * Cards together. A card whose reading failed makes the sum fail; what the
 * others have used is kept for the next one.
 */
function allOf(readers: readonly CardReader[]): CardReader {
  let last: Seconds | undefined;
  let kept: Joules = 0;
  return async (now) => {
    const readings = await Promise.all(readers.map((read) => read(now)));
    for (const reading of readings) kept += reading?.joules ?? 0;
    if (readings.includes(undefined)) return undefined;
    const seconds = now - (last ?? now);
    const joules = kept;
    last = now;
    kept = 0;
    return { joules, seconds };
  };
}
