/**
 * Adapters: GPUs that can be opened, through Dawn, or through Deno's own WebGPU,
 * which accepts drivers that are too old for Dawn. It has no matrix units.
 *
 * @module
 */
import { ConfigError, DeviceError, messageOf } from "../../util/mod.ts";
import type { GpuFacts, MatrixUnit } from "../gpu.ts";
import { loadDawn } from "./dawn.ts";

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

/** Who brings WebGPU: Dawn, or Deno with its own (wgpu). */
export type WebGpuSource = "dawn" | "deno";

/** What CADERNO_WEBGPU asks for. */
function wantedSource(): WebGpuSource | undefined {
  const wanted = Deno.env.get("CADERNO_WEBGPU");
  if (!wanted) return undefined;
  if (wanted === "dawn" || wanted === "deno") return wanted;
  throw new ConfigError(
    `Cannot open WebGPU by CADERNO_WEBGPU=${wanted}: it is dawn or deno`,
  );
}

/** Deno's own WebGPU; OpenGL is no driver for it here. */
function denoGpu(): GPU {
  const backends = "DENO_WEBGPU_BACKEND";
  if (!Deno.env.get(backends)) Deno.env.set(backends, "vulkan,metal,dx12");
  return navigator.gpu;
}

function adapterName(info: GPUAdapterInfo): string {
  const parts = [info.vendor, info.architecture, info.device]
    .map((part) => part.trim()).filter((part) => part !== "");
  return info.description.trim() || parts.join(" ") || "unknown GPU";
}

/** The adapter that one of the two prefers. */
async function adapterOf(source: WebGpuSource): Promise<Adapter> {
  const gpu = source === "dawn" ? await loadDawn() : denoGpu();
  const adapter = await gpu.requestAdapter({
    powerPreference: "high-performance",
  });
  const name = source === "dawn" ? "Dawn" : "Deno";
  if (!adapter) throw new DeviceError(`${name} found no adapter`);
  const own = source === "deno" ? " (Deno's own WebGPU)" : "";
  return {
    adapter,
    isSoftware: adapter.info.isFallbackAdapter,
    name: adapterName(adapter.info) + own,
    gpu,
  };
}

/**
 * The adapter that Dawn prefers.
 *
 * @param others goes on to others where Dawn finds none; CADERNO_WEBGPU names
 * one of the two and no other
 * @throws {DeviceError} when none is found
 */
export async function findAdapter(
  others: readonly WebGpuSource[] = [],
): Promise<Adapter> {
  const wanted = wantedSource();
  const sources: readonly WebGpuSource[] = wanted
    ? [wanted]
    : ["dawn", ...others];
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      return await adapterOf(source);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      reasons.push(messageOf(error));
    }
  }
  throw new DeviceError(
    `Cannot open a WebGPU device: ${reasons.join("; ")}; it needs a driver ` +
      "for Vulkan, Metal or Direct3D 12",
  );
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

/** Vendors as Deno tells them, by their number on the PCI bus. */
const VENDORS: Readonly<Record<string, string>> = {
  "4098": "amd",
  "4203": "apple",
  "4318": "nvidia",
  "32902": "intel",
};

/** What kernels may know of an adapter. */
export function gpuFacts(adapter: GPUAdapter): GpuFacts {
  const { info, limits, features } = adapter;
  const told = info.vendor.trim().toLowerCase();
  const vendor = VENDORS[told] ?? told;
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
