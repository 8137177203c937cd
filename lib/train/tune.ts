/**
 * Going on with a trained model: passes over a set of examples with AdamW, as
 * Hugging Face's Trainer goes, by which TeenyTinyLlama was fine-tuned. What an
 * example is and what its loss is, is said by who calls: classes
 * (fine_tune_classifier.ts), answers (fine_tune_chat.ts).
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { AdamW, learningRateSchedule } from "../optim/mod.ts";
import { backward, scoped, type Tensor } from "../tensor/mod.ts";
import { DataError, InterruptedError } from "../util/mod.ts";
import type { StepRecord } from "./records.ts";
import type { TuneRecipe } from "./tune_recipe.ts";

/** What is trained on what. */
export interface TuneTask<Batch> {
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Batches of a pass, the same number for each, in its order. */
  readonly batchesOf: (epoch: number) => readonly Batch[];
  /** Mean loss of a batch, a scalar. */
  readonly loss: (batch: Batch) => Tensor;
  /** Tokens that run through the model for a batch. */
  readonly tokensOf: (batch: Batch) => number;
  /** Stops after the step that runs. */
  readonly signal?: AbortSignal | undefined;
}

/** A pass that has ended. */
export interface EpochEnd {
  readonly kind: "epoch end";
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
}

/**
 * Trains and yields a record for every step and every end of a pass.
 *
 * @throws {InterruptedError} when the signal stops it
 * @throws {DataError} when there are no batches or a loss is not finite
 */
export async function* tune<Batch>(
  task: TuneTask<Batch>,
  recipe: TuneRecipe,
): AsyncGenerator<StepRecord | EpochEnd, void> {
  const { parameters, batchesOf, loss, tokensOf, signal } = task;
  const { epochs, weightDecay, clip, learningRate: peak } = recipe;
  const started = performance.now();
  let batches = batchesOf(0);
  if (batches.length === 0) {
    throw new DataError("Cannot fine-tune on no examples");
  }
  const steps = epochs * batches.length;
  const rate = learningRateSchedule({
    ...{ kind: recipe.schedule, peak, steps },
    warmupSteps: Math.min(steps, recipe.warmupSteps),
  });
  using optimizer = new AdamW(parameters, { weightDecay, clip });
  let step = 0;
  let tokens = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (epoch > 0) batches = batchesOf(epoch);
    for (const batch of batches) {
      if (signal?.aborted) {
        throw new InterruptedError(`Stopped after step ${step} of ${steps}`);
      }
      const begun = performance.now();
      const value = await scoped(() => {
        const mean = loss(batch);
        backward(mean);
        return mean.item();
      }, "fine-tuning step");
      if (!Number.isFinite(value)) {
        optimizer.clearGradients();
        throw new DataError(
          `Cannot fine-tune on: the loss of step ${step + 1} is ${value}, ` +
            `with a learning rate of ${rate(step)}`,
        );
      }
      const learningRate = rate(step++);
      optimizer.update(learningRate);
      optimizer.clearGradients();
      const gradientNorm = await optimizer.gradientNorm.item();
      const count = tokensOf(batch);
      tokens += count;
      const now = performance.now();
      yield {
        kind: "step",
        ...{ step, tokens, loss: value, learningRate, gradientNorm },
        seconds: (now - started) / 1000,
        tokensPerSecond: count / ((now - begun) / 1000),
      };
      await nextTurn();
    }
    yield { kind: "epoch end", epoch: epoch + 1, step };
  }
}
