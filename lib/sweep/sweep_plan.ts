/**
 * From a sweep to its runs: every combination with the shape of its model, its
 * settings and a name that stays the same, by which finished runs are known.
 *
 * @module
 */
import { countParameters, type LlamaConfig } from "../model/mod.ts";
import {
  depthPlan,
  resolveTrainConfig,
  type TrainConfig,
} from "../train/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { type Sweep, SWEEP_HEAD_SIZE, type SweepCommon } from "./sweep_spec.ts";

/** One training of a sweep, known before it starts. */
export interface SweepRun {
  /** Name within the sweep: "d2-w64-t250000-r0.01-s0". */
  readonly id: string;
  readonly depth: number;
  readonly width: number;
  /** N, all parameters, a count. */
  readonly parameters: number;
  /** Without embedding and head. */
  readonly nonEmbedding: number;
  /** D, tokens of whole steps, a count. */
  readonly tokens: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly model: LlamaConfig;
  readonly train: TrainConfig;
}

/** Tokens of the steps for which the rates of `depthPlan` were found. */
const RATE_TOKENS_PER_STEP = 1024;

/** Shape of a size, and its rate for the batches of the sweep. */
function modelOf(depth: number, width: number, common: SweepCommon) {
  const heads = width / SWEEP_HEAD_SIZE;
  const { model, train } = depthPlan(depth, {
    hiddenSize: width,
    intermediateSize: 8 * Math.ceil(width / 3),
    numAttentionHeads: heads,
    numKeyValueHeads: heads,
    vocabSize: common.vocabSize,
    maxPositionEmbeddings: common.contextLength,
  });
  const tokensPerStep = common.batchSize * common.contextLength;
  const rate = train.learningRate! *
    Math.sqrt(tokensPerStep / RATE_TOKENS_PER_STEP);
  return { model, learningRate: Number(rate.toPrecision(2)) };
}

/** D of a run, before it is rounded up to whole steps. */
function tokensOf({ tokenRule }: Sweep, amount: number, parameters: number) {
  if (tokenRule === "tokens") return amount;
  return tokenRule === "budgets"
    ? Math.round(amount / (6 * parameters))
    : Math.round(amount * parameters);
}

/**
 * All runs, sizes outermost, seeds innermost. A rate that is not given is that
 * of {@linkcode depthPlan} times the square root of the tokens of a step (the
 * rule for Adam of Malladi et al. 2022, arXiv 2205.10287).
 *
 * @throws {ConfigError} when a budget leaves a size less than one token, or a
 * setting is out of range
 */
export function planSweep(sweep: Sweep): SweepRun[] {
  const { common, sizes, amounts, learningRates, seeds } = sweep;
  // By name: two budgets may round to the same tokens of a size.
  const runs = new Map<string, SweepRun>();
  for (const { depth, width } of sizes) {
    const { model, learningRate: derived } = modelOf(depth, width, common);
    const { total, nonEmbedding } = countParameters(model);
    const rates = learningRates.length > 0 ? learningRates : [derived];
    for (const amount of amounts) {
      const wanted = tokensOf(sweep, amount, total);
      if (wanted < 1) {
        throw new ConfigError(
          `Cannot spend ${amount} of ${sweep.tokenRule} on ${total} ` +
            "parameters: it leaves less than one token",
        );
      }
      for (const learningRate of rates) {
        for (const seed of seeds) {
          const train = resolveTrainConfig({
            tokens: wanted,
            learningRate,
            seed,
            batchSize: common.batchSize,
            contextLength: common.contextLength,
            keepCheckpoints: 1,
          }, model);
          const id = `d${depth}-w${width}-t${wanted}-r${learningRate}-s${seed}`;
          runs.set(id, {
            id,
            depth,
            width,
            parameters: total,
            nonEmbedding,
            tokens: train.steps * train.tokensPerStep,
            learningRate,
            seed,
            model,
            train,
          });
        }
      }
    }
  }
  return [...runs.values()];
}
