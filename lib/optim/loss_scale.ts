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
import { keep, type Tensor, tensor } from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { UpdateNumbers } from "./update_numbers.ts";

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

const NUMBERS = kernels.LOSS_SCALE_NUMBERS;

/** The scale of a run, with the numbers of its updates; owns its tensors. */
export class LossScale extends UpdateNumbers {
  /** What the next loss is multiplied by: a scalar, float32. */
  readonly scale: Tensor;
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
    super(device, betas, NUMBERS.length);
    this.#rule = { betas, growth, backoff, interval, most: MOST };
    this.scale = keep(tensor(initial, { device, label: "loss scale" }));
    this.state = new Map([
      ["lossScale.scale", this.scale],
      ["lossScale.numbers", this.values],
    ]);
  }

  /** η alone: which updates were made, and count, the device knows. */
  override begin(learningRate: number): void {
    this.write("rate", [learningRate]);
  }

  protected override advance(): void {
    const [numbers, scale] = [this.values, this.scale]
      .map((x) => x.bufferFor("LossScale.advance()"));
    const buffers = { numbers: numbers!, scale: scale! };
    kernels.lossScale(this.scale.device, buffers, this.#rule);
  }

  /** The last step. Call it without awaiting, and await when the next runs. */
  async read(): Promise<LossScaleReport> {
    return lossScaleReport(await this.values.data());
  }

  /** Frees the tensors. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.scale.dispose();
  }
}

/** A step, from the numbers it left. */
export function lossScaleReport(values: ArrayLike<number>): LossScaleReport {
  const of = (name: keyof kernels.LossScaleNumbers) =>
    values[NUMBERS.indexOf(name)]!;
  return {
    scale: of("scale"),
    isSkipped: of("unscale") === 0,
    skippedSteps: of("skipped"),
    skippedInRow: of("skippedInRow"),
  };
}
