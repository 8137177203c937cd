/**
 * Chooses the best meter for each part of the machine and says why a better
 * one was not to be had. Order: stated watts, a counter, a model of the load,
 * a constant. A part without any meter stays without a reading.
 *
 * @module
 */
import { ConfigError, DeviceError } from "../util/mod.ts";
import {
  cpuConstantMeter,
  cpuProcessMeter,
  findCpuTdp,
  loadCpuTdps,
  openCpuLoadMeter,
} from "./cpu_power.ts";
import { constantMeter, type EnergyMeter } from "./energy_meter.ts";
import {
  type HostFacts,
  readHostFacts,
  type SystemFiles,
  systemFiles,
} from "./host_facts.ts";
import { openNvidiaMeter } from "./meter_nvidia.ts";
import { openRaplMeter } from "./meter_rapl.ts";
import {
  ramMeter,
  type RamModel,
  ramPowerV2,
  ramPowerV3,
  ramProcessMeter,
} from "./ram_power.ts";
import type { PowerPart, Watts } from "./units.ts";

/**
 * "machine" counts the whole machine: run one tracker a host. "process" counts
 * this process's share of CPU and memory by model; GPUs are counted whole.
 */
export type MeterScope = "machine" | "process";

/** What to meter and how. */
export interface MeterOptions {
  /** "machine" by default. */
  scope?: MeterScope;
  /** Known mean power of a part in watts; takes the place of its meter. */
  wattsStated?: Readonly<Partial<Record<PowerPart, Watts>>>;
  /** Model of memory power, "v3" by default. */
  ramModel?: RamModel;
  /** Name or path of the program that prints GPU power. */
  nvidiaSmi?: string;
  /** `/proc` and `/sys`, for tests. */
  files?: SystemFiles;
  /** The machine, for tests. */
  host?: HostFacts;
}

/** Meters that were found, at most one a part. */
export interface MeterSet {
  readonly meters: readonly EnergyMeter[];
  /** Why a better meter was not to be had, one line each. */
  readonly notes: readonly string[];
  readonly host: HostFacts;
  readonly scope: MeterScope;
  /** Names of the GPUs that are metered. */
  readonly gpuNames: readonly string[];
}

/**
 * Finds a meter for each part of the machine.
 *
 * @throws {ConfigError} when stated watts are negative or not finite
 */
export async function findMeters(
  options: MeterOptions = {},
): Promise<MeterSet> {
  const {
    files = systemFiles(),
    scope = "machine",
    wattsStated = {},
    ramModel = "v3",
    nvidiaSmi = "nvidia-smi",
  } = options;
  const host = options.host ?? await readHostFacts(files);
  const notes: string[] = [];
  const stated = (part: PowerPart): EnergyMeter | undefined => {
    const watts = wattsStated[part];
    return watts === undefined ? undefined : statedMeter(part, watts);
  };
  const cpu = stated("cpu") ?? await findCpuMeter(host, files, scope, notes);
  const ram = stated("ram") ?? findRamMeter(host, scope, ramModel, notes);
  // The GPU comes last, since its meter starts a process.
  const gpu = stated("gpu") ?? await findGpuMeter(nvidiaSmi, notes);
  const meters = [gpu, cpu, ram].flatMap((meter) => meter ?? []);
  return { meters, notes, host, scope, gpuNames: gpu?.deviceNames ?? [] };
}

/** What was opened, or the message of the DeviceError that says why not. */
async function attempt(
  opening: Promise<EnergyMeter>,
): Promise<EnergyMeter | string> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}

function statedMeter(part: PowerPart, watts: Watts): EnergyMeter {
  if (!Number.isFinite(watts) || watts < 0) {
    throw new ConfigError(
      `Cannot meter ${part} with ${watts} W: ` +
        "stated power must be a number of at least 0",
    );
  }
  return constantMeter(
    { part, label: "assumed", method: `${watts} W stated by the user` },
    watts,
  );
}

async function findGpuMeter(
  command: string,
  notes: string[],
): Promise<EnergyMeter | undefined> {
  const gpu = await attempt(openNvidiaMeter({ command }));
  if (typeof gpu !== "string") return gpu;
  notes.push(`gpu has no reading: ${gpu}`);
  return undefined;
}

async function findCpuMeter(
  host: HostFacts,
  files: SystemFiles,
  scope: MeterScope,
  notes: string[],
): Promise<EnergyMeter> {
  const tdp = findCpuTdp(host, await loadCpuTdps());
  if (scope === "process") return cpuProcessMeter(tdp, host.threads ?? 1);
  for (
    const open of [
      () => openRaplMeter(files),
      () => openCpuLoadMeter(files, tdp),
    ]
  ) {
    const cpu = await attempt(open());
    if (typeof cpu !== "string") return cpu;
    notes.push(`cpu: ${cpu}`);
  }
  return cpuConstantMeter(tdp);
}

function findRamMeter(
  host: HostFacts,
  scope: MeterScope,
  model: RamModel,
  notes: string[],
): EnergyMeter | undefined {
  const { memoryGibibytes: size, arch } = host;
  if (size === undefined) {
    notes.push("ram has no reading: the size of memory is not known");
    return undefined;
  }
  if (scope === "machine") return ramMeter(model, size, arch);
  const watts = model === "v2" ? ramPowerV2(size) : ramPowerV3(size, arch);
  return ramProcessMeter(watts, size);
}
