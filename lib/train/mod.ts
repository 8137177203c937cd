/**
 * Floor 6: training runs.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./records.ts";
export * from "./train_config.ts";
export * from "./trainer.ts";
