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
/** Switches that are turned off. */
const NO_TOGGLES = [
  "timestamp_quantization", // steps of 0.1 ms: a web page must not see more
];

/**
 * An instance of Dawn.
 *
 * @throws {DeviceError} when it cannot be loaded
 */
export async function loadDawn(): Promise<GPU> {
  try {
    const { create } = await import("webgpu");
    return create([
      `enable-dawn-features=${TOGGLES.join(",")}`,
      `disable-dawn-features=${NO_TOGGLES.join(",")}`,
    ]);
  } catch (error) {
    throw new DeviceError(`Cannot load Dawn: ${messageOf(error)}`);
  }
}
