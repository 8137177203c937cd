/**
 * Floor 6: training runs.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./depth_dial.ts";
export * from "./describe_training.ts";
export * from "./memory_plan.ts";
export * from "./predict_time.ts";
export * from "./records.ts";
export * from "./step_energy.ts";
export * from "./tensorboard.ts";
export * from "./train_config.ts";
export * from "./trainer.ts";
