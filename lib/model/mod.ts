/**
 * Floor 5: Llama, its sizes, files and generation.
 *
 * @module
 */
export * from "./config.ts";
export * from "./count.ts";
export * from "./generate.ts";
export * from "./kv_cache.ts";
export * from "./llama.ts";
export * from "./model_files.ts";
export * from "./safetensors.ts";
export { type SamplingOptions } from "./sampling.ts";
