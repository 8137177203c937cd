/**
 * From the options of `caderno train` to the configurations of model and
 * training, and the words that describe them.
 *
 * @module
 */
import {
  checkLlamaConfig,
  ConfigError,
  depthPlan,
  intensityAt,
  type LlamaConfig,
  llamaConfig,
  type LlamaPreset,
  loadIntensities,
  type OptimizerKind,
  type PrecisionKind,
  resolveTrainConfig,
  type ScheduleKind,
  statedIntensity,
  type Tokenizer,
  type TrackOptions,
  type TrainConfig,
  type TrainKnobs,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";
import { checkRules } from "./train_rules.ts";

/** Model and training, resolved. */
export interface TrainPlan {
  readonly model: LlamaConfig;
  readonly train: TrainConfig;
}

/** Options that set a field of the model. */
const MODEL_FIELDS = {
  layers: "numHiddenLayers",
  hidden: "hiddenSize",
  intermediate: "intermediateSize",
  heads: "numAttentionHeads",
  "kv-heads": "numKeyValueHeads",
  context: "maxPositionEmbeddings",
  vocab: "vocabSize",
} as const satisfies Record<string, keyof LlamaConfig>;

/** Options that set a field of the training. */
const TRAIN_FIELDS = {
  tokens: "tokens",
  "learning-rate": "learningRate",
  sequence: "contextLength",
  batch: "batchSize",
  accumulation: "accumulation",
  "schedule-stretch": "scheduleStretch",
  warmup: "warmupSteps",
  "min-rate": "minLearningRateShare",
  "decay-share": "decayShare",
  momentum: "momentum",
  "weight-decay": "weightDecay",
  beta1: "beta1",
  beta2: "beta2",
  "adam-eps": "adamEps",
  "z-loss": "zLoss",
  "label-smoothing": "labelSmoothing",
  "average-decay": "averageDecay",
  seed: "seed",
  "evaluate-every": "evaluateEvery",
  "evaluation-tokens": "evaluationTokens",
  "sample-every": "sampleEvery",
  "checkpoint-every": "checkpointEvery",
  "keep-checkpoints": "keepCheckpoints",
  "keep-every": "keepEvery",
} as const satisfies Record<string, keyof TrainKnobs>;

/** Fields whose options were typed, or have a default. */
function fieldsOf<F extends string>(
  line: CommandLine,
  names: Readonly<Record<string, F>>,
  { typedOnly = false } = {},
): Partial<Record<F, number>> {
  const fields: Partial<Record<F, number>> = {};
  for (const [option, field] of Object.entries(names)) {
    if (typedOnly && !line.has(option)) continue;
    const value = line.number(option);
    if (value !== undefined) fields[field] = value;
  }
  return fields;
}

/** A number that has no upper end, or Infinity for the word "off". */
function numberOrOff(line: CommandLine, name: string): number {
  return line.text(name) === "off" ? Infinity : line.needNumber(name);
}

/** Llama 2's width of the feed-forward block, 8/3 C, in multiples of 8. */
function usualIntermediateSize(hiddenSize: number): number {
  return 8 * Math.ceil(hiddenSize / 3);
}

/** Fields of the model that the options name, and what follows from them. */
function modelChanges(
  line: CommandLine,
  tokenizer?: Tokenizer,
): Partial<LlamaConfig> {
  const given = fieldsOf(line, MODEL_FIELDS);
  const { hiddenSize, numAttentionHeads } = given;
  const derived: Partial<LlamaConfig> = {
    ...(hiddenSize === undefined
      ? {}
      : { intermediateSize: usualIntermediateSize(hiddenSize) }),
    ...(numAttentionHeads === undefined
      ? {}
      : { numKeyValueHeads: numAttentionHeads }),
  };
  const ofTokenizer: Partial<LlamaConfig> = tokenizer
    ? {
      vocabSize: tokenizer.vocabSize,
      bosTokenId: tokenizer.bosId,
      eosTokenId: tokenizer.eosId,
      padTokenId: tokenizer.padId,
    }
    : {};
  return {
    ...derived,
    ...given,
    ...ofTokenizer,
    ...(line.has("tie-embeddings") ? { tieWordEmbeddings: true } : {}),
  };
}

/** Stands for the tokens of a run until its corpus tells how many they are. */
const NOT_YET_KNOWN = 1e15;

/**
 * Training tokens of so many passes over a corpus, a last step filled up:
 * epochs x blocks / (batch x accumulation) steps, as TeenyTinyLlama counts.
 */
function tokensOfEpochs(
  { contextLength, batchSize, accumulation, tokensPerStep }: TrainConfig,
  epochs: number,
  corpusTokens: number,
): number {
  const blocks = Math.floor((corpusTokens - 1) / contextLength);
  const steps = Math.ceil(epochs * blocks / (batchSize * accumulation));
  return steps * tokensPerStep;
}

/** What a plan can build on once it is there. */
export interface KnownData {
  /** Gives vocabulary and special tokens. */
  readonly tokenizer?: Tokenizer | undefined;
  /** The model that the run begins with, in place of sizes. */
  readonly base?: LlamaConfig | undefined;
  /** Tokens of the training text, of which `--epochs` are made. */
  readonly corpusTokens?: number;
}

/**
 * Resolves the options: what was typed, below it what `--depth` derives, below
 * that preset and defaults. With `--epochs` the length of the run is not known
 * before the corpus.
 *
 * @throws {ConfigError} naming what is out of range or contradicts
 */
export function planTraining(
  line: CommandLine,
  { tokenizer, base, corpusTokens }: KnownData = {},
): TrainPlan {
  checkRules(line);
  const changes = modelChanges(line, tokenizer);
  const depth = line.number("depth");
  const dial = depth === undefined ? undefined : depthPlan(depth, changes);
  const preset = line.needText("preset") as LlamaPreset;
  const model = base ?? dial?.model ??
    checkLlamaConfig({ ...llamaConfig(preset), ...changes });
  const fields = fieldsOf(line, TRAIN_FIELDS);
  const knobs: Omit<TrainKnobs, "tokens"> = {
    ...fields,
    ...dial?.train,
    ...fieldsOf(line, TRAIN_FIELDS, { typedOnly: true }),
    clip: numberOrOff(line, "clip"),
    divergenceMargin: numberOrOff(line, "divergence-margin"),
    optimizer: line.needText("optimizer") as OptimizerKind,
    precision: line.needText("precision") as PrecisionKind,
    maskDocuments: line.has("mask-documents"),
    schedule: line.needText("schedule") as ScheduleKind,
    decayNorms: line.has("decay-norms"),
    gradientCheckpointing: line.has("gradient-checkpointing"),
  };
  const resolve = (tokens: number) =>
    resolveTrainConfig({ ...knobs, tokens }, model);
  const epochs = line.number("epochs");
  if (epochs === undefined) {
    const tokens = fields.tokens ?? dial?.train.tokens ??
      line.needNumber("tokens");
    return { model, train: resolve(tokens) };
  }
  const told = resolve(fields.tokens ?? NOT_YET_KNOWN);
  if (corpusTokens === undefined) return { model, train: told };
  const train = resolve(tokensOfEpochs(told, epochs, corpusTokens));
  if (fields.tokens !== undefined && train.steps !== told.steps) {
    throw new ConfigError(
      `Cannot train for both ${told.steps} steps and ${epochs} epochs, which ` +
        `are ${train.steps} steps of this corpus: give one of them`,
    );
  }
  return { model, train };
}

/** Where the electricity comes from, as options of the tracker. */
export type Electricity = Pick<
  TrackOptions,
  "country" | "region" | "gramsPerKwh" | "pue"
>;

/** The electricity that the options name. */
export function planElectricity(line: CommandLine): Electricity {
  const country = line.text("country");
  const region = line.text("region");
  const gramsPerKwh = line.number("intensity");
  return {
    ...(country === undefined ? {} : { country }),
    ...(region === undefined ? {} : { region }),
    ...(gramsPerKwh === undefined ? {} : { gramsPerKwh }),
    pue: line.needNumber("pue"),
  };
}

/**
 * The electricity in one line.
 *
 * @throws {ConfigError} when the place is not in the tables
 */
export async function describeElectricity(line: CommandLine): Promise<string> {
  const { country, region, gramsPerKwh, pue } = planElectricity(line);
  if (gramsPerKwh === undefined && country === undefined) {
    if (region !== undefined) {
      throw new ConfigError(
        `Cannot find the region "${region}": give its --country as well`,
      );
    }
    return "electricity: no --country, so energy is counted and carbon is not";
  }
  const { used } = gramsPerKwh !== undefined
    ? statedIntensity(gramsPerKwh, country)
    : intensityAt(await loadIntensities(), country!, { region });
  return `electricity: ${used.gramsPerKwh.toPrecision(3)} g CO2eq/kWh ` +
    `(${used.place}; ${used.source}), PUE ${pue}`;
}
