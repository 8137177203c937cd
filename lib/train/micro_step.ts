/**
 * One micro-step: forward, backward, the loss.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import { backward, mul, scoped, tensor } from "../tensor/mod.ts";
import type { TokenBatch } from "../text/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * Adds the gradients of a batch to those of the parameters. Where the batch
 * numbers its documents, no token sees those of another.
 *
 * @param config says what the loss is, whether blocks are computed again in
 * backward, and the share of this batch in the step, 1 / accumulation
 * @returns its mean loss, nats per token, not weighted
 */
export function microStep(
  model: Llama,
  { inputs, targets, documents, B, T }: TokenBatch,
  config: TrainConfig,
): Promise<number> {
  const { device } = model;
  const { accumulation, zLoss, labelSmoothing } = config;
  return scoped(() => {
    const of = (ids: Int32Array) =>
      tensor(ids as Int32Array<ArrayBuffer>, { shape: [B, T], device });
    const loss = model.loss(of(inputs), of(targets), {
      zLoss,
      labelSmoothing,
      checkpointBlocks: config.gradientCheckpointing,
      ...(documents && { documents: of(documents) }),
    });
    backward(accumulation === 1 ? loss : mul(loss, 1 / accumulation));
    return loss.item();
  }, "micro-step");
}
