/**
 * Floor 2: kernels, one family a file, each with its reference.
 *
 * @module
 */
export * from "./accumulate.ts";
export * from "./adamw.ts";
export * from "./affine.ts";
export * from "./append_cache.ts";
export * from "./arg_reduce.ts";
export { attention, attentionReference } from "./attention.ts";
export type { AttentionVariant } from "./attention_choose.ts";
export { type AttentionSizes, pairsSeen } from "./attention_sizes.ts";
export * from "./attention_backward.ts";
export * from "./check_numbers.ts";
export * from "./cross_entropy.ts";
export * from "./dropout.ts";
export * from "./elementwise.ts";
export * from "./elementwise_table.ts";
export * from "./embedding.ts";
export * from "./fill.ts";
export * from "./gather.ts";
export { type HalfFormat, halfReference, halve, widen } from "./half.ts";
export * from "./half_weight.ts";
export * from "./layer_norm.ts";
export * from "./linear_cross_entropy.ts";
export * from "./loss_scale.ts";
export { matmul, matmulReference } from "./matmul.ts";
export type { MatmulPrecision, MatmulSizes } from "./matmul.ts";
export * from "./norm_weight.ts";
export {
  decodeQuantized,
  dequantize,
  quantize,
  QUANTIZED_GROUP,
  QUANTIZED_STEP,
  quantizedBytes,
  type QuantizedFormat,
  quantizedReference,
} from "./quantized.ts";
export * from "./quantized_matmul.ts";
export * from "./random_fill.ts";
export * from "./reduce.ts";
export * from "./rms_norm.ts";
export * from "./rope.ts";
export * from "./softmax.ts";
export {
  gatherReference,
  gatherStrided,
  scatterStrided,
  type StridedView,
} from "./strided.ts";
export * from "./swiglu.ts";
