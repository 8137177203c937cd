/**
 * What every optimizer does, and what the parts of them share: the trainer and
 * its checkpoints know optimizers by this interface alone.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { ConfigError, DTypeError } from "../util/mod.ts";
import type { LossScale } from "./loss_scale.ts";
import type { UpdateNumbers } from "./update_numbers.ts";

/** Updates named parameters with the gradients that `backward` left. */
export interface Optimizer extends Disposable {
  /** Updates so far, skipped ones too; to be set when a run goes on. */
  step: number;
  /**
   * What it remembers from step to step, by name, float32: with these and
   * `step` another one goes on as this one would have.
   */
  readonly state: ReadonlyMap<string, Tensor>;
  /**
   * Global norm of the gradients of the last update, before clipping. Read it
   * (`gradientNorm.item()`) without awaiting, and await when the next step is
   * under way: the update itself needs no number from the device.
   */
  readonly gradientNorm: Tensor;
  /** What the device knows of the gradients and of the step. */
  readonly numbers: UpdateNumbers;
  /**
   * Where there is one, `backward` is given a loss that was multiplied by its
   * `scale`, and a step whose gradients are not finite changes nothing but the
   * scale. Part of `state`.
   */
  readonly lossScale: LossScale | undefined;
  /**
   * One update: `begin` and `apply`, where there are gradients. Parameters
   * without one stay as they are, and all of them when the norm is not finite.
   *
   * @param learningRate η of this step
   */
  update(learningRate: number): void;
  /** Counts a step and tells the device its numbers. */
  begin(learningRate: number): void;
  /**
   * What the device does in an update: the same launches at every step, so that
   * they may be recorded.
   */
  apply(): void;
  /** Frees the gradients, so that the next `backward` starts anew. */
  clearGradients(): void;
}

/**
 * @returns the device of the parameters
 * @throws {ConfigError} when there is nothing to optimize
 * @throws {DTypeError} when a parameter is not float32
 */
export function checkParameters(
  parameters: ReadonlyMap<string, Tensor>,
  optimizer: string,
): Device {
  const [first] = parameters.values();
  if (!first) throw new ConfigError(`Cannot make ${optimizer}: no parameters`);
  for (const [name, { dtype }] of parameters) {
    if (dtype === "float32") continue;
    throw new DTypeError(
      `Cannot optimize "${name}" of ${dtype}: parameters are float32`,
    );
  }
  return first.device;
}

/** Whether any parameter has a gradient. */
export function haveGradients(
  parameters: ReadonlyMap<string, Tensor>,
): boolean {
  return parameters.values().some(({ grad }) => grad !== undefined);
}

/** Frees the gradients of all parameters. */
export function freeGradients(parameters: ReadonlyMap<string, Tensor>): void {
  for (const parameter of parameters.values()) {
    parameter.grad?.dispose();
    parameter.grad = undefined;
  }
}

/** target ← source, of one size, on the device. */
export function overwrite(target: Tensor, source: Tensor): void {
  const buffer = (x: Tensor) => x.bufferFor("overwrite()");
  const bytes = target.size * 4;
  target.device.copy(buffer(source), 0, buffer(target), 0, bytes);
}
