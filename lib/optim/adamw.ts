/**
 * AdamW with clipping by the global norm (kernels/adamw.ts has the equations).
 *
 * @module
 */
import * as kernels from "../kernels/mod.ts";
import { keep, type Tensor, zeros } from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { LossScale, type LossScaleOptions } from "./loss_scale.ts";
import {
  checkParameters,
  freeGradients,
  haveGradients,
  type Optimizer,
} from "./optimizer.ts";
import { UpdateNumbers } from "./update_numbers.ts";

/** Settings that stay the same from step to step. */
export interface AdamWOptions {
  /** Decay of the mean of gradients, 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squares, 0.999. */
  readonly beta2?: number;
  /** Added to the root, 1e-8. */
  readonly eps?: number;
  /** λ, 0.01. */
  readonly weightDecay?: number;
  /** Which tensors decay; by default those of two axes or more. */
  readonly decays?: (name: string, tensor: Tensor) => boolean;
  /** Largest global norm of the gradients; Infinity (default) does not clip. */
  readonly clip?: number;
  /** Scales the loss, for gradients that go through 16 bits; not without it. */
  readonly lossScale?: LossScaleOptions | undefined;
}

/** Settings, all but those of the loss scale. */
type Settings = Required<Omit<AdamWOptions, "lossScale">>;

/** Moments of one tensor. */
export interface Moments {
  readonly m: Tensor;
  readonly v: Tensor;
}

function checkOptions(options: Settings): void {
  const { beta1, beta2, eps, weightDecay, clip } = options;
  const isShare = (x: number) => x >= 0 && x < 1;
  const wrong = !isShare(beta1)
    ? `beta1 ${beta1} is not in [0, 1)`
    : !isShare(beta2)
    ? `beta2 ${beta2} is not in [0, 1)`
    : !(eps > 0)
    ? `eps ${eps} is not positive`
    : !(weightDecay >= 0)
    ? `weightDecay ${weightDecay} is negative`
    : !(clip > 0)
    ? `clip ${clip} is not positive`
    : undefined;
  if (wrong) throw new ConfigError(`Cannot make AdamW: ${wrong}`);
}

/**
 * Settings with their defaults.
 *
 * @throws {ConfigError} naming the one that is out of range
 */
export function adamwSettings(
  { lossScale: _, ...options }: AdamWOptions,
): Settings {
  const settings = {
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0.01,
    decays: (_name: string, { shape }: Tensor) => shape.length >= 2,
    clip: Infinity,
    ...options,
  };
  checkOptions(settings);
  return settings;
}

/** Optimizer of named parameters; owns their moments. */
export class AdamW implements Optimizer {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly options: Settings;
  /** Moments by the name of the parameter. */
  readonly moments: ReadonlyMap<string, Moments>;
  readonly state: ReadonlyMap<string, Tensor>;
  step = 0;
  readonly numbers: UpdateNumbers;
  readonly lossScale: LossScale | undefined;

  /**
   * @param parameters tensors with `requiresGrad`, all on one device
   * @throws {ConfigError} when a setting is out of range or there is nothing
   * to optimize
   * @throws {DTypeError} when a parameter is not float32
   */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: AdamWOptions = {},
  ) {
    const device = checkParameters(parameters, "AdamW");
    this.parameters = parameters;
    this.options = adamwSettings(options);
    const moment = (name: string, shape: readonly number[]) =>
      keep(zeros(shape, { device, label: name }));
    this.moments = new Map(
      [...parameters].map(([name, { shape }]) => [name, {
        m: moment(`adamw m ${name}`, shape),
        v: moment(`adamw v ${name}`, shape),
      }]),
    );
    const betas = [this.options.beta1, this.options.beta2] as const;
    const { lossScale } = options;
    this.lossScale = lossScale && new LossScale(device, betas, lossScale);
    this.numbers = this.lossScale ?? new UpdateNumbers(device, betas);
    this.state = new Map([
      ...[...this.moments].flatMap(([name, { m, v }]) => [
        [`m.${name}`, m] as const,
        [`v.${name}`, v] as const,
      ]),
      ...this.lossScale?.state ?? [],
    ]);
  }

  get gradientNorm(): Tensor {
    return this.numbers.gradientNorm;
  }

  update(learningRate: number): void {
    if (haveGradients(this.parameters)) this.begin(learningRate);
    this.apply();
  }

  begin(learningRate: number): void {
    this.numbers.begin(learningRate, ++this.step);
  }

  apply(): void {
    if (!this.numbers.measure(this.parameters.values())) return;
    this.applyMeasured(this.numbers);
  }

  /**
   * The update when the gradients were measured, perhaps by another optimizer,
   * of more than these parameters.
   *
   * @param numbers with the norm that `clip` is compared with
   */
  applyMeasured({ values }: UpdateNumbers): void {
    const { beta1, beta2, eps, weightDecay, decays, clip } = this.options;
    const buffer = (t: Tensor) => t.bufferFor("AdamW.update()");
    const tensors: kernels.AdamWTensor[] = [];
    for (const [name, parameter] of this.parameters) {
      if (!parameter.grad) continue;
      const { m, v } = this.moments.get(name)!;
      tensors.push({
        grad: buffer(parameter.grad),
        weight: buffer(parameter),
        m: buffer(m),
        v: buffer(v),
        size: parameter.size,
        weightDecay: decays(name, parameter) ? weightDecay : 0,
      });
    }
    const numbers = { beta1, beta2, eps, clip };
    kernels.adamw(values.device, buffer(values), tensors, numbers);
  }

  clearGradients(): void {
    freeGradients(this.parameters);
  }

  /** Frees the state. */
  [Symbol.dispose](): void {
    for (const { m, v } of this.moments.values()) {
      m.dispose();
      v.dispose();
    }
    this.numbers[Symbol.dispose]();
  }
}
