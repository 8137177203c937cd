/**
 * One micro-step: forward, backward, the loss.
 *
 * @module
 */
import { accumulate } from "../kernels/mod.ts";
import type { Llama } from "../model/mod.ts";
import type { LossScale } from "../optim/mod.ts";
import {
  backward,
  mul,
  scoped,
  type Tensor,
  withMatmulPrecision,
} from "../tensor/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/** A batch on the device, all int32 (B, T). */
export interface BatchTensors {
  readonly inputs: Tensor;
  readonly targets: Tensor;
  /** Numbers of documents; with them no token sees those of another. */
  readonly documents?: Tensor | undefined;
}

/** What the micro-steps of a step share. */
export interface MicroStepParts {
  /** Its share of the loss is added to this scalar, nats per token. */
  readonly total: Tensor;
  /** Multiplies the gradients, where there is one. */
  readonly lossScale: LossScale | undefined;
}

/**
 * Adds the gradients of a batch to those of the parameters, and its loss to
 * that of the step. Nothing is read back.
 *
 * @param config says what the loss is, in which precision and whether blocks
 * are computed again in backward, and the share of this batch in the step,
 * 1 / accumulation
 */
export function microStep(
  model: Llama,
  { inputs, targets, documents }: BatchTensors,
  config: TrainConfig,
  { total, lossScale }: MicroStepParts,
): void {
  const { accumulation, precision, zLoss, labelSmoothing } = config;
  const step = () => {
    const loss = model.loss(inputs, targets, {
      zLoss,
      labelSmoothing,
      checkpointBlocks: config.gradientCheckpointing,
      ...(documents && { documents }),
    });
    const share = accumulation === 1 ? loss : mul(loss, 1 / accumulation);
    const [x, y] = [share, total].map((t) => t.bufferFor("microStep()"));
    accumulate(model.device, { x: x!, y: y! }, 1);
    backward(lossScale ? mul(share, lossScale.scale) : share);
  };
  withMatmulPrecision(precision, () => scoped(step, "micro-step"));
}
