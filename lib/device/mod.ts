/**
 * Floor 1: where tensors live. Two devices behind one interface.
 *
 * @module
 */
export * from "./best_seconds.ts";
export * from "./device.ts";
export * from "./dry_device.ts";
export * from "./gpu.ts";
export * from "./kernel.ts";
export * from "./open.ts";
export * from "./profile.ts";
export * from "./recording.ts";
export * from "./repeated_work.ts";
export * from "./webgpu/roofline.ts";
