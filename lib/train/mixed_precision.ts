/**
 * Training in mixed precision: matrix products, forward and backward, take
 * factors of 16 bits and sum in 32; weights, optimizer, norms, softmax and loss
 * stay in 32 bits, and gradients are kept from vanishing by a loss scale
 * (optim/loss_scale.ts). What is evaluated and sampled is computed in 32 bits.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import { UPDATE_NUMBERS } from "../kernels/mod.ts";
import { lossScaleReport, type Optimizer } from "../optim/mod.ts";
import { ConfigError } from "../util/mod.ts";
import type { StepRecord } from "./records.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * Checks that a device can train in the precision of a configuration. A GPU
 * that only counts (`DryDevice`) can.
 *
 * @throws {ConfigError} when it cannot, naming the device
 */
export function checkPrecision(
  { precision }: Pick<TrainConfig, "precision">,
  device: Device,
): void {
  if (precision === "float32") return;
  const lacks = device.kind === "cpu"
    ? "it multiplies in float32 alone"
    : device.gpu && !device.gpu.hasF16
    ? "its driver lacks shader-f16"
    : undefined;
  if (!lacks) return;
  throw new ConfigError(
    `Cannot train with precision ${precision} on ${device.description}: ` +
      `${lacks}; float32 trains everywhere`,
  );
}

/**
 * Steps in a row with gradients that are not finite, after which a run is given
 * up: the scale is down to 2^-32 of what it was, so that it is not the scale.
 */
const MOST_SKIPPED = 32;

/** What an update has to tell. */
export interface UpdateReport
  extends Pick<StepRecord, "gradientNorm" | "lossScale" | "skippedSteps"> {
  /** Whether its gradients are not finite and no other loss scale may help. */
  readonly isLost: boolean;
}

/**
 * What an update did.
 *
 * @param values that its numbers have afterwards
 */
export function updateReport(
  { lossScale }: Optimizer,
  values: readonly number[],
): UpdateReport {
  const gradientNorm = values[UPDATE_NUMBERS.indexOf("norm")]!;
  const isFinite = Number.isFinite(gradientNorm);
  if (!lossScale) return { gradientNorm, isLost: !isFinite };
  const { scale, skippedSteps, skippedInRow } = lossScaleReport(values);
  return {
    gradientNorm,
    lossScale: scale,
    skippedSteps,
    isLost: !isFinite && skippedInRow >= MOST_SKIPPED,
  };
}
