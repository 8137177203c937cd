/**
 * Floor 3: tensors, operators and gradients.
 *
 * @module
 */
export { noGrad } from "./context.ts";
export { keep, Scope, scope, scoped } from "./scope.ts";
export { type DType, Tensor, type TensorData } from "./tensor.ts";
export { record } from "./tape.ts";
export { backward } from "./backward.ts";
export * from "./create.ts";
export { type ReduceOptions } from "./ops/axes.ts";
export { broadcastTo, sum } from "./ops/broadcast.ts";
export * from "./ops/elementwise.ts";
export * from "./ops/layout.ts";
export * from "./ops/llama.ts";
export * from "./ops/matmul.ts";
export * from "./ops/reduce.ts";
export * from "./ops/rows.ts";
