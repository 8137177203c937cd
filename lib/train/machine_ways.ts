/**
 * The ways in which a machine can compute: its processor alone, its processor
 * with a BLAS, its GPU in single and in mixed precision. All are open at the
 * same time, so that they can be measured side by side.
 *
 * @module
 */
import { type Device, openDevice } from "../device/mod.ts";
import { DeviceError, messageOf } from "../util/mod.ts";
import type { PrecisionKind } from "./train_config.ts";

/** One way to compute: a device, and what its products are rounded to. */
export interface MachineWay {
  /** "CPU", "CPU, OpenBLAS", "WebGPU", "WebGPU, float16". */
  readonly name: string;
  readonly device: Device;
  readonly precision: PrecisionKind;
}

/** The open devices of a machine; disposing of it closes them. */
export interface OpenMachine extends Disposable {
  /** Plainest first. */
  readonly ways: readonly MachineWay[];
  /** What this machine lacks or what is not worth measuring, and why. */
  readonly leftOut: readonly string[];
}

/** Opens the CPU device as if the machine had no BLAS. */
async function openWithoutBlas(): Promise<Device> {
  const wanted = Deno.env.get("CADERNO_BLAS");
  Deno.env.set("CADERNO_BLAS", "off");
  try {
    return await openDevice("cpu");
  } finally {
    if (wanted === undefined) Deno.env.delete("CADERNO_BLAS");
    else Deno.env.set("CADERNO_BLAS", wanted);
  }
}

/**
 * The name of a BLAS, without its version: what a description has that the one
 * without a BLAS does not; undefined where they are equal.
 */
function blasOf(description: string, without: string): string | undefined {
  const parts = without.split(", ");
  return description.split(", ").find((part, i) => part !== parts[i])
    ?.replace(/ [\d.]+$/, "");
}

/** The processor, and the processor with the BLAS that it has. */
async function openCpuWays(
  devices: DisposableStack,
  leftOut: string[],
): Promise<MachineWay[]> {
  const precision = "float32";
  const plain = devices.use(await openWithoutBlas());
  const ways: MachineWay[] = [{ name: "CPU", device: plain, precision }];
  const device = devices.use(await openDevice("cpu"));
  const blas = blasOf(device.description, plain.description);
  if (blas) ways.push({ name: `CPU, ${blas}`, device, precision });
  else leftOut.push("CPU with a BLAS: none was found, or CADERNO_BLAS is off");
  return ways;
}

/** The GPU in each precision that it has. */
async function openGpuWays(
  devices: DisposableStack,
  leftOut: string[],
  takesSoftware: boolean,
): Promise<MachineWay[]> {
  const device = devices.use(await openDevice("webgpu"));
  const { description, gpu, isSoftware } = device;
  if (isSoftware && !takesSoftware) {
    leftOut.push(`${description}: a software driver, slower than the CPU`);
    return [];
  }
  const ways: MachineWay[] = [{ name: "WebGPU", device, precision: "float32" }];
  if (gpu?.hasF16) {
    ways.push({ name: "WebGPU, float16", device, precision: "float16" });
  }
  return ways;
}

/**
 * Opens every device of this machine; `CADERNO_DEVICE` limits it to one kind,
 * and `CADERNO_BLAS` names the BLAS or turns it off. A software driver for a
 * GPU is left out, unless `CADERNO_DEVICE=webgpu` asks for it. The current
 * device is one of them afterwards.
 *
 * @throws {DeviceError} when the device or the BLAS that was asked for by name
 * is not there
 */
export async function openMachine(): Promise<OpenMachine> {
  const forced = Deno.env.get("CADERNO_DEVICE") || undefined;
  if (forced !== undefined && forced !== "cpu" && forced !== "webgpu") {
    throw new DeviceError(
      `Cannot open the devices of CADERNO_DEVICE=${forced}: ` +
        "it is webgpu or cpu",
    );
  }
  using devices = new DisposableStack();
  const ways: MachineWay[] = [];
  const leftOut: string[] = [];
  if (forced !== "webgpu") ways.push(...await openCpuWays(devices, leftOut));
  else leftOut.push("CPU: CADERNO_DEVICE is webgpu");
  if (forced !== "cpu") {
    try {
      ways.push(...await openGpuWays(devices, leftOut, forced === "webgpu"));
    } catch (error) {
      if (forced || !(error instanceof DeviceError)) throw error;
      leftOut.push(`WebGPU: ${messageOf(error).split("\n")[0]}`);
    }
  } else leftOut.push("WebGPU: CADERNO_DEVICE is cpu");
  const owned = devices.move();
  return { ways, leftOut, [Symbol.dispose]: () => owned.dispose() };
}
