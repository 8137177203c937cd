/**
 * Facts of GPUs that this machine does not have.
 *
 * @module
 */
import type { GpuFacts } from "../../lib/device/mod.ts";

/** An NVIDIA card, without its matrix units. */
export const NVIDIA: GpuFacts = {
  vendor: "nvidia",
  hasF16: true,
  workgroupBytes: 49152,
  workgroupSize: 1024,
  storageBuffers: 16,
  subgroupSize: 32,
  matrixUnits: [],
};
