/**
 * Chooses the best meter for each part of the machine and says why a better
 * one was not to be had. Order: stated watts, a counter, a model of the load,
 * a constant. A part without any meter stays without a reading. Where the
 * whole machine is metered at once, by battery or by a stated power, its parts
 * are not: they would be counted twice.
 *
 * @module
 */
import { ConfigError, DeviceError } from "../util/mod.ts";
import {
  cpuConstantMeter,
  cpuLoadAverageMeter,
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
import { openBatteryMeter } from "./meter_battery.ts";
import { openNvidiaMeter } from "./meter_nvidia.ts";
import { openNvmlMeter } from "./meter_nvml.ts";
import {
  openPowermetricsMeters,
  type PowermetricsOptions,
} from "./meter_powermetrics.ts";
import { openRaplMeter } from "./meter_rapl.ts";
import { openNvml } from "./nvml.ts";
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
  /**
   * Known mean power of a part in watts, which takes the place of its meter; of
   * the "machine": in place of all of them.
   */
  wattsStated?: Readonly<Partial<Record<PowerPart, Watts>>>;
  /** Meters the whole machine by its battery; off by default. */
  battery?: boolean;
  /** Model of memory power, "v3" by default. */
  ramModel?: RamModel;
  /**
   * Indices of the GPUs to meter, on a machine shared with others; all. An
   * empty list: none of them is ours.
   */
  gpus?: readonly number[];
  /** NVIDIA's management library; that of the driver by default. */
  nvmlLibrary?: string;
  /** Program that prints GPU power where that library cannot be loaded. */
  nvidiaSmi?: string;
  /** How power is read on macOS, for tests. */
  powermetrics?: PowermetricsOptions;
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
 * Finds a meter for each part of the machine, or one for all of it.
 *
 * @throws {ConfigError} when stated watts are negative or not finite, or state
 * the machine and a part of it
 * @throws {DeviceError} when it is to be metered by a battery that gives nothing
 */
export async function findMeters(
  options: MeterOptions = {},
): Promise<MeterSet> {
  const {
    files = systemFiles(),
    scope = "machine",
    wattsStated = {},
    ramModel = "v3",
  } = options;
  const host = options.host ?? await readHostFacts(files);
  const notes: string[] = [];
  const whole = await findWholeMeter(options, files);
  if (whole) return { meters: [whole], notes, host, scope, gpuNames: [] };
  const stated = statedMeters(wattsStated); // refuses before anything is opened
  const isMac = host.os === "darwin" && scope === "machine";
  const mac = isMac ? await openMacMeters(options, notes) : [];
  const macMeter = (part: PowerPart) => mac.find((own) => own.part === part);
  const cpu = stated.cpu ?? macMeter("cpu") ??
    await findCpuMeter(host, files, scope, notes);
  const ram = stated.ram ??
    await findRamMeter({ host, files, scope, model: ramModel }, notes);
  // The GPU comes last, since its meter may start a process.
  const gpu = stated.gpu ?? macMeter("gpu") ??
    await findGpuMeter(options, notes);
  if (gpu?.label === "measured" && scope === "process") {
    notes.push("gpu is counted whole: its sensors know of no processes");
  }
  const meters = [gpu, cpu, ram].flatMap((meter) => meter ?? []);
  return { meters, notes, host, scope, gpuNames: gpu?.deviceNames ?? [] };
}

/** The meter of all parts together, where one is wanted. */
async function findWholeMeter(
  { wattsStated = {}, battery = false }: MeterOptions,
  files: SystemFiles,
): Promise<EnergyMeter | undefined> {
  const { machine, ...parts } = wattsStated;
  if (machine === undefined && !battery) return undefined;
  const ways = [
    ...(battery ? ["a battery"] : []),
    ...(machine === undefined ? [] : [`${machine} W`]),
    ...Object.keys(parts).map((part) => `watts of its ${part}`),
  ];
  if (ways.length > 1) {
    throw new ConfigError(
      `Cannot meter the machine by ${ways.join(" and by ")}: ` +
        "it would be counted twice",
    );
  }
  return machine === undefined
    ? await openBatteryMeter(files)
    : statedMeter("machine", machine);
}

/** CPU and GPU of a Mac, where the user may run powermetrics. */
async function openMacMeters(
  { wattsStated: stated, powermetrics }: MeterOptions,
  notes: string[],
): Promise<EnergyMeter[]> {
  if (stated?.cpu !== undefined && stated.gpu !== undefined) return [];
  const meters = await attempt(openPowermetricsMeters(powermetrics));
  if (typeof meters !== "string") return meters;
  notes.push(`cpu: ${meters}`);
  return [];
}

/** What was opened, or the message of the DeviceError that says why not. */
async function attempt<T>(opening: Promise<T>): Promise<T | string> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}

/** Meters of the parts whose power is stated. */
function statedMeters(
  watts: Readonly<Partial<Record<PowerPart, Watts>>>,
): Partial<Record<PowerPart, EnergyMeter>> {
  return Object.fromEntries(
    Object.entries(watts).map(([part, value]) => [
      part,
      statedMeter(part as PowerPart, value),
    ]),
  );
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
  { nvmlLibrary, nvidiaSmi = "nvidia-smi", gpus }: MeterOptions,
  notes: string[],
): Promise<EnergyMeter | undefined> {
  if (gpus?.length === 0) return undefined;
  const open = async () =>
    await openNvmlMeter({ nvml: openNvml(nvmlLibrary), gpus });
  const nvml = await attempt(open());
  if (typeof nvml !== "string") return nvml;
  const smi = await attempt(openNvidiaMeter({ command: nvidiaSmi, gpus }));
  if (typeof smi !== "string") {
    notes.push(`gpu: ${nvml}`);
    return smi;
  }
  notes.push(`gpu has no reading: ${nvml}; ${smi}`);
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
  // Windows has no load average and shows 0.
  return host.os === "windows" || host.threads === undefined
    ? cpuConstantMeter(tdp)
    : cpuLoadAverageMeter(tdp, host.threads);
}

/** What is known of the memory that is to be metered. */
interface RamWish {
  readonly host: HostFacts;
  readonly files: SystemFiles;
  readonly scope: MeterScope;
  readonly model: RamModel;
}

async function findRamMeter(
  { host, files, scope, model }: RamWish,
  notes: string[],
): Promise<EnergyMeter | undefined> {
  const { memoryGibibytes: size, arch } = host;
  if (scope === "machine") {
    const counter = await attempt(openRaplMeter(files, "ram"));
    if (typeof counter !== "string") return counter; // few machines have one
  }
  if (size === undefined) {
    notes.push("ram has no reading: the size of memory is not known");
    return undefined;
  }
  if (scope === "machine") return ramMeter(model, size, arch);
  const watts = model === "v2" ? ramPowerV2(size) : ramPowerV3(size, arch);
  return ramProcessMeter(watts, size);
}
