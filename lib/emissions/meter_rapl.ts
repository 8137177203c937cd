/**
 * Measured CPU energy: the RAPL counters that Linux shows for Intel and AMD
 * processors below `/sys/class/powercap` ("intel-rapl" for both makers).
 *
 * Domains nest (psys holds package, package holds core and uncore), so only
 * packages are added up. Counters are in microjoules and wrap at
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
/** Top-level domains by MSR or MMIO; "intel-rapl:0:0" is nested in one. */
const DOMAIN = /^intel-rapl(-mmio)?:\d+$/;
/** "package-0", and "package-0-die-1" of processors with several dies. */
const PACKAGE = /^package-\d+(-die-\d+)?$/;
/** More than any processor package takes: the counter was reset, no wrap. */
const HIGHEST_PACKAGE_POWER: Watts = 2000;

interface RaplDomain {
  readonly name: string;
  readonly path: string;
  /** Joules at which the counter begins again. */
  readonly range: Joules;
}

/**
 * Opens the RAPL counters of all processor packages.
 *
 * @throws {DeviceError} when there are none, or saying what to run when they
 * may not be read
 */
export async function openRaplMeter(files: SystemFiles): Promise<EnergyMeter> {
  const domains = await findPackages(files);
  await readCounters(files, domains); // refuses early what cannot be read
  const names = domains.map(({ name }) => name).join(" + ");
  return {
    part: "cpu",
    label: "measured",
    method: `RAPL energy counter of ${names}`,
    read: counterReader(files, domains),
  };
}

/** The package domains; the MMIO one where MSR and MMIO show the same. */
async function findPackages(files: SystemFiles): Promise<RaplDomain[]> {
  const entries = await files.list(FOLDER).catch(() => []);
  const byName = new Map<string, RaplDomain>();
  // "intel-rapl-mmio:0" sorts before "intel-rapl:0": the first one stays.
  for (const entry of entries.filter((name) => DOMAIN.test(name)).sort()) {
    const path = `${FOLDER}/${entry}`;
    const name = (await readFile(files, `${path}/name`)).trim();
    if (!PACKAGE.test(name) || byName.has(name)) continue;
    const range = await readJoules(files, `${path}/max_energy_range_uj`);
    byName.set(name, { name, path, range });
  }
  if (byName.size > 0) return [...byName.values()];
  throw new DeviceError(
    `Cannot read RAPL energy counters: /${FOLDER} lists ` +
      `${entries.length === 0 ? "nothing" : entries.join(", ")} ` +
      "and no processor package (usual in virtual machines and containers)",
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
    last = { now, counters };
    if (!before) return METER_START;
    const seconds = now - before.now;
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
