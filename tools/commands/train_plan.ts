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
  resolveTrainConfig,
  type ScheduleKind,
  statedIntensity,
  type Tokenizer,
  type TrackOptions,
  type TrainConfig,
  type TrainKnobs,
} from "../../lib/mod.ts";
import type { CommandLine } from "./command.ts";

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

/**
 * Resolves the options: what was typed, below it what `--depth` derives, below
 * that preset and defaults.
 *
 * @param tokenizer gives vocabulary and special tokens when it is there
 * @throws {ConfigError} naming what is out of range or contradicts
 */
export function planTraining(
  line: CommandLine,
  tokenizer?: Tokenizer,
): TrainPlan {
  const changes = modelChanges(line, tokenizer);
  const depth = line.number("depth");
  const dial = depth === undefined ? undefined : depthPlan(depth, changes);
  const preset = line.needText("preset") as LlamaPreset;
  const model = dial?.model ??
    checkLlamaConfig({ ...llamaConfig(preset), ...changes });
  const fields = fieldsOf(line, TRAIN_FIELDS);
  const knobs: TrainKnobs = {
    ...fields,
    ...dial?.train,
    ...fieldsOf(line, TRAIN_FIELDS, { typedOnly: true }),
    tokens: line.number("tokens") ?? dial?.train.tokens ??
      line.needNumber("tokens"),
    clip: numberOrOff(line, "clip"),
    divergenceMargin: numberOrOff(line, "divergence-margin"),
    optimizer: line.needText("optimizer") as OptimizerKind,
    maskDocuments: line.has("mask-documents"),
    schedule: line.needText("schedule") as ScheduleKind,
    decayNorms: line.has("decay-norms"),
    gradientCheckpointing: line.has("gradient-checkpointing"),
  };
  return { model, train: resolveTrainConfig(knobs, model) };
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
