/**
 * The numbers of an update on the device: what is known of the gradients, and
 * what changes from step to step (kernels/adamw.ts has their order). The host
 * writes before the update what it knows; the update itself is then the same
 * launches at every step, so that they may be recorded.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import * as kernels from "../kernels/mod.ts";
import { keep, type Tensor, where, zeros } from "../tensor/mod.ts";

type UpdateNumber = typeof kernels.UPDATE_NUMBERS[number];

/** The byte at which a number stands. */
const at = (name: UpdateNumber) => 4 * kernels.UPDATE_NUMBERS.indexOf(name);

/** Numbers of the updates of one optimizer; owns its tensors. */
export class UpdateNumbers implements Disposable {
  /** (n) float32, the first of them `UPDATE_NUMBERS`. */
  readonly values: Tensor;
  /** Global norm of the gradients before clipping: a scalar, float32. */
  readonly gradientNorm: Tensor;
  /**
   * What gradients are multiplied by, 0 when they are not finite and nothing
   * may change: a scalar, float32.
   */
  readonly unscale: Tensor;
  /** β₁ and β₂, whose corrections are counted. */
  protected readonly betas: readonly [number, number];

  /** @param count numbers in `values` */
  constructor(
    device: Device,
    betas: readonly [number, number],
    count: number = kernels.UPDATE_NUMBERS.length,
  ) {
    const make = (shape: readonly number[], label: string) =>
      keep(zeros(shape, { device, label }));
    this.betas = betas;
    this.values = make([count], "update numbers");
    this.gradientNorm = make([], "gradient norm");
    this.unscale = make([], "unscale");
  }

  /**
   * Writes what the host knows of the next update.
   *
   * @param learningRate η
   * @param step t, counted from 1
   */
  begin(learningRate: number, step: number): void {
    const [c1, c2] = this.betas.map((beta) => 1 - beta ** step);
    this.write("correction1", [c1!, c2!, learningRate]);
  }

  /** Writes numbers that follow each other. */
  protected write(first: UpdateNumber, numbers: readonly number[]): void {
    const buffer = this.values.bufferFor("UpdateNumbers.begin()");
    this.values.device.write(buffer, Float32Array.from(numbers), at(first));
  }

  /**
   * Measures the gradients of parameters; the norm is 0 when there are none.
   *
   * @returns whether there are any
   */
  measure(parameters: Iterable<Tensor>): boolean {
    const buffer = (x: Tensor) => x.bufferFor("UpdateNumbers.measure()");
    const gradients = Array.from(parameters).flatMap(({ grad, size }) =>
      grad ? [{ buffer: buffer(grad), size }] : []
    );
    const { device } = this.values;
    const [values, norm, unscale] = [
      this.values,
      this.gradientNorm,
      this.unscale,
    ].map(buffer);
    if (gradients.length === 0) {
      device.clear(norm!);
      return false;
    }
    kernels.globalNorm(device, gradients, values!);
    this.advance();
    device.copy(values!, at("norm"), norm!, 0, 4);
    device.copy(values!, at("unscale"), unscale!, 0, 4);
    return true;
  }

  /** What follows the measurement, where there is a loss scale. */
  protected advance(): void {}

  /** `updated`, or `before` when the gradients are not finite. */
  choose(updated: Tensor, before: Tensor): Tensor {
    return where(this.unscale, updated, before);
  }

  /** Frees the tensors. */
  [Symbol.dispose](): void {
    for (const x of [this.values, this.gradientNorm, this.unscale]) x.dispose();
  }
}
