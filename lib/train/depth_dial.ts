/**
 * One dial for a model that is worth its compute: from the number of blocks
 * follow width, heads, tokens, batch and learning rate.
 *
 * - width 32 a block and heads of 32, so that shape stays the same with size
 *   (Kaplan et al., 2020: the ratio hardly matters within wide bounds);
 * - 20 training tokens a parameter (Hoffmann et al., 2022);
 * - 0.58 D^0.571 tokens a step ("step law", Li et al., 2025, arXiv 2503.04715);
 * - a peak rate that falls as 1 / width (Yang et al., 2022, arXiv 2203.03466)
 *   from 8e-3 at width 96, which trained well here (experiments/LOG.md); the step
 *   law's own rates, fitted from 60 M parameters up, are not used.
 *
 * @module
 */
import {
  countParameters,
  type LlamaConfig,
  llamaConfig,
} from "../model/mod.ts";
import { ConfigError } from "../util/mod.ts";
import type { TrainKnobs } from "./train_config.ts";

/** Width of a head, and by how much a block widens the model. */
const HEAD_SIZE = 32;
const TOKENS_PER_PARAMETER = 20;
/** Rate times width, and the highest rate: narrower models bear no more. */
const RATE_WIDTH = 8e-3 * 96;
const HIGHEST_RATE = 1e-2;
/** Most sequences of a micro-step: activations have to fit. */
const LARGEST_BATCH = 16;

/** What follows from a depth. */
export interface DepthPlan {
  readonly model: LlamaConfig;
  readonly train: TrainKnobs;
}

/**
 * The plan of a depth.
 *
 * @param depth blocks, 1 to 64
 * @param changes fields of the model that are chosen otherwise
 * @throws {ConfigError} when the depth is out of range
 */
export function depthPlan(
  depth: number,
  changes: Partial<LlamaConfig> = {},
): DepthPlan {
  if (!Number.isInteger(depth) || depth < 1 || depth > 64) {
    throw new ConfigError(`Cannot plan a depth of ${depth}: wanted 1 to 64`);
  }
  const hiddenSize = HEAD_SIZE * depth;
  const model = llamaConfig("tiny-128", {
    numHiddenLayers: depth,
    hiddenSize,
    intermediateSize: 8 * Math.ceil(hiddenSize / 3), // 8/3, as in Llama
    numAttentionHeads: depth,
    numKeyValueHeads: depth,
    ...changes,
  });
  const { total } = countParameters(model);
  const tokens = TOKENS_PER_PARAMETER * total;
  const contextLength = model.maxPositionEmbeddings;
  const sequences = Math.max(
    1,
    Math.round(0.58 * tokens ** 0.571 / contextLength),
  );
  const accumulation = Math.ceil(sequences / LARGEST_BATCH);
  const rate = RATE_WIDTH / model.hiddenSize;
  return {
    model,
    train: {
      tokens,
      contextLength,
      accumulation,
      batchSize: Math.ceil(sequences / accumulation),
      learningRate: Number(Math.min(HIGHEST_RATE, rate).toPrecision(2)),
    },
  };
}
