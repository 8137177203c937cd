/**
 * Memory power by size, since no counter is at hand: the two models of
 * CodeCarbon. Version 2 takes 3 W per 8 GB, which gave a host of 1 TB 378 W;
 * version 3 guesses how many modules there are and counts each.
 *
 * @module
 */
import {
  aboutModel,
  constantMeter,
  type EnergyMeter,
  powerMeter,
} from "./energy_meter.ts";
import type { Watts } from "./units.ts";

/** Model of memory power, named after the major version of CodeCarbon. */
export type RamModel = "v2" | "v3";

/** Power of memory by version 2: 3 W per 8 GiB. */
export function ramPowerV2(gibibytes: number): Watts {
  return gibibytes * 3 / 8;
}

/** Number of modules that a machine with that much memory may have. */
export function guessMemoryModules(gibibytes: number): number {
  if (gibibytes <= 2) return 1;
  if (gibibytes <= 16) return 2;
  if (gibibytes <= 64) return 4;
  if (gibibytes <= 128) return 8;
  // Servers: the largest module of which there are at least eight.
  const size = [128, 64, 32].find((size) => gibibytes / size >= 8) ?? 16;
  return Math.min(32, Math.ceil(gibibytes / size));
}

/**
 * Power of memory by version 3: each module 5 W (1.5 W on ARM), the 5th to 8th
 * 10 % less, the 9th to 16th 20 % less, further ones 30 % less; at least 10 W
 * (3 W on ARM).
 */
export function ramPowerV3(gibibytes: number, arch = "x86_64"): Watts {
  const perModule = arch === "aarch64" ? 1.5 : 5;
  const modules = guessMemoryModules(gibibytes);
  const between = (low: number, high: number) =>
    Math.max(0, Math.min(modules, high) - low);
  const weight = between(0, 4) + 0.9 * between(4, 8) + 0.8 * between(8, 16) +
    0.7 * between(16, Infinity);
  return Math.max(2 * perModule, perModule * weight);
}

/** How {@linkcode ramPowerV3} comes to its number. */
export function ramMethodV3(gibibytes: number): string {
  return `${guessMemoryModules(gibibytes)} modules guessed from ` +
    `${gibibytes.toFixed(1)} GiB`;
}

/** Models the memory of the machine. */
export function ramMeter(
  model: RamModel,
  gibibytes: number,
  arch: string,
): EnergyMeter {
  const [method, watts] = model === "v2"
    ? [`3 W per 8 GiB of ${gibibytes.toFixed(1)} GiB`, ramPowerV2(gibibytes)]
    : [ramMethodV3(gibibytes), ramPowerV3(gibibytes, arch)];
  return constantMeter(aboutModel("ram", method), watts);
}

/**
 * Models this process's share of the memory's power by its resident size.
 *
 * @param residentBytes resident size now, for tests
 */
export function ramProcessMeter(
  machine: Watts,
  gibibytes: number,
  residentBytes: () => number = () => Deno.memoryUsage().rss,
): EnergyMeter {
  const method = `${machine.toFixed(1)} W x share of ` +
    `${gibibytes.toFixed(1)} GiB, this process only`;
  return powerMeter(aboutModel("ram", method), () => {
    const share = residentBytes() / 2 ** 30 / gibibytes;
    return Promise.resolve(machine * Math.min(1, share));
  });
}
