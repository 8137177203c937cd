/**
 * The only place that loads Dawn, the WebGPU of Chromium as a Node addon.
 *
 * Never assign Dawn's globals to `globalThis`: Deno's own classes of the same
 * names are used by its kernel, and the constants are equal.
 *
 * @module
 */
import { DeviceError, messageOf } from "../../util/mod.ts";
import type { GpuFacts, MatrixUnit } from "../gpu.ts";

/** Switches of Dawn, each with its reason. */
const TOGGLES = [
  "allow_unsafe_apis", // subgroup matrices
  "vulkan_enable_f16_on_nvidia", // shader-f16 is hidden there otherwise
];
/** Switches that are turned off. */
const NO_TOGGLES = [
  "timestamp_quantization", // steps of 0.1 ms: a web page must not see more
];

const MATRIX_FEATURE = "chromium-experimental-subgroup-matrix";

/** Features that are used where an adapter has them. */
const FEATURES = [
  "shader-f16",
  "subgroups",
  "timestamp-query",
  MATRIX_FEATURE,
];

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
  const gpu = create([
    `enable-dawn-features=${TOGGLES.join(",")}`,
    `disable-dawn-features=${NO_TOGGLES.join(",")}`,
  ]);
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

/** Dawn's description of a matrix unit: left (K, M), right (N, K). */
interface SubgroupMatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

const isFloat = (type: string): type is "f16" | "f32" =>
  type === "f16" || type === "f32";

function matrixUnits({ features, info }: GPUAdapter): MatrixUnit[] {
  if (!features.has(MATRIX_FEATURE as GPUFeatureName)) return [];
  const { subgroupMatrixConfigs = [] } = info as {
    subgroupMatrixConfigs?: Iterable<SubgroupMatrixConfig>;
  };
  const units: MatrixUnit[] = [];
  for (const config of subgroupMatrixConfigs) {
    const { componentType: input, resultComponentType: result } = config;
    if (!isFloat(input) || !isFloat(result)) continue;
    units.push({ input, result, m: config.M, n: config.N, k: config.K });
  }
  return units;
}

/** What kernels may know of an adapter. */
export function gpuFacts(adapter: GPUAdapter): GpuFacts {
  const { info, limits, features } = adapter;
  const vendor = info.vendor.trim().toLowerCase();
  return {
    vendor,
    hasF16: features.has("shader-f16"),
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
    workgroupSize: limits.maxComputeInvocationsPerWorkgroup,
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    // Metal tells the range that its language allows; the chips have 32.
    subgroupSize: vendor === "apple" ? 32 : info.subgroupMaxSize,
    matrixUnits: matrixUnits(adapter),
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
