/**
 * Settings of a fine-tuning, and those of TeenyTinyLlama (arXiv 2401.16640,
 * table 5; its scripts and cards).
 *
 * @module
 */
import { SCHEDULE_KINDS, type ScheduleKind } from "../optim/mod.ts";
import { ConfigError } from "../util/mod.ts";

/** Settings of a fine-tuning. */
export interface TuneRecipe {
  /** Passes over the examples. */
  readonly epochs: number;
  /** Examples of a step. */
  readonly batchSize: number;
  /** Most tokens of an example; what is longer is cut and counted. */
  readonly maxTokens: number;
  /** Peak learning rate η. */
  readonly learningRate: number;
  readonly schedule: ScheduleKind;
  /** Steps of linear warm-up, at most all of them. */
  readonly warmupSteps: number;
  /** λ of AdamW; norms do not decay. */
  readonly weightDecay: number;
  /** Largest global norm of gradients; "off" is Infinity. */
  readonly clip: number;
  /** Share of the examples that is held out to choose the epoch by. */
  readonly validationShare: number;
  /** Seed of order, split and first weights. */
  readonly seed: number;
}

/** TTL's recipe for classifiers; what it does not name is Trainer's default. */
export const TTL_CLASSIFIER_RECIPE: TuneRecipe = {
  epochs: 3,
  batchSize: 16,
  maxTokens: 256,
  learningRate: 4e-5,
  schedule: "linear",
  warmupSteps: 0,
  weightDecay: 0.01,
  clip: 1,
  validationShare: 0.1,
  seed: 42,
};

/** TTL's recipe for its chat model. */
export const TTL_CHAT_RECIPE: TuneRecipe = {
  epochs: 3,
  batchSize: 4,
  maxTokens: 2048,
  learningRate: 1e-5,
  schedule: "cosine",
  warmupSteps: 1000,
  weightDecay: 0.01,
  clip: Infinity,
  validationShare: 0.1,
  seed: 42,
};

/**
 * TTL's recipe for preferences, which it planned and took back: 17,500 steps of
 * two pairs, a pass over 35,000. What it does not name is Trainer's default.
 */
export const TTL_PREFERENCE_RECIPE: TuneRecipe = {
  epochs: 1,
  batchSize: 2,
  maxTokens: 1500,
  learningRate: 1e-5,
  schedule: "linear",
  warmupSteps: 1000,
  weightDecay: 0,
  clip: 1,
  validationShare: 0.1,
  seed: 42,
};

/** TTL's β of preferences. */
export const TTL_PREFERENCE_BETA = 0.7;

/**
 * A recipe with changes.
 *
 * @throws {ConfigError} naming a setting that is out of range
 */
export function tuneRecipe(
  recipe: TuneRecipe,
  changes: Partial<TuneRecipe> = {},
): TuneRecipe {
  const all = { ...recipe, ...changes };
  const wrong = (name: keyof TuneRecipe, wanted: string): never => {
    throw new ConfigError(
      `Cannot fine-tune with ${name} ${all[name]}: wanted ${wanted}`,
    );
  };
  for (const name of ["epochs", "batchSize", "maxTokens"] as const) {
    if (!Number.isSafeInteger(all[name]) || all[name] < 1) {
      wrong(name, "a whole number of at least 1");
    }
  }
  for (const name of ["learningRate", "clip"] as const) {
    if (!(all[name] > 0)) wrong(name, "a positive number");
  }
  if (!SCHEDULE_KINDS.includes(all.schedule)) {
    wrong("schedule", SCHEDULE_KINDS.join(", "));
  }
  if (!(all.warmupSteps >= 0)) wrong("warmupSteps", "a number from 0");
  const { validationShare } = all;
  if (!(validationShare >= 0 && validationShare < 1)) {
    wrong("validationShare", "a share in [0, 1)");
  }
  return all;
}
