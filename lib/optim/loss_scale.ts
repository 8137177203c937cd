/**
 * The loss scale of mixed precision: gradients that would vanish in 16 bits are
 * made larger by a factor, and smaller again when the weights are updated
 * (kernels/loss_scale.ts has the rule). It lives on the device, beside the
 * moments, and goes into checkpoints with them.
 *
 * @module
 */
import type { Device } from "../device/mod.ts";
import * as kernels from "../kernels/mod.ts";
import { keep, type Tensor, tensor, where, zeros } from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";

/** Settings of a loss scale; the defaults are those of PyTorch's GradScaler. */
export interface LossScaleOptions {
  /** The first scale, 65,536. */
  readonly initial?: number;
  /** Factor by which it grows, 2. */
  readonly growth?: number;
  /** Factor after gradients that are not finite, 0.5. */
  readonly backoff?: number;
  /** Finite steps in a row after which it grows, 2,000. */
  readonly interval?: number;
}

/** Highest scale, that of NVIDIA's Apex: above it nothing is gained. */
const MOST = 2 ** 24;

/** A step, as its loss scale tells of it. */
export interface LossScaleReport {
  /** What its loss was multiplied by. */
  readonly scale: number;
  /** Whether its gradients were not finite, and nothing was updated. */
  readonly isSkipped: boolean;
  /** Steps that were skipped so far. */
  readonly skippedSteps: number;
  /** How many of them are the last ones without a break. */
  readonly skippedInRow: number;
}

/** The scale of a run; owns its tensors. */
export class LossScale implements Disposable {
  /** What the next loss is multiplied by: a scalar, float32. */
  readonly scale: Tensor;
  /**
   * What gradients of the last step are multiplied by, 0 when they are not
   * finite and nothing may change: a scalar, float32.
   */
  readonly unscale: Tensor;
  /** (8) float32, see `LOSS_SCALE_NUMBERS`; its norm is set before `advance`. */
  readonly numbers: Tensor;
  /** What it remembers from step to step, by name. */
  readonly state: ReadonlyMap<string, Tensor>;
  readonly #rule: kernels.LossScaleRule;

  /**
   * @param betas of the optimizer whose corrections it counts
   * @throws {ConfigError} naming the setting that is out of range
   */
  constructor(
    device: Device,
    betas: readonly [number, number],
    {
      initial = 2 ** 16,
      growth = 2,
      backoff = 0.5,
      interval = 2000,
    }: LossScaleOptions = {},
  ) {
    const wrong = !(initial > 0 && initial <= MOST)
      ? `initial ${initial}: wanted above 0, at most ${MOST}`
      : !(growth >= 1 && growth < Infinity)
      ? `growth ${growth}: wanted at least 1`
      : !(backoff > 0 && backoff < 1)
      ? `backoff ${backoff}: wanted between 0 and 1`
      : !(Number.isInteger(interval) && interval >= 1)
      ? `interval ${interval}: wanted a whole number of at least 1`
      : undefined;
    if (wrong) throw new ConfigError(`Cannot scale the loss with ${wrong}`);
    this.#rule = { betas, growth, backoff, interval, most: MOST };
    const label = "loss scale";
    this.scale = keep(tensor(initial, { device, label }));
    const { length } = kernels.LOSS_SCALE_NUMBERS;
    this.numbers = keep(zeros([length], { device, label }));
    this.unscale = keep(zeros([], { device, label }));
    this.state = new Map([
      ["lossScale.scale", this.scale],
      ["lossScale.numbers", this.numbers],
    ]);
  }

  /** Goes on by one step, whose norm of scaled gradients is in `numbers`. */
  advance(): void {
    const [numbers, scale, unscale] = [this.numbers, this.scale, this.unscale]
      .map((x) => x.bufferFor("LossScale.advance()"));
    const { device } = this.scale;
    const buffers = { numbers: numbers!, scale: scale! };
    kernels.lossScale(device, buffers, this.#rule);
    const at = kernels.LOSS_SCALE_NUMBERS.indexOf("unscale");
    device.copy(numbers!, 4 * at, unscale!, 0, 4);
  }

  /** `updated`, or `before` when the step is skipped. */
  choose(updated: Tensor, before: Tensor): Tensor {
    return where(this.unscale, updated, before);
  }

  /** The last step. Call it without awaiting, and await when the next runs. */
  async read(): Promise<LossScaleReport> {
    const data = await this.numbers.data();
    const of = (name: keyof kernels.LossScaleNumbers) =>
      data[kernels.LOSS_SCALE_NUMBERS.indexOf(name)]!;
    return {
      scale: of("scale"),
      isSkipped: of("unscale") === 0,
      skippedSteps: of("skipped"),
      skippedInRow: of("skippedInRow"),
    };
  }

  /** Frees the tensors. */
  [Symbol.dispose](): void {
    for (const x of [this.scale, this.unscale, this.numbers]) x.dispose();
  }
}
