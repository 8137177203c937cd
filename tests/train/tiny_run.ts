/**
 * A Llama of one block and a text that it can learn, for tests of whole runs.
 *
 * @module
 */
import type { Device } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { TokenBatches, type TokenSource } from "../../lib/text/mod.ts";
import {
  resolveTrainConfig,
  type StepRecord,
  type TrainKnobs,
  type TrainOptions,
  type TrainRecord,
} from "../../lib/train/mod.ts";
import { Random } from "../../lib/util/mod.ts";

/** 16 tokens, contexts of 8. */
export const TINY_MODEL = llamaConfig("tiny-64", {
  vocabSize: 16,
  hiddenSize: 16,
  intermediateSize: 32,
  numHiddenLayers: 1,
  maxPositionEmbeddings: 8,
});

/** Tokens that count up, with a jump now and then: easy to learn. */
export function countingTokens(length: number, seed: number): Uint16Array {
  const random = new Random(seed, "counting");
  let token = 0;
  return Uint16Array.from({ length }, () => {
    token = random.uniform() < 0.05 ? random.int(16) : (token + 1) % 16;
    return token;
  });
}

const TOKENS = countingTokens(4000, 1);

/**
 * A fresh run of fifty steps of 4 x 8 tokens; the model is disposed by the
 * caller.
 */
export function tinyRun(
  device: Device,
  knobs: Partial<TrainKnobs> = {},
  tokens: TokenSource = TOKENS,
): TrainOptions {
  const usual = { tokens: 1600, batchSize: 4, learningRate: 1e-2 };
  const config = resolveTrainConfig({ ...usual, ...knobs }, TINY_MODEL);
  const { batchSize, contextLength, seed, maskDocuments } = config;
  const { vocabSize } = TINY_MODEL;
  return {
    model: Llama.create(TINY_MODEL, { seed, device }),
    batches: new TokenBatches(tokens, {
      ...{ batchSize, contextLength, vocabSize, seed },
      numberDocuments: maskDocuments,
    }),
    config,
  };
}

/** The steps among records. */
export const stepsOf = (records: readonly TrainRecord[]) =>
  records.filter((r): r is StepRecord => r.kind === "step");
