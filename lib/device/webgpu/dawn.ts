/**
 * The only place that loads Dawn, the WebGPU of Chromium as a Node addon.
 *
 * Never assign Dawn's globals to `globalThis`: Deno's own classes of the same
 * names are used by its kernel, and the constants are equal.
 *
 * @module
 */
import { DeviceError, messageOf } from "../../util/mod.ts";

/** Switches of Dawn, each with its reason. */
const TOGGLES = [
  "allow_unsafe_apis", // subgroup matrices
  "vulkan_enable_f16_on_nvidia", // shader-f16 is hidden there otherwise
];

/** Features that are used where an adapter has them. */
const FEATURES = ["shader-f16", "subgroups", "timestamp-query"];

/** Limits that are raised to what the adapter offers. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** A GPU that can be opened. */
export interface Adapter {
  readonly adapter: GPUAdapter;
  readonly isSoftware: boolean;
  /** "NVIDIA H200", as far as the driver tells. */
  readonly name: string;
  /** Keeps Dawn's instance alive as long as the adapter is used. */
  readonly gpu: GPU;
}

function adapterName(info: GPUAdapterInfo): string {
  const parts = [info.vendor, info.architecture, info.device]
    .map((part) => part.trim()).filter((part) => part !== "");
  return info.description.trim() || parts.join(" ") || "unknown GPU";
}

/**
 * The adapter that Dawn prefers.
 *
 * @throws {DeviceError} when Dawn cannot be loaded or finds no adapter
 */
export async function findAdapter(): Promise<Adapter> {
  let create: (options: string[]) => GPU;
  try {
    ({ create } = await import("webgpu"));
  } catch (error) {
    throw new DeviceError(`Cannot load Dawn: ${messageOf(error)}`);
  }
  const gpu = create([`enable-dawn-features=${TOGGLES.join(",")}`]);
  const adapter = await gpu.requestAdapter({
    powerPreference: "high-performance",
  });
  if (!adapter) {
    throw new DeviceError(
      "Cannot open a WebGPU device: Dawn found no adapter; it needs a driver " +
        "for Vulkan, Metal or Direct3D 12",
    );
  }
  return {
    adapter,
    isSoftware: adapter.info.isFallbackAdapter,
    name: adapterName(adapter.info),
    gpu,
  };
}

/** Opens the adapter with its full limits and the features that are used. */
export function requestDevice({ adapter }: Adapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const limit of LIMITS) requiredLimits[limit] = adapter.limits[limit];
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((f) =>
      adapter.features.has(f as GPUFeatureName)
    ) as GPUFeatureName[],
    requiredLimits,
  });
}
