/**
 * Floor 7: training runs.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./checkpoint_writer.ts";
export * from "./class_scores.ts";
export * from "./classifier.ts";
export * from "./classifier_files.ts";
export * from "./depth_dial.ts";
export * from "./describe_training.ts";
export * from "./event_file.ts";
export * from "./fine_tune_chat.ts";
export * from "./fine_tune_classifier.ts";
export * from "./fine_tune_preferences.ts";
export * from "./import_log.ts";
export * from "./logistic_regression.ts";
export * from "./lora_adapters.ts";
export * from "./machine_rows.ts";
export * from "./machine_time.ts";
export * from "./machine_ways.ts";
export * from "./measure_kernels.ts";
export * from "./measure_training.ts";
export * from "./memory_plan.ts";
export { checkPrecision } from "./mixed_precision.ts";
export * from "./peak_flops.ts";
export * from "./predict_time.ts";
export * from "./preference_loss.ts";
export { UNUSED_PAIR_REASONS, type UnusedPair } from "./preference_pairs.ts";
export * from "./records.ts";
export * from "./step_energy.ts";
export * from "./tensorboard.ts";
export * from "./text_baselines.ts";
export * from "./train_config.ts";
export * from "./train_options.ts";
export * from "./trainer.ts";
export {
  TTL_CHAT_RECIPE,
  TTL_CLASSIFIER_RECIPE,
  TTL_PREFERENCE_BETA,
  TTL_PREFERENCE_RECIPE,
  type TuneRecipe,
  tuneRecipe,
} from "./tune_recipe.ts";
