/**
 * Floor 4: optimizers and schedules.
 *
 * @module
 */
export { AdamW, type AdamWOptions, type Moments } from "./adamw.ts";
export { LossScale, type LossScaleOptions } from "./loss_scale.ts";
export * from "./muon.ts";
export { type Optimizer } from "./optimizer.ts";
export * from "./schedule.ts";
export * from "./weight_average.ts";
