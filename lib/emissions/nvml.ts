/**
 * NVIDIA's management library (NVML), which comes with the driver: names, the
 * energy counter and the power of each card, through Deno's FFI. Calls that
 * may take a while run on another thread, so that no step waits for them.
 *
 * A card's counter is in millijoules since the driver was loaded and exists
 * from Volta on. Reference: NVML API, "nvmlDeviceGetTotalEnergyConsumption"
 * and "nvmlDeviceGetPowerUsage".
 *
 * @module
 */
import { DeviceError, messageOf } from "../util/mod.ts";
import type { Joules, Watts } from "./units.ts";

/**
 * Share by which NVIDIA's sensors may err, roughly: NVML's reference states 5 %
 * for the power of Fermi and Kepler and nothing for later cards. Over a short
 * time it is worse, since A100 and H100 look at a quarter of it only (Yang et
 * al. 2023, arXiv 2312.02741).
 */
export const NVIDIA_UNCERTAINTY = 0.05;

/** One card. */
export interface NvmlCard {
  /** "NVIDIA A100-SXM4-40GB". */
  readonly name: string;
  /** Energy since the driver was loaded; undefined: it cannot be read. */
  energy(): Promise<Joules | undefined>;
  /** Power of the board now; undefined: it cannot be read. */
  power(): Promise<Watts | undefined>;
}

/** The library, opened. */
export interface Nvml {
  readonly cards: readonly NvmlCard[];
  close(): void;
}

const SYMBOLS = {
  nvmlInit_v2: { parameters: [], result: "i32" },
  nvmlShutdown: { parameters: [], result: "i32" },
  nvmlErrorString: { parameters: ["i32"], result: "pointer" },
  nvmlDeviceGetCount_v2: { parameters: ["buffer"], result: "i32" },
  nvmlDeviceGetHandleByIndex_v2: {
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  nvmlDeviceGetName: {
    parameters: ["pointer", "buffer", "u32"],
    result: "i32",
  },
  nvmlDeviceGetTotalEnergyConsumption: {
    parameters: ["pointer", "buffer"],
    result: "i32",
    nonblocking: true,
    optional: true, // drivers before 2018
  },
  nvmlDeviceGetPowerUsage: {
    parameters: ["pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
} as const;

/** Longest name of a device that NVML writes. */
const NAME_BYTES = 96;

/** The file that the driver installs. */
function libraryName(): string {
  return Deno.build.os === "windows" ? "nvml.dll" : "libnvidia-ml.so.1";
}

/**
 * Loads NVML and finds the cards.
 *
 * @param path the library; that of the driver by default
 * @throws {DeviceError} when it is not there, may not be loaded, does not
 * start, or knows no card
 */
export function openNvml(path: string = libraryName()): Nvml {
  const library = load(path);
  const { symbols } = library;
  const check = (code: number, what: string) => {
    if (code === 0) return;
    const text = symbols.nvmlErrorString(code);
    const reason = text
      ? new Deno.UnsafePointerView(text).getCString()
      : `error ${code}`;
    throw new DeviceError(`Cannot ${what} by NVML: ${reason}`);
  };
  let isStarted = false, isClosed = false, running = 0;
  const unload = () => {
    if (isStarted) symbols.nvmlShutdown();
    library.close();
  };
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    if (running === 0) unload();
  };
  // Code that another thread is in must not be unloaded.
  const call: Caller = async (work) => {
    if (isClosed) return undefined;
    running++;
    try {
      return await work();
    } finally {
      if (--running === 0 && isClosed) unload();
    }
  };
  try {
    check(symbols.nvmlInit_v2(), "read GPUs");
    isStarted = true;
    const count = new Uint32Array(1);
    check(symbols.nvmlDeviceGetCount_v2(count), "count GPUs");
    if (count[0] === 0) {
      throw new DeviceError("Cannot read GPUs by NVML: it knows no card");
    }
    const cards = Array.from({ length: count[0]! }, (_, index) => {
      const handle = new BigUint64Array(1);
      check(
        symbols.nvmlDeviceGetHandleByIndex_v2(index, handle),
        `open GPU ${index}`,
      );
      const device = Deno.UnsafePointer.create(handle[0]!);
      const name = new Uint8Array(NAME_BYTES);
      check(
        symbols.nvmlDeviceGetName(device, name, NAME_BYTES),
        `name GPU ${index}`,
      );
      return openCard(symbols, { device, name: textOf(name), call });
    });
    return { cards, close };
  } catch (error) {
    close();
    throw error;
  }
}

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

function load(path: string): Library {
  try {
    return Deno.dlopen(path, SYMBOLS);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new DeviceError(
        `Cannot load ${path}: Deno may not; start it with -A or --allow-ffi`,
      );
    }
    const isAbsent = /No such file|cannot open|not found|could not/i
      .test(messageOf(error));
    throw new DeviceError(
      `Cannot load ${path}: ` +
        (isAbsent ? "there is no NVIDIA driver" : messageOf(error)),
    );
  }
}

/** Text up to its zero byte. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? undefined : end));
}

/** Runs a call of the library, unless it is closed. */
type Caller = (work: () => Promise<number>) => Promise<number | undefined>;

function openCard(
  symbols: Library["symbols"],
  { device, name, call }: {
    readonly device: Deno.PointerValue;
    readonly name: string;
    readonly call: Caller;
  },
): NvmlCard {
  const { nvmlDeviceGetTotalEnergyConsumption, nvmlDeviceGetPowerUsage } =
    symbols;
  return {
    name,
    async energy() {
      if (!nvmlDeviceGetTotalEnergyConsumption) return undefined;
      const millijoules = new BigUint64Array(1);
      const code = await call(() =>
        nvmlDeviceGetTotalEnergyConsumption(device, millijoules)
      );
      return code === 0 ? Number(millijoules[0]!) / 1000 : undefined;
    },
    async power() {
      const milliwatts = new Uint32Array(1);
      const code = await call(() =>
        nvmlDeviceGetPowerUsage(device, milliwatts)
      );
      const watts = milliwatts[0]! / 1000;
      return code === 0 && watts > 0 ? watts : undefined; // no card draws 0 W
    },
  };
}
