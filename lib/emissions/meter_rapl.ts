/**
 * Measured CPU and memory energy: the RAPL counters that Linux shows for Intel
 * and AMD processors below `/sys/class/powercap` ("intel-rapl" for both).
 *
 * Domains nest (psys holds package, package holds core and uncore), so only
 * packages are added up, and "dram", which stands below a package and is not
 * part of its number, is the memory's. Counters are in microjoules and wrap at
 * `max_energy_range_uj`, after 22 minutes at 200 W. Since Linux 5.10 they are
 * readable by root only (CVE-2020-8694), which is said and not papered over.
 *
 * @module
 */
import { DeviceError, messageOf } from "../util/mod.ts";
import {
  type EnergyMeter,
  METER_START,
  type MeterReading,
} from "./energy_meter.ts";
import type { SystemFiles } from "./host_facts.ts";
import type { Joules, Seconds, Watts } from "./units.ts";

const FOLDER = "sys/class/powercap";
/** Parts of the machine that have counters. */
export type RaplPart = "cpu" | "ram";

/** Which domains belong to a part, and what is known of their error. */
const PARTS = {
  cpu: {
    /** Top-level domains by MSR or MMIO. */
    folder: /^intel-rapl(-mmio)?:\d+$/,
    /** "package-0", and "package-0-die-1" of processors with several dies. */
    name: /^package-\d+(-die-\d+)?$/,
    wanted: "processor package",
    /** Rough: Intel measures since Haswell, AMD models; neither states one. */
    uncertainty: 0.1,
  },
  ram: {
    /** "intel-rapl:0:1" is nested in the package "intel-rapl:0". */
    folder: /^intel-rapl(-mmio)?:\d+:\d+$/,
    name: /^dram$/,
    wanted: "memory domain",
    /** Rough: Desrochers et al. 2016 find offsets, the largest when idle. */
    uncertainty: 0.2,
  },
} as const;

/** More than any processor package takes: the counter was reset, no wrap. */
const HIGHEST_PACKAGE_POWER: Watts = 2000;
/** An idle package draws a watt: a counter that stands still counts nothing. */
const LONGEST_STANDSTILL: Seconds = 1;

interface RaplDomain {
  readonly name: string;
  readonly path: string;
  /** Joules at which the counter begins again. */
  readonly range: Joules;
}

/**
 * Opens the RAPL counters of all processor packages, or of their memory.
 *
 * @throws {DeviceError} when there are none, or saying what to run when they
 * may not be read
 */
export async function openRaplMeter(
  files: SystemFiles,
  part: RaplPart = "cpu",
): Promise<EnergyMeter> {
  const domains = await findDomains(files, part);
  await readCounters(files, domains); // refuses early what cannot be read
  const names = domains.map(({ name }) => name).join(" + ");
  return {
    part,
    label: "measured",
    method: `RAPL energy counter of ${names}`,
    uncertainty: PARTS[part].uncertainty,
    read: counterReader(files, domains),
  };
}

/** The domains of a part; the MMIO one where MSR and MMIO show the same. */
async function findDomains(
  files: SystemFiles,
  part: RaplPart,
): Promise<RaplDomain[]> {
  const { folder, name: wantedName, wanted } = PARTS[part];
  const entries = await files.list(FOLDER).catch(() => []);
  const byName = new Map<string, RaplDomain>();
  // "intel-rapl-mmio:0" sorts before "intel-rapl:0": the first one stays.
  for (const entry of entries.filter((name) => folder.test(name)).sort()) {
    const path = `${FOLDER}/${entry}`;
    const own = (await readFile(files, `${path}/name`)).trim();
    // Each package has a domain of the same name: "dram of 0", "dram of 1".
    const name = part === "cpu" ? own : `${own} of ${entry.split(":")[1]}`;
    if (!wantedName.test(own) || byName.has(name)) continue;
    const range = await readJoules(files, `${path}/max_energy_range_uj`);
    byName.set(name, { name, path, range });
  }
  if (byName.size > 0) return [...byName.values()];
  throw new DeviceError(
    `Cannot read RAPL energy counters: /${FOLDER} lists ` +
      `${entries.length === 0 ? "nothing" : entries.join(", ")} ` +
      `and no ${wanted} (usual in virtual machines and containers)`,
  );
}

async function readFile(files: SystemFiles, path: string): Promise<string> {
  try {
    return await files.read(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new DeviceError(
        `Cannot read RAPL energy counters: Deno may not read /${path}; ` +
          "start it with -A or --allow-read",
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new DeviceError(
        `Cannot read RAPL energy counters: /${path} is for root only; run ` +
          `"sudo chmod a+r /${FOLDER}/intel-rapl*/energy_uj" (until reboot)`,
      );
    }
    throw new DeviceError(
      `Cannot read RAPL energy counters: /${path}: ${messageOf(error)}`,
    );
  }
}

async function readJoules(files: SystemFiles, path: string): Promise<Joules> {
  const text = (await readFile(files, path)).trim();
  if (/^\d+$/.test(text)) return Number(text) / 1e6;
  throw new DeviceError(
    `Cannot read RAPL energy counters: /${path} holds "${text}", ` +
      "not a number of microjoules",
  );
}

function readCounters(
  files: SystemFiles,
  domains: readonly RaplDomain[],
): Promise<Joules[]> {
  return Promise.all(
    domains.map(({ path }) => readJoules(files, `${path}/energy_uj`)),
  );
}

/**
 * Differences between readings that worked. A failed reading changes nothing,
 * so the next one that works covers its time as well.
 */
function counterReader(
  files: SystemFiles,
  domains: readonly RaplDomain[],
): (now: Seconds) => Promise<MeterReading | undefined> {
  let last: { now: Seconds; counters: Joules[] } | undefined;
  return async (now) => {
    const counters = await readCounters(files, domains).catch(() => undefined);
    if (!counters) return undefined;
    const before = last;
    const seconds = now - (before?.now ?? now);
    const isStill = before !== undefined && seconds > LONGEST_STANDSTILL &&
      counters.every((joules, i) => joules === before.counters[i]);
    if (isStill) return undefined;
    last = { now, counters };
    if (!before) return METER_START;
    let joules = 0;
    for (const [i, domain] of domains.entries()) {
      const step = counters[i]! - before.counters[i]!;
      const isWrap = step < 0;
      const used = isWrap ? step + domain.range : step;
      // A counter that was reset looks like a wrap with an absurd power.
      if (isWrap && used > HIGHEST_PACKAGE_POWER * seconds) return undefined;
      joules += used;
    }
    return { joules, seconds };
  };
}
