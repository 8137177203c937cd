/**
 * Caderno: everything a notebook imports, in the order of the floors. The
 * kernels below the tensors are under `kernels`.
 *
 * @module
 */
export * from "./util/mod.ts";
export * from "./device/mod.ts";
export * as kernels from "./kernels/mod.ts";
export { checkNumbers } from "./kernels/mod.ts";
export * from "./tensor/mod.ts";
export * from "./nn/mod.ts";
export * from "./optim/mod.ts";
export * from "./text/mod.ts";
export * from "./model/mod.ts";
export * from "./chat/mod.ts";
export * from "./train/mod.ts";
export * from "./eval/mod.ts";
export * from "./scaling/mod.ts";
export * from "./emissions/mod.ts";
export * from "./sweep/mod.ts";
export * from "./plots/mod.ts";
