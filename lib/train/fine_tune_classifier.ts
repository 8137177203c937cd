/**
 * Fine-tuning a classifier. The epoch is chosen on texts held out of the
 * training set; TeenyTinyLlama chose it on the test set itself, which flatters
 * (arXiv 2401.16640, table 5): that is here too, under its name.
 *
 * @module
 */
import type { LoraAdapters } from "./lora_adapters.ts";
import type { StepRecord } from "./records.ts";
import { type ClassScores, scoreClassifier } from "./class_scores.ts";
import type {
  ClassifierInput,
  LabeledText,
  SequenceClassifier,
} from "./classifier.ts";
import { tune } from "./tune.ts";
import {
  freezeOthers,
  shuffledBatches,
  Snapshot,
  splitExamples,
} from "./tune_examples.ts";
import {
  TTL_CLASSIFIER_RECIPE,
  type TuneRecipe,
  tuneRecipe,
} from "./tune_recipe.ts";
import { ConfigError } from "../util/mod.ts";

/** What is trained on what. */
export interface FineTuneClassifierOptions {
  readonly train: readonly LabeledText[];
  /** Changes of {@linkcode TTL_CLASSIFIER_RECIPE}. */
  readonly recipe?: Partial<TuneRecipe>;
  /**
   * Chooses the epoch on these, as TTL did with its test set: what is measured
   * on them afterwards is too good. Without it texts are held out.
   */
  readonly bestOnTest?: readonly LabeledText[];
  /** Trains these and the head only; merged into the model at the end. */
  readonly lora?: LoraAdapters;
  /** Stops after the step that runs; the best epoch so far is kept. */
  readonly signal?: AbortSignal;
}

/** Scores after a pass over the training texts. */
export interface ClassifierEpochRecord extends ClassScores {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  /** Which texts the scores are of. */
  readonly scoredOn: "validation" | "test";
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Whether it is the most accurate so far. */
  readonly isBest: boolean;
  /** Training texts that were longer than `maxTokens`. */
  readonly cutTexts: number;
}

/**
 * Trains a classifier and yields a record for every step and every pass. At
 * the end it has the weights of the most accurate pass, the first of equals.
 *
 * @throws {InterruptedError} when the signal stops it
 * @throws {DataError} when a text or label cannot be used, naming it
 * @throws {ConfigError} when a setting is out of range
 */
export async function* fineTuneClassifier(
  classifier: SequenceClassifier,
  { train, recipe: changes, bestOnTest, lora, signal }:
    FineTuneClassifierOptions,
): AsyncGenerator<StepRecord | ClassifierEpochRecord, void> {
  const recipe = tuneRecipe(TTL_CLASSIFIER_RECIPE, changes);
  const { inputs, cut } = classifier.encode(train, recipe.maxTokens);
  const parts = bestOnTest
    ? {
      train: inputs,
      validation: classifier.encode(bestOnTest, recipe.maxTokens).inputs,
    }
    : splitExamples(inputs, recipe);
  const { model, head } = classifier;
  const base = lora ? lora.parameters : model.parameters;
  if (lora && lora.changes.size === 0) {
    throw new ConfigError("Cannot fine-tune with LoRA: it changes no weight");
  }
  const parameters = new Map([...base, ["score.weight", head] as const]);
  // The head of the language model gets no gradient and stays as it is.
  const best = new Snapshot(parameters);
  let bestAccuracy = -1;
  using _ = freezeOthers(model.parameters, parameters);
  classifier.adapters = lora?.changes;
  try {
    const records = tune<ClassifierInput[]>({
      parameters,
      batchesOf: (epoch) => shuffledBatches(parts.train, recipe, epoch),
      loss: (batch) => classifier.loss(batch),
      tokensOf: paddedTokens,
      signal,
    }, recipe);
    for await (const record of records) {
      if (record.kind === "step") {
        yield record;
        continue;
      }
      const scores = await scoreClassifier(classifier, parts.validation, {
        batchSize: recipe.batchSize,
      });
      const isBest = scores.accuracy > bestAccuracy;
      if (isBest) {
        bestAccuracy = scores.accuracy;
        await best.take();
      }
      const scoredOn = bestOnTest ? "test" : "validation";
      const { epoch, step } = record;
      yield {
        ...{ kind: "epoch", epoch, step, scoredOn, isBest, cutTexts: cut },
        ...scores,
      };
    }
  } finally {
    best.restore();
    await lora?.mergeInto(model);
    classifier.adapters = undefined;
  }
}

/** Tokens of a batch with its padding. */
function paddedTokens(batch: readonly ClassifierInput[]): number {
  return batch.length * Math.max(...batch.map(({ ids }) => ids.length));
}
