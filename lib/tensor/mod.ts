/**
 * Floor 3: tensors, operators and gradients.
 *
 * @module
 */
export { noGrad } from "./context.ts";
export { keep, Scope, scope, scoped } from "./scope.ts";
export {
  type DType,
  type HalfDType,
  isHalf,
  isQuantized,
  type QuantizedDType,
  Tensor,
  type TensorData,
} from "./tensor.ts";
export { record } from "./tape.ts";
export { backward } from "./backward.ts";
export { checkpointed } from "./checkpointed.ts";
export * from "./create.ts";
export { type Operand } from "./ops/apply.ts";
export { type ReduceOptions } from "./ops/axes.ts";
export { broadcastTo, sum } from "./ops/broadcast.ts";
export * from "./ops/attention.ts";
export * from "./ops/cache.ts";
export * from "./ops/cross_entropy.ts";
export * from "./ops/dropout.ts";
export * from "./ops/elementwise.ts";
export * from "./ops/functions.ts";
export * from "./ops/indexing.ts";
export * from "./ops/join.ts";
export * from "./ops/layout.ts";
export * from "./ops/matmul.ts";
export * from "./ops/norm.ts";
export * from "./ops/reduce.ts";
export * from "./ops/rope.ts";
export * from "./ops/softmax.ts";
export * from "./ops/swiglu.ts";
