/**
 * Floor 1: where tensors live. Two devices behind one interface.
 *
 * @module
 */
export * from "./device.ts";
export * from "./kernel.ts";
export * from "./open.ts";
