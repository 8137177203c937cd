/**
 * One micro-step: forward, backward, the loss.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { LossScale } from "../optim/mod.ts";
import {
  backward,
  mul,
  scoped,
  tensor,
  withMatmulPrecision,
} from "../tensor/mod.ts";
import type { TokenBatch } from "../text/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * Adds the gradients of a batch to those of the parameters. Where the batch
 * numbers its documents, no token sees those of another.
 *
 * @param config says what the loss is, in which precision and whether blocks
 * are computed again in backward, and the share of this batch in the step,
 * 1 / accumulation
 * @param lossScale multiplies the gradients, where there is one
 * @returns its mean loss, nats per token, not weighted
 */
export function microStep(
  model: Llama,
  { inputs, targets, documents, B, T }: TokenBatch,
  config: TrainConfig,
  lossScale?: LossScale,
): Promise<number> {
  const { device } = model;
  const { accumulation, precision, zLoss, labelSmoothing } = config;
  const step = () => {
    const of = (ids: Int32Array) =>
      tensor(ids as Int32Array<ArrayBuffer>, { shape: [B, T], device });
    const loss = model.loss(of(inputs), of(targets), {
      zLoss,
      labelSmoothing,
      checkpointBlocks: config.gradientCheckpointing,
      ...(documents && { documents: of(documents) }),
    });
    const share = accumulation === 1 ? loss : mul(loss, 1 / accumulation);
    backward(lossScale ? mul(share, lossScale.scale) : share);
    return loss.item();
  };
  return withMatmulPrecision(precision, () => scoped(step, "micro-step"));
}
