/**
 * Floor 4: optimizers and schedules.
 *
 * @module
 */
export { AdamW, type AdamWOptions, type Moments } from "./adamw.ts";
export {
  LossScale,
  type LossScaleOptions,
  lossScaleReport,
} from "./loss_scale.ts";
export * from "./muon.ts";
export { type Optimizer } from "./optimizer.ts";
export * from "./schedule.ts";
export { UpdateNumbers } from "./update_numbers.ts";
export * from "./weight_average.ts";
