/**
 * Settings of a run: a few knobs on top, the rest derived and printed. The
 * resolved record is saved with the run.
 *
 * @module
 */
import type { LlamaConfig } from "../model/mod.ts";
import {
  learningRateSchedule,
  type Schedule,
  SCHEDULE_KINDS,
  type ScheduleKind,
} from "../optim/mod.ts";
import { ConfigError } from "../util/mod.ts";

/** Optimizers of a run. */
export const OPTIMIZER_KINDS = ["adamw", "muon"] as const;
export type OptimizerKind = (typeof OPTIMIZER_KINDS)[number];

/** What the factors of a run's matrix products are rounded to. */
export const PRECISION_KINDS = ["float32", "float16"] as const;
export type PrecisionKind = (typeof PRECISION_KINDS)[number];

/** What a person chooses; every field has a default but `tokens`. */
export interface TrainKnobs {
  /** Training tokens in all, D. */
  readonly tokens: number;
  /** Peak learning rate η; 3e-3 without it, which suits models below 10 M. */
  readonly learningRate?: number;
  /** Sequences of a micro-step, B; 8. */
  readonly batchSize?: number;
  /** Tokens of a sequence, T; the model's context without it. */
  readonly contextLength?: number;
  /** Micro-steps of a step; 1. */
  readonly accumulation?: number;
  /** Steps of linear warm-up; 2 % of the run without it. */
  readonly warmupSteps?: number;
  /** Learning rate at the end, as a share of the peak; 0.1. */
  readonly minLearningRateShare?: number;
  /** How the rate goes on after the warm-up; cosine. */
  readonly schedule?: ScheduleKind;
  /** Last part of the run in which the schedule `wsd` decays; 0.2. */
  readonly decayShare?: number;
  /**
   * By how much warm-up and decay are drawn out beyond the run, which then ends
   * before they do; 1. TTL's script multiplied both by the accumulation and
   * counted steps without it: 2 for the 460m.
   */
  readonly scheduleStretch?: number;
  /**
   * AdamW, or Muon for the hidden matrices and AdamW for the rest, with the
   * same rate and decay; adamw.
   */
  readonly optimizer?: OptimizerKind;
  /** μ of Muon; 0.95. */
  readonly momentum?: number;
  /** λ of the optimizer; 0.1. */
  readonly weightDecay?: number;
  /** Whether weights of norms decay too, as they did in TTL; no. */
  readonly decayNorms?: boolean;
  /** β₁ of AdamW; 0.9. */
  readonly beta1?: number;
  /** β₂ of AdamW; 0.95. */
  readonly beta2?: number;
  /** ε of AdamW; 1e-8. */
  readonly adamEps?: number;
  /** Largest global norm of gradients; 1. "Off" is Infinity. */
  readonly clip?: number;
  /**
   * Weight of the squared log-sum-exp in the training loss; 0. PaLM took 1e-4.
   */
  readonly zLoss?: number;
  /** Share of each target spread over the vocabulary, in training; 0. */
  readonly labelSmoothing?: number;
  /**
   * Whether attention stays in its document, for which batches number them
   * (`TokenBatchesOptions.numberDocuments`); no, as in TTL.
   */
  readonly maskDocuments?: boolean;
  /**
   * Decay of an average of the weights. With it evaluations and samples are of
   * the average, and so is the model at the end; 0 for none.
   */
  readonly averageDecay?: number;
  /**
   * Nats above ln V, the loss of knowing nothing, at which a run has diverged
   * and stops once it is warmed up; 2. "Off" is Infinity.
   */
  readonly divergenceMargin?: number;
  /**
   * float16: mixed precision, on a GPU that has it (`shader-f16`); float32.
   */
  readonly precision?: PrecisionKind;
  /** Saves memory for a third more time, see `Llama.forward`; no. */
  readonly gradientCheckpointing?: boolean;
  /** Seed of weights, order and samples; 0. */
  readonly seed?: number;
  /** Steps between evaluations; a tenth of the run without it. */
  readonly evaluateEvery?: number;
  /** Held-out tokens of an evaluation; 16,384. */
  readonly evaluationTokens?: number;
  /** Steps between samples; as `evaluateEvery` without it. */
  readonly sampleEvery?: number;
  /** Steps between checkpoints; a fifth of the run without it. */
  readonly checkpointEvery?: number;
  /** Checkpoints that are kept, the newest ones; 2. */
  readonly keepCheckpoints?: number;
  /** Checkpoints of every so many steps stay beside them; 0 for none. */
  readonly keepEvery?: number;
}

/** All settings of a run. */
export type TrainConfig = Required<TrainKnobs> & {
  /** Optimizer updates: tokens over tokens of a step, rounded up. */
  readonly steps: number;
  /** B T accumulation. */
  readonly tokensPerStep: number;
};

/** Refuses numbers that make no sense, naming the field. */
function check(config: TrainConfig): void {
  const wrong = (name: keyof TrainConfig, wanted: string): never => {
    throw new ConfigError(
      `Cannot train with ${name} ${config[name]}: wanted ${wanted}`,
    );
  };
  const counts = [
    "tokens",
    "batchSize",
    "contextLength",
    "accumulation",
    "evaluateEvery",
    "evaluationTokens",
    "sampleEvery",
    "checkpointEvery",
    "keepCheckpoints",
  ] as const;
  for (const name of counts) {
    const value = config[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      wrong(name, "a whole number of at least 1");
    }
  }
  if (!SCHEDULE_KINDS.includes(config.schedule)) {
    wrong("schedule", SCHEDULE_KINDS.join(", "));
  }
  if (!OPTIMIZER_KINDS.includes(config.optimizer)) {
    wrong("optimizer", OPTIMIZER_KINDS.join(", "));
  }
  if (!PRECISION_KINDS.includes(config.precision)) {
    wrong("precision", PRECISION_KINDS.join(", "));
  }
  const positive = [
    "learningRate",
    "adamEps",
    "clip",
    "divergenceMargin",
  ] as const;
  for (const name of positive) {
    if (!(config[name] > 0)) wrong(name, "a positive number");
  }
  for (const name of ["momentum", "labelSmoothing", "averageDecay"] as const) {
    if (!(config[name] >= 0 && config[name] < 1)) wrong(name, "0 up to 1");
  }
  if (!(config.zLoss >= 0)) wrong("zLoss", "at least 0");
  if (!(config.scheduleStretch >= 1)) wrong("scheduleStretch", "at least 1");
  if (!(config.warmupSteps >= 0 && config.warmupSteps <= config.steps)) {
    wrong("warmupSteps", `0..${config.steps} steps`);
  }
}

/**
 * Derives what was not chosen.
 *
 * @param model the configuration of the model that is trained
 * @throws {ConfigError} naming a field that is out of range
 */
export function resolveTrainConfig(
  knobs: TrainKnobs,
  model: LlamaConfig,
): TrainConfig {
  const {
    tokens,
    batchSize = 8,
    contextLength = model.maxPositionEmbeddings,
    accumulation = 1,
  } = knobs;
  const tokensPerStep = batchSize * contextLength * accumulation;
  const steps = Math.max(1, Math.ceil(tokens / tokensPerStep));
  const { evaluateEvery = Math.max(1, Math.round(steps / 10)) } = knobs;
  const config: TrainConfig = {
    learningRate: 3e-3,
    warmupSteps: Math.ceil(0.02 * steps),
    minLearningRateShare: 0.1,
    schedule: "cosine",
    decayShare: 0.2,
    scheduleStretch: 1,
    optimizer: "adamw",
    momentum: 0.95,
    weightDecay: 0.1,
    decayNorms: false,
    beta1: 0.9,
    beta2: 0.95,
    adamEps: 1e-8,
    clip: 1,
    zLoss: 0,
    labelSmoothing: 0,
    maskDocuments: false,
    averageDecay: 0,
    divergenceMargin: 2,
    precision: "float32",
    gradientCheckpointing: false,
    seed: 0,
    evaluateEvery,
    sampleEvery: evaluateEvery,
    evaluationTokens: 16384,
    checkpointEvery: Math.max(1, Math.round(steps / 5)),
    keepCheckpoints: 2,
    keepEvery: 0,
    ...knobs,
    batchSize,
    contextLength,
    accumulation,
    steps,
    tokensPerStep,
  };
  check(config);
  if (contextLength > model.maxPositionEmbeddings) {
    throw new ConfigError(
      `Cannot train with contextLength ${contextLength}: the model's context ` +
        `holds ${model.maxPositionEmbeddings} (maxPositionEmbeddings)`,
    );
  }
  return config;
}

/** Learning rate of step 0, 1, … of a run. */
export function scheduleOfRun(config: TrainConfig): Schedule {
  const { scheduleStretch } = config;
  return learningRateSchedule({
    kind: config.schedule,
    peak: config.learningRate,
    warmupSteps: config.warmupSteps * scheduleStretch,
    steps: config.steps * scheduleStretch,
    minShare: config.minLearningRateShare,
    decayShare: config.decayShare,
  });
}
