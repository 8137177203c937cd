/**
 * Fine-tuning on pairs of answers of which one is preferred, without a model of
 * rewards (preference_loss.ts has the formula). The reference is the model as
 * it was: what it says of every answer is computed once, before the first step,
 * so that no second model is in memory. TeenyTinyLlama planned this step.
 *
 * @module
 */
import type { ChatModel, Preference, PreferenceTokens } from "../chat/mod.ts";
import type { Llama } from "../model/mod.ts";
import { keep, noGrad, scoped, type Tensor, tensor } from "../tensor/mod.ts";
import { ConfigError, InterruptedError } from "../util/mod.ts";
import type { LoraAdapters } from "./lora_adapters.ts";
import { answerLogProbs, dpoLoss, type DpoOptions } from "./preference_loss.ts";
import {
  answersOf,
  encodePairs,
  paddedTokens,
  type UnusedPair,
} from "./preference_pairs.ts";
import type { StepRecord } from "./records.ts";
import { tune } from "./tune.ts";
import {
  chunks,
  freezeOthers,
  shuffledBatches,
  Snapshot,
  splitExamples,
} from "./tune_examples.ts";
import {
  TTL_PREFERENCE_BETA,
  TTL_PREFERENCE_RECIPE,
  type TuneRecipe,
  tuneRecipe,
} from "./tune_recipe.ts";

/** What is trained on what. */
export interface FineTunePreferencesOptions extends Partial<DpoOptions> {
  readonly train: readonly Preference[];
  /** Changes of {@linkcode TTL_PREFERENCE_RECIPE}. */
  readonly recipe?: Partial<TuneRecipe>;
  /** β, TTL's 0.7 without it. */
  readonly beta?: number;
  /** Trains these only, from the model without them; merged in at the end. */
  readonly lora?: LoraAdapters;
  /** Stops after the step that runs; the best epoch so far is kept. */
  readonly signal?: AbortSignal;
}

/** Told first: the pairs that are used, and those that are not. */
export interface PreferenceDataRecord {
  readonly kind: "data";
  readonly pairs: number;
  readonly unused: readonly UnusedPair[];
}

/** Told while the reference reads the pairs. */
export interface ReferenceRecord {
  readonly kind: "reference";
  /** Pairs that it has read, of all. */
  readonly pairs: number;
  readonly total: number;
}

/** Rewards of some pairs, in nats: β (ln π - ln π_ref). */
export interface RewardStatistics {
  /** Mean reward of the chosen answers. */
  readonly chosenReward: number;
  /** Mean reward of the rejected answers. */
  readonly rejectedReward: number;
  /** The difference of the two. */
  readonly margin: number;
  /** Share of pairs whose chosen answer has the higher reward. */
  readonly accuracy: number;
}

/** A step; its loss is in nats per pair, before the update as the rewards. */
export interface PreferenceStepRecord extends StepRecord, RewardStatistics {}

/** Scores after a pass over the pairs, of those that are held out. */
export interface PreferenceEpochRecord extends RewardStatistics {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  /** Mean loss, nats per pair; ln 2 is that of the reference. */
  readonly loss: number;
  /** Pairs that were held out. */
  readonly pairs: number;
  /** Whether its loss is the lowest so far. */
  readonly isBest: boolean;
}

/** Anything that a fine-tuning on preferences tells. */
export type PreferenceRecord =
  | PreferenceDataRecord
  | ReferenceRecord
  | PreferenceStepRecord
  | PreferenceEpochRecord;

/** ln π_ref of both answers of a pair. */
interface ReferenceScore {
  readonly chosen: number;
  readonly rejected: number;
}

/**
 * Trains a model that chats to prefer the chosen answers (DPO), and yields
 * records. At the end it has the weights of the pass with the lowest loss on
 * the pairs that are held out.
 *
 * @throws {InterruptedError} when the signal stops it
 * @throws {DataError} when the template refuses a pair, naming it, or none can
 * be used
 * @throws {ConfigError} when a setting is out of range
 */
export async function* fineTunePreferences(
  chat: ChatModel,
  { train, recipe: changes, lora, signal, ...chosen }:
    FineTunePreferencesOptions,
): AsyncGenerator<PreferenceRecord, void> {
  const { model } = chat;
  const wanted = tuneRecipe(TTL_PREFERENCE_RECIPE, changes);
  const { maxPositionEmbeddings } = model.config;
  const maxTokens = Math.min(wanted.maxTokens, maxPositionEmbeddings);
  const recipe = { ...wanted, maxTokens };
  const { beta = TTL_PREFERENCE_BETA, labelSmoothing = 0 } = chosen;
  const dpo = checkDpo({ beta, labelSmoothing });
  const { pairs, unused } = encodePairs(chat, train, maxTokens);
  yield { kind: "data", pairs: pairs.length, unused };

  const parts = splitExamples(pairs, recipe); // refuses before it takes time
  const reference = new Map<PreferenceTokens, ReferenceScore>();
  for (const some of chunks(pairs, recipe.batchSize)) {
    if (signal?.aborted) {
      throw new InterruptedError(
        `Stopped after the reference read ${reference.size} of ` +
          `${pairs.length} pairs`,
      );
    }
    const scores = await referenceScores(model, some);
    for (const [i, pair] of some.entries()) reference.set(pair, scores[i]!);
    const total = pairs.length;
    yield { kind: "reference", pairs: reference.size, total };
  }

  const trained = lora ? lora.parameters : model.parameters;
  using _ = freezeOthers(model.parameters, trained);
  const lossOf = (batch: readonly PreferenceTokens[]) =>
    pairLoss(model, batch, { ...dpo, lora, reference });
  const best = new Snapshot(trained);
  let bestLoss = Infinity;
  let rewards: Tensor | undefined;
  try {
    const records = tune<PreferenceTokens[]>({
      parameters: trained,
      batchesOf: (epoch) => shuffledBatches(parts.train, recipe, epoch),
      loss: (batch) => {
        const { loss, rewards: all } = lossOf(batch);
        rewards?.dispose();
        rewards = keep(all.alias()); // off the tape
        return loss;
      },
      tokensOf: paddedTokens,
      signal,
    }, recipe);
    for await (const record of records) {
      if (record.kind === "step") {
        yield { ...record, ...statistics(await rewards!.data()) };
        continue;
      }
      const { epoch, step } = record;
      const scores = await scoreHeldOut(
        chunks(parts.validation, recipe.batchSize),
        lossOf,
      );
      const isBest = scores.loss < bestLoss;
      if (isBest) {
        bestLoss = scores.loss;
        await best.take();
      }
      yield { kind: "epoch", epoch, step, isBest, ...scores };
    }
  } finally {
    rewards?.dispose();
    best.restore();
    await lora?.mergeInto(model);
  }
}

function checkDpo(options: Required<DpoOptions>): Required<DpoOptions> {
  const { beta, labelSmoothing } = options;
  const wrong = !(beta > 0 && beta < Infinity)
    ? `beta ${beta}: wanted a positive number`
    : !(labelSmoothing >= 0 && labelSmoothing < 0.5)
    ? `labelSmoothing ${labelSmoothing}: wanted a share in [0, 0.5)`
    : undefined;
  if (wrong) throw new ConfigError(`Cannot fine-tune with ${wrong}`);
  return options;
}

/** What the model says of pairs before it is trained. */
async function referenceScores(
  model: Llama,
  pairs: readonly PreferenceTokens[],
): Promise<ReferenceScore[]> {
  const sums = await scoped(
    () => noGrad(() => answerLogProbs(model, answersOf(pairs)).data()),
    "reference",
  );
  const B = pairs.length;
  return pairs.map((_, i) => ({ chosen: sums[i]!, rejected: sums[B + i]! }));
}

/** Mean loss of pairs, a scalar, and their rewards. */
function pairLoss(
  model: Llama,
  pairs: readonly PreferenceTokens[],
  { lora, reference, ...options }: DpoOptions & {
    readonly lora: LoraAdapters | undefined;
    readonly reference: ReadonlyMap<PreferenceTokens, ReferenceScore>;
  },
) {
  const { device } = model;
  const scores = pairs.map((pair) => reference.get(pair)!);
  const before = Float32Array.from([
    ...scores.map(({ chosen }) => chosen),
    ...scores.map(({ rejected }) => rejected),
  ]);
  return scoped(() => {
    const logProbs = answerLogProbs(model, answersOf(pairs), {
      adapters: lora?.changes,
    });
    return dpoLoss(logProbs, tensor(before, { device }), options);
  }, "pairLoss");
}

/** Statistics of rewards (2 B), those of the chosen answers first. */
function statistics(rewards: ArrayLike<number>): RewardStatistics {
  const B = rewards.length / 2;
  let [chosenReward, rejectedReward, right] = [0, 0, 0];
  for (let i = 0; i < B; i++) {
    chosenReward += rewards[i]! / B;
    rejectedReward += rewards[B + i]! / B;
    if (rewards[i]! > rewards[B + i]!) right++;
  }
  const margin = chosenReward - rejectedReward;
  return { chosenReward, rejectedReward, margin, accuracy: right / B };
}

/** Loss and rewards of the pairs that are held out, every pair weighs alike. */
async function scoreHeldOut(
  batches: readonly PreferenceTokens[][],
  lossOf: (batch: readonly PreferenceTokens[]) => ReturnType<typeof dpoLoss>,
) {
  let [sum, pairs] = [0, 0];
  const chosen: number[] = [];
  const rejected: number[] = [];
  for (const batch of batches) {
    const B = batch.length;
    await scoped(async () => {
      const { loss, rewards } = noGrad(() => lossOf(batch));
      const [mean, all] = [await loss.item(), await rewards.data()];
      sum += mean * B;
      chosen.push(...all.subarray(0, B));
      rejected.push(...all.subarray(B));
    }, "held-out pairs");
    pairs += B;
  }
  return { loss: sum / pairs, pairs, ...statistics([...chosen, ...rejected]) };
}
