/**
 * Floor 6: training runs.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./class_scores.ts";
export * from "./classifier.ts";
export * from "./classifier_files.ts";
export * from "./depth_dial.ts";
export * from "./describe_training.ts";
export * from "./fine_tune_chat.ts";
export * from "./fine_tune_classifier.ts";
export * from "./logistic_regression.ts";
export * from "./lora_adapters.ts";
export * from "./memory_plan.ts";
export * from "./predict_time.ts";
export * from "./records.ts";
export * from "./step_energy.ts";
export * from "./tensorboard.ts";
export * from "./text_baselines.ts";
export * from "./train_config.ts";
export * from "./trainer.ts";
export {
  TTL_CHAT_RECIPE,
  TTL_CLASSIFIER_RECIPE,
  type TuneRecipe,
  tuneRecipe,
} from "./tune_recipe.ts";
