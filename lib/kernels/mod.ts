/**
 * Floor 2: kernels, one family a file, each with its reference.
 *
 * @module
 */
export * from "./adamw.ts";
export * from "./affine.ts";
export { attention, attentionReference } from "./attention.ts";
export type { AttentionSizes } from "./attention.ts";
export * from "./attention_backward.ts";
export * from "./cross_entropy.ts";
export * from "./elementwise.ts";
export * from "./elementwise_table.ts";
export * from "./embedding.ts";
export { matmul, matmulReference } from "./matmul.ts";
export type { MatmulSizes } from "./matmul.ts";
export * from "./random_fill.ts";
export * from "./reduce.ts";
export * from "./rms_norm.ts";
export * from "./rope.ts";
export { softmax, softmaxBackward, softmaxReference } from "./softmax.ts";
export type { RowSizes } from "./softmax.ts";
export * from "./strided.ts";
export * from "./swiglu.ts";
