/**
 * Dawn's null back end: it checks all that it is given as a driver's would, and
 * computes nothing. It needs no GPU and no driver, has no more than WebGPU
 * promises, and costs the program what a GPU would.
 *
 * @module
 */
import { create } from "webgpu";
import {
  type GpuFacts,
  type Kernel,
  wgslModule,
} from "../../lib/device/mod.ts";
import { gpuFacts } from "../../lib/device/webgpu/adapter.ts";
import { WebGpuDevice } from "../../lib/device/webgpu/device.ts";

// Kept for as long as the process lives: Dawn ends badly without it.
const gpu = create([
  "backend=null",
  "enable-dawn-features=allow_unsafe_apis",
]);

/** Its adapter. */
async function nullAdapter(): Promise<GPUAdapter> {
  return (await gpu.requestAdapter())!;
}

/** A device on it; every number that it reads is as it happens to be. */
export async function openNullDevice(): Promise<WebGpuDevice> {
  const adapter = await nullAdapter();
  const name = "Dawn's null back end";
  const facts = { adapter, isSoftware: false, name, gpu };
  return await WebGpuDevice.open(facts, false);
}

/** A device with matrix units, and what its adapter tells. */
export async function openNullMatrixDevice(): Promise<
  { readonly device: GPUDevice; readonly facts: GpuFacts }
> {
  const adapter = await nullAdapter();
  const device = await adapter.requestDevice({
    requiredFeatures: [
      "shader-f16",
      "subgroups",
      "chromium-experimental-subgroup-matrix" as GPUFeatureName,
    ],
  });
  return { device, facts: gpuFacts(adapter) };
}

/**
 * What Dawn says of a kernel, its warnings too.
 *
 * @param isWhole compiles the pipeline, whose workgroup has to fit
 */
export async function complaints(
  device: GPUDevice,
  kernel: Kernel,
  isWhole: boolean,
): Promise<string[]> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: wgslModule(kernel) });
  if (isWhole) {
    device.createComputePipeline({ layout: "auto", compute: { module } });
  }
  const { messages } = await module.getCompilationInfo();
  const error = await device.popErrorScope();
  return [...messages.map(({ message }) => message), error?.message ?? ""]
    .filter((message) => message !== "")
    .map((message) => `${kernel.name}: ${message}`);
}
