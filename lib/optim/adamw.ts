/**
 * AdamW with clipping by the global norm (kernels/adamw.ts has the equations).
 *
 * @module
 */
import * as kernels from "../kernels/mod.ts";
import { keep, Tensor, zeros } from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import {
  checkParameters,
  freeGradients,
  measureGradients,
  type Optimizer,
} from "./optimizer.ts";

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
}

/** Moments of one tensor. */
export interface Moments {
  readonly m: Tensor;
  readonly v: Tensor;
}

function checkOptions(options: Required<AdamWOptions>): void {
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
export function adamwSettings(options: AdamWOptions): Required<AdamWOptions> {
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
  readonly options: Required<AdamWOptions>;
  /** Moments by the name of the parameter. */
  readonly moments: ReadonlyMap<string, Moments>;
  readonly state: ReadonlyMap<string, Tensor>;
  step = 0;
  readonly gradientNorm: Tensor;

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
    this.state = new Map(
      [...this.moments].flatMap(([name, { m, v }]) => [
        [`m.${name}`, m] as const,
        [`v.${name}`, v] as const,
      ]),
    );
    this.gradientNorm = keep(
      Tensor.empty(device, [], { label: "gradient norm" }),
    );
  }

  update(learningRate: number): void {
    if (!measureGradients(this.parameters, this.gradientNorm)) return;
    this.updateClippedBy(this.gradientNorm, learningRate);
  }

  /**
   * The update when another optimizer has measured the norm, of more than
   * these parameters.
   *
   * @param norm scalar that `clip` is compared with
   * @param learningRate η of this step
   */
  updateClippedBy(norm: Tensor, learningRate: number): void {
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
    this.step++;
    const { step } = this;
    const numbers = { learningRate, beta1, beta2, eps, clip, step };
    kernels.adamw(norm.device, buffer(norm), tensors, numbers);
  }

  clearGradients(): void {
    freeGradients(this.parameters);
  }

  /** Frees the moments. */
  [Symbol.dispose](): void {
    for (const moment of this.state.values()) moment.dispose();
    this.gradientNorm.dispose();
  }
}
