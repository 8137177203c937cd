/**
 * Recorded `/proc` and `/sys` trees, a clock that is set by hand and counts that
 * are made up, so that meters run on machines that are not there.
 *
 * @module
 */
import type {
  EnergyMeter,
  MeterReading,
  PartEnergy,
  PowerPart,
  SystemFiles,
  TrackerClock,
} from "../../lib/emissions/mod.ts";

/**
 * Files by path. A list is a trace: each read takes the next entry, the last
 * one stays. An error is thrown.
 */
export function recordedFiles(
  tree: Record<string, string | Error | (string | Error)[]>,
): SystemFiles {
  return {
    read(path) {
      const entry = tree[path];
      const value = Array.isArray(entry)
        ? entry.length > 1 ? entry.shift()! : entry[0]
        : entry;
      if (typeof value === "string") return Promise.resolve(value);
      return Promise.reject(value ?? new Deno.errors.NotFound(path));
    },
    list(folder) {
      const names = Object.keys(tree)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split("/")[0]!);
      return names.length > 0
        ? Promise.resolve([...new Set(names)].sort())
        : Promise.reject(new Deno.errors.NotFound(folder));
    },
  };
}

/** What a meter counted of a part, without a failure. */
export function partEnergy(
  part: PowerPart,
  joules: number | undefined,
  seconds: number,
): PartEnergy {
  const about = { part, label: "measured", method: "by hand" } as const;
  return { ...about, joules, seconds, missed: 0 };
}

/** A clock whose time is written by the test. */
export interface HandClock extends TrackerClock {
  now: number;
  today: Date;
}

/** Starts at an odd origin, as a monotonic clock may. */
export function handClock(): HandClock {
  return {
    now: 1234.5,
    today: new Date("2024-01-03T13:51:28Z"),
    seconds() {
      return this.now;
    },
    date() {
      return this.today;
    },
  };
}

/**
 * A GPU whose counter rises by `watts(time)`, integrated in steps of 10 ms,
 * from when it is first read; `fails` tells at which times it cannot be read.
 */
export function simulatedGpu(
  watts: (seconds: number) => number,
  fails: (seconds: number) => boolean = () => false,
): EnergyMeter {
  let last: number | undefined;
  return {
    part: "gpu",
    label: "measured",
    method: "simulated counter",
    read(now): Promise<MeterReading | undefined> {
      if (fails(now)) return Promise.resolve(undefined);
      const from = last ?? now;
      last = now;
      const steps = Math.round((now - from) * 100);
      let joules = 0;
      for (let i = 0; i < steps; i++) {
        joules += watts(from + (i + 0.5) / 100) / 100;
      }
      return Promise.resolve({ joules, seconds: now - from });
    },
  };
}

/** Watts that swing between 100 and 500, so that a lost stretch shows. */
export function swing(seconds: number): number {
  return 300 + 200 * Math.sin(seconds / 40);
}
