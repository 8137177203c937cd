/**
 * Dawn's null back end: it checks all that it is given as a driver's would, and
 * computes nothing. It needs no GPU and no driver, has no more than WebGPU
 * promises, and costs the program what a GPU would.
 *
 * @module
 */
import { create } from "webgpu";
import { WebGpuDevice } from "../../lib/device/webgpu/device.ts";

// Kept for as long as the process lives: Dawn ends badly without it.
const gpu = create([
  "backend=null",
  "enable-dawn-features=allow_unsafe_apis",
]);

/** Its adapter. */
export async function nullAdapter(): Promise<GPUAdapter> {
  return (await gpu.requestAdapter())!;
}

/** A device on it; every number that it reads is as it happens to be. */
export async function openNullDevice(): Promise<WebGpuDevice> {
  const adapter = await nullAdapter();
  const name = "Dawn's null back end";
  const facts = { adapter, isSoftware: false, name, gpu };
  return await WebGpuDevice.open(facts, false);
}
