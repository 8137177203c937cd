/**
 * CPU power without a counter, as CodeCarbon 3 models it: from the thermal
 * design power (TDP) and the load of the machine, from the CPU time of this
 * process, or as half of the TDP where not even the load is known.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import {
  DeviceError,
  numberCell,
  plainName,
  readDataTable,
} from "../util/mod.ts";
import {
  aboutModel,
  constantMeter,
  type EnergyMeter,
  powerMeter,
} from "./energy_meter.ts";
import type { HostFacts, SystemFiles } from "./host_facts.ts";
import type { Seconds, Watts } from "./units.ts";

/** TDP a thread of a processor that no table has. */
const TDP_PER_THREAD: Watts = 4;
/** TDP when not even the number of threads is known. */
const TDP_UNKNOWN: Watts = 85;

/** A thermal design power and how it was found. */
export interface CpuTdp {
  readonly watts: Watts;
  readonly method: string;
}

/** TDP of one socket by processor, keys as {@linkcode findCpuTdp} wants. */
export async function loadCpuTdps(): Promise<ReadonlyMap<string, Watts>> {
  const rows = await readDataTable("emissions/cpu_tdp");
  return new Map(
    rows.map((row) => [cpuKey(row.cpu!), numberCell(row, "tdp_watts")]),
  );
}

/** "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz" as "intel xeon gold 6230". */
function cpuKey(model: string): string {
  return plainName(
    model.replace(/\((R|TM)\)/gi, " ")
      .replace(/@.*$/, " ")
      .replace(/\bwith Radeon.*$/i, " ")
      .replace(/^\d+th Gen\b/i, " ")
      .replace(/\b\w+-Core\b/gi, " ")
      .replace(/\b(CPU|Processor)\b/gi, " ")
      .replace(/\+/g, " plus "), // "6438Y+" is not "6438Y"
  );
}

/**
 * TDP of all sockets: by the processor's name in the table, else 4 W a thread,
 * else 85 W. A name must match whole, since a near one may use half as much. A
 * virtual machine is charged for the whole processor when it shows its name.
 */
export function findCpuTdp(
  host: HostFacts,
  table: ReadonlyMap<string, Watts>,
): CpuTdp {
  const { cpuModel, sockets, threads } = host;
  const watts = cpuModel === undefined
    ? undefined
    : table.get(cpuKey(cpuModel));
  if (watts !== undefined) {
    return {
      watts: watts * sockets,
      method: `TDP ${sockets} x ${watts} W of ${cpuModel}`,
    };
  }
  const name = cpuModel === undefined ? "no CPU name" : `"${cpuModel}"`;
  return threads === undefined
    ? { watts: TDP_UNKNOWN, method: `TDP ${TDP_UNKNOWN} W (${name})` }
    : {
      watts: TDP_PER_THREAD * threads,
      method: `TDP ${threads} threads x ${TDP_PER_THREAD} W ` +
        `(${name} is not in the table)`,
    };
}

/** P = TDP x (0.1 + 0.9 x load^3), load 0 to 1 (CodeCarbon 3). */
export function powerAtLoad(tdp: Watts, load: number): Watts {
  return tdp * (0.1 + 0.9 * load ** 3);
}

/**
 * Models the power of the whole machine from its load, which is the mean since
 * the last sample: shares of busy time in `/proc/stat`.
 *
 * @throws {DeviceError} where there is no such file
 */
export async function openCpuLoadMeter(
  files: SystemFiles,
  tdp: CpuTdp,
): Promise<EnergyMeter> {
  let last = await readTicks(files);
  if (!last) {
    throw new DeviceError(
      "Cannot model CPU power from load: /proc/stat cannot be read",
    );
  }
  let load = 0;
  const method = `TDP x (0.1 + 0.9 x load^3), whole machine, ${tdp.method}`;
  return powerMeter(aboutModel("cpu", method), async () => {
    const ticks = await readTicks(files);
    if (!ticks || !last) return undefined;
    const total = ticks.total - last.total;
    // Less than one tick since the last sample: the load is the last one.
    if (total > 0) load = (ticks.busy - last.busy) / total;
    last = ticks;
    return powerAtLoad(tdp.watts, Math.min(1, Math.max(0, load)));
  });
}

/** Busy and total ticks of all processors since the machine started. */
async function readTicks(
  files: SystemFiles,
): Promise<{ busy: number; total: number } | undefined> {
  const text = await files.read("proc/stat").catch(() => "");
  // user nice system idle iowait irq softirq steal; guests are within user.
  const ticks = text.match(/^cpu\s+([\d ]+)/)?.[1]?.trim().split(/ +/)
    .slice(0, 8).map(Number);
  if (!ticks || ticks.length < 5) return undefined;
  const total = ticks.reduce((sum, n) => sum + n, 0);
  return { busy: total - ticks[3]! - ticks[4]!, total };
}

/**
 * Models the power of the whole machine from its load average, the mean number
 * of threads at work over the last minute: what macOS tells instead of ticks.
 *
 * @param loadAverage threads at work, for tests
 */
export function cpuLoadAverageMeter(
  tdp: CpuTdp,
  threads: number,
  loadAverage: () => number = () => Deno.loadavg()[0]!,
): EnergyMeter {
  const method = "TDP x (0.1 + 0.9 x load^3), whole machine, load average of " +
    `a minute over ${threads} threads, ${tdp.method}`;
  return powerMeter(aboutModel("cpu", method), () => {
    const load = Math.min(1, loadAverage() / threads);
    return Promise.resolve(powerAtLoad(tdp.watts, load));
  });
}

/** CPU time of this process and its threads in seconds. */
function processCpuSeconds(): Seconds {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Models this process's share of the machine: P = TDP x CPU seconds / wall
 * seconds / threads. Processes that it starts are not counted.
 *
 * @param cpuSeconds CPU time so far, for tests
 */
export function cpuProcessMeter(
  tdp: CpuTdp,
  threads: number,
  cpuSeconds: () => Seconds = processCpuSeconds,
): EnergyMeter {
  let last = cpuSeconds();
  const method = `TDP x CPU time / time / ${threads} threads, this process ` +
    `only, ${tdp.method}`;
  return powerMeter(aboutModel("cpu", method), (seconds) => {
    const used = cpuSeconds() - last;
    last += used;
    return Promise.resolve(
      seconds > 0 ? tdp.watts * used / seconds / threads : 0,
    );
  });
}

/** Assumes half of the TDP, as CodeCarbon 2 did for both published runs. */
export function cpuConstantMeter(tdp: CpuTdp): EnergyMeter {
  const method = `half of ${tdp.method}, whatever the load`;
  const about = { ...aboutModel("cpu", method), label: "assumed" } as const;
  return constantMeter(about, tdp.watts / 2);
}
