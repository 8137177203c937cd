/**
 * Floor 5: Llama, its sizes, files and generation.
 *
 * @module
 */
export * from "./config.ts";
export * from "./count.ts";
export * from "./generate.ts";
export * from "./generate_text.ts";
export { type GgufType } from "./gguf_blocks.ts";
export { exportGguf } from "./gguf_export.ts";
export * from "./inspect.ts";
export * from "./kv_cache.ts";
export * from "./llama.ts";
export * from "./model_files.ts";
export * from "./prompt_cache.ts";
export { quantizeLlama } from "./quantize.ts";
export { type RopeScaling } from "./rope_scaling.ts";
export { SafetensorsFile } from "./safetensors.ts";
export type { SafetensorsEntry, TensorFile } from "./safetensors.ts";
export * from "./safetensors_write.ts";
export { type SamplingOptions } from "./sampling.ts";
