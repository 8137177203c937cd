/**
 * Choosing a device: a hardware GPU when Dawn finds one, else the CPU. A
 * software driver for a GPU is ten times slower than the CPU device and is
 * taken only when WebGPU is asked for by name; so is Deno's own WebGPU where
 * Dawn finds nothing.
 *
 * @module
 */
import { DeviceError, messageOf } from "../util/mod.ts";
import { CpuDevice } from "./cpu/device.ts";
import type { Device, DeviceKind } from "./device.ts";
import { findAdapter } from "./webgpu/adapter.ts";
import { WebGpuDevice } from "./webgpu/device.ts";

/** Where the CPU's kernel sources find the files they import. */
const KERNEL_FOLDER = new URL("../kernels/cpu/", import.meta.url);

/** Two copies of the library (after a reload) share one device. */
const STATE = Symbol.for("caderno.device");
const state = globalThis as { [STATE]?: Device };

function forcedKind(): DeviceKind | undefined {
  const forced = Deno.env.get("CADERNO_DEVICE");
  if (!forced) return undefined;
  if (forced === "webgpu" || forced === "cpu") return forced;
  throw new DeviceError(
    `Cannot open the device CADERNO_DEVICE=${forced}: it is webgpu or cpu`,
  );
}

async function open(kind: DeviceKind | undefined): Promise<Device> {
  if (kind === "cpu") return await CpuDevice.open(KERNEL_FOLDER);
  if (kind === "webgpu") {
    return await WebGpuDevice.open(await findAdapter(["deno"]));
  }
  try {
    const adapter = await findAdapter();
    if (!adapter.isSoftware) return await WebGpuDevice.open(adapter);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
  }
  return await CpuDevice.open(KERNEL_FOLDER);
}

/**
 * Opens a device and makes it the current one.
 *
 * @param kind which one; without it CADERNO_DEVICE decides, and without that a
 * hardware GPU is taken when there is one and else the CPU
 * @throws {DeviceError} when the device that was asked for is not there
 */
export async function openDevice(kind?: DeviceKind): Promise<Device> {
  const forced = kind ?? forcedKind();
  try {
    return state[STATE] = await open(forced);
  } catch (error) {
    if (!forced || !(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      `Cannot open the device "${forced}" that was asked for: ` +
        messageOf(error),
    );
  }
}

/**
 * The device that was opened last.
 *
 * @throws {DeviceError} when none is open
 */
export function currentDevice(): Device {
  const device = state[STATE];
  if (!device || device.isClosed) {
    throw new DeviceError(
      "Cannot use a device before one is open: await openDevice() first",
    );
  }
  return device;
}
