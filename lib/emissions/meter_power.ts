/**
 * What some work will use, before it runs: the power of the machine while a
 * little of it is done, times the time that all of it takes.
 *
 * Where a meter shows nothing in so short a time (a counter that has not moved
 * yet, a reading that failed), the power that tables give the part at full load
 * takes its place, and its method says so.
 *
 * @module
 */
import { DataError, formatDuration } from "../util/mod.ts";
import { findCpuTdp, loadCpuTdps } from "./cpu_power.ts";
import { aboutModel, type MeterAbout } from "./energy_meter.ts";
import { type EnergyReading, makeReading } from "./energy_reading.ts";
import { findGpuSpec, loadGpuSpecs } from "./gpu_specs.ts";
import type { HostFacts } from "./host_facts.ts";
import type { IntensityEstimate } from "./intensity.ts";
import { ramMethodV3, ramPowerV3 } from "./ram_power.ts";
import { track, type TrackOptions } from "./track.ts";
import { meanRate, type PowerPart, type Seconds, type Watts } from "./units.ts";

/** Power of one part by one method, without PUE. */
export interface PartPower extends MeterAbout {
  /** Undefined where neither its meter nor a table knows. */
  readonly watts: Watts | undefined;
}

/** Power of a machine at work, and where its electricity comes from. */
export interface MachinePower {
  readonly project: string;
  readonly parts: readonly PartPower[];
  readonly pue: number;
  readonly intensity: IntensityEstimate | undefined;
  readonly notes: readonly string[];
}

/**
 * Power of a part at full load by tables: the thermal design power of the
 * processor or of the cards, memory by its size. Its watts are undefined where
 * the tables do not have it.
 *
 * @param gpuNames cards that are metered
 */
export async function expectedPower(
  part: PowerPart,
  host: HostFacts,
  gpuNames: readonly string[] = [],
): Promise<PartPower> {
  const { memoryGibibytes: size, arch } = host;
  if (part === "cpu") {
    const { watts, method } = findCpuTdp(host, await loadCpuTdps());
    return { ...aboutModel(part, `full load, ${method}`), watts };
  }
  if (part === "ram" && size !== undefined) {
    const watts = ramPowerV3(size, arch);
    return { ...aboutModel(part, ramMethodV3(size)), watts };
  }
  const watts = part === "gpu" ? await tdpOfCards(gpuNames) : undefined;
  const method = watts === undefined
    ? "no table has it"
    : `full load, TDP of ${gpuNames.join(", ")}`;
  return { ...aboutModel(part, method), watts };
}

async function tdpOfCards(
  names: readonly string[],
): Promise<Watts | undefined> {
  const specs = await loadGpuSpecs();
  let sum: Watts = 0;
  for (const name of names) {
    try {
      sum += findGpuSpec(specs, name).tdpWatts ?? NaN;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return undefined; // the table has no such card
    }
  }
  return sum > 0 ? sum : undefined;
}

/** What came out, and the power meanwhile. */
export interface PoweredWork<T> {
  readonly value: T;
  readonly power: MachinePower;
}

/**
 * Does some work and gives the power of the machine meanwhile: of each part by
 * its meter, or by {@linkcode expectedPower} where that showed nothing.
 *
 * @throws what {@linkcode track} and the work throw
 */
export async function meterPower<T>(
  work: () => T | Promise<T>,
  options: TrackOptions,
): Promise<PoweredWork<T>> {
  await using tracker = await track({ ...options, intervalSeconds: 0 });
  const value = await work();
  const reading = await tracker.stop();
  const { project, pue, intensity, notes } = reading;
  const parts: PartPower[] = [];
  for (const { part, label, method, uncertainty, ...row } of reading.parts) {
    const watts = row.joules === undefined
      ? undefined
      : meanRate(row.joules, row.seconds);
    // A sensor that saw nothing at all was not asked for long enough.
    if (watts === undefined || (label === "measured" && watts === 0)) {
      const known = await expectedPower(part, tracker.host, tracker.gpuNames);
      const blind = `its meter showed nothing in ` +
        formatDuration(reading.seconds);
      parts.push({ ...known, method: `${known.method}; ${blind}` });
    } else parts.push({ part, label, method, uncertainty, watts });
  }
  return { value, power: { project, parts, pue, intensity, notes } };
}

/** Energy and carbon of so much time at a power, part by part. */
export function energyAtPower(
  { parts, ...rest }: MachinePower,
  seconds: Seconds,
): EnergyReading {
  return makeReading({
    ...rest,
    seconds,
    parts: parts.map(({ watts, ...part }) => ({
      ...part,
      joules: watts === undefined ? undefined : watts * seconds,
      seconds,
      missed: 0,
    })),
  });
}
