/**
 * A run in words and numbers, to read before it starts.
 *
 * @module
 */
import type { DeviceKind } from "../device/mod.ts";
import {
  countParameters,
  type LlamaConfig,
  trainingFlopsPerToken,
} from "../model/mod.ts";
import { formatBytes, formatCount, formatSi } from "../util/mod.ts";
import { planMemory } from "./memory_plan.ts";
import {
  type OptimizerKind,
  type PrecisionKind,
  scheduleOfRun,
  type TrainConfig,
} from "./train_config.ts";

const OPTIMIZERS: Readonly<Record<OptimizerKind, string>> = {
  adamw: "AdamW",
  muon: "Muon for hidden matrices, AdamW for the rest",
};

const PRECISIONS: Readonly<Record<PrecisionKind, string>> = {
  float32: "float32",
  float16: "float16 factors of matrix products, with a loss scale; all else " +
    "float32; needs a GPU with shader-f16",
};

/**
 * The run, one line each for model, data, compute, memory, precision, learning
 * rate and optimizer.
 *
 * @param kind device to count memory for; without it the CPU, or WebGPU where
 * only that has the precision
 */
export async function describeTraining(
  config: TrainConfig,
  model: LlamaConfig,
  kind: DeviceKind = config.precision === "float16" ? "webgpu" : "cpu",
): Promise<string[]> {
  const count = countParameters(model);
  const flops = trainingFlopsPerToken(model, config.contextLength);
  const tokens = config.steps * config.tokensPerStep;
  const lastRate = scheduleOfRun(config)(config.steps);
  const warmupSteps = config.warmupSteps * config.scheduleStretch;
  const memory = await planMemory(model, config, kind);
  return [
    `model: ${formatCount(count.total)} parameters ` +
    `(${formatCount(count.nonEmbedding)} without embeddings), ` +
    `${model.numHiddenLayers} layers, width ${model.hiddenSize}, ` +
    `${model.numAttentionHeads} heads, vocabulary ${model.vocabSize}`,
    `data: ${formatCount(tokens)} tokens in ${config.steps} steps of ` +
    `${config.accumulation} x ${config.batchSize} x ${config.contextLength}, ` +
    `${(tokens / count.total).toFixed(1)} tokens per parameter`,
    `compute: ${formatSi(6 * count.total * tokens, "FLOP")} by 6ND, ` +
    `${formatSi(flops * tokens, "FLOP")} counted`,
    `memory: ${formatBytes(memory.peakBytes)} on the device at the peak, ` +
    `${
      formatBytes(memory.residentBytes)
    } of it for weights and the optimizer's state`,
    `precision: ${PRECISIONS[config.precision]}`,
    `learning rate: ${config.learningRate} after ${warmupSteps} steps, ` +
    (config.schedule === "constant"
      ? "constant"
      : `${config.schedule} down to ${Number(lastRate.toPrecision(6))}`),
    `optimizer: ${OPTIMIZERS[config.optimizer]}, decay ${config.weightDecay}` +
    (config.averageDecay > 0
      ? `; the weights' average, decay ${config.averageDecay}, is what counts`
      : ""),
  ];
}
