/**
 * Floor 4: optimizers and schedules.
 *
 * @module
 */
export * from "./adamw.ts";
export * from "./schedule.ts";
