/**
 * Embodied carbon: what the making of the hardware emitted, and the share of
 * it that falls on a run. It is shown apart and never added to the carbon of
 * electricity, since honest estimates of one card differ by a factor of forty
 * (the die alone, or the whole board with its transport).
 *
 * Table: `data/emissions/embodied_hardware.csv`. Share by time over lifetime:
 * ACT and LLMCarbon, arXiv 2309.14393; by time in use: Luccioni et al. 2022.
 *
 * @module
 */
import {
  ConfigError,
  DataError,
  describeNearNames,
  numberCell,
  readDataTable,
} from "../util/mod.ts";
import { cardKey } from "./gpu_specs.ts";
import type { Grams, Seconds } from "./units.ts";

/** Seconds in a year of 365 days, as in both sources. */
const YEAR: Seconds = 365 * 86_400;

/** One estimate for one piece of hardware. */
export interface EmbodiedCarbon {
  /** "A100 SXM4 40GB", "server without GPUs". */
  readonly hardware: string;
  readonly grams: Grams;
  /** Who counted, and what. */
  readonly method: string;
}

/** All estimates of the table. */
export async function loadEmbodiedCarbon(): Promise<EmbodiedCarbon[]> {
  const rows = await readDataTable("emissions/embodied_hardware");
  return rows.map((row) => ({
    hardware: row.hardware!,
    grams: numberCell(row, "kgco2eq") * 1000,
    method: row.method!,
  }));
}

/**
 * All estimates for one piece, as drivers and trackers name it.
 *
 * @throws {DataError} naming near names when the table has none
 */
export function findEmbodiedCarbon(
  table: readonly EmbodiedCarbon[],
  hardware: string,
): EmbodiedCarbon[] {
  const wanted = cardKey(hardware);
  const found = table.filter((row) => cardKey(row.hardware) === wanted);
  if (found.length > 0) return found;
  throw new DataError(
    `Cannot find the embodied carbon of "${hardware}": ` +
      describeNearNames(wanted, table.map((row) => row.hardware)),
  );
}

/** How long hardware lives and works. */
export interface HardwareLife {
  /** Years until it is replaced; 5 by default, as in LLMCarbon. */
  readonly years?: number;
  /** Share of that time in which it works, above 0 to 1; 1 by default. */
  readonly utilization?: number;
}

/**
 * The part of a making that falls on a time of use: grams x time / (lifetime x
 * share of it in use).
 *
 * @throws {ConfigError} when lifetime or utilization make no sense
 */
export function embodiedShare(
  grams: Grams,
  seconds: Seconds,
  { years = 5, utilization = 1 }: HardwareLife = {},
): Grams {
  if (!(years > 0 && utilization > 0 && utilization <= 1)) {
    throw new ConfigError(
      `Cannot share embodied carbon over ${years} years used to ` +
        `${utilization * 100} %: wanted years above 0 and a share of at most 1`,
    );
  }
  return grams * seconds / (years * YEAR * utilization);
}
