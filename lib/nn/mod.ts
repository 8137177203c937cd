/**
 * Floor 4: layers as functions of an input and named weights.
 *
 * @module
 */
export * from "./feed_forward.ts";
export * from "./lora.ts";
export * from "./self_attention.ts";
