/**
 * AdamW with clipping by the global norm (kernels/adamw.ts has the equations).
 *
 * @module
 */
import * as kernels from "../kernels/mod.ts";
import { keep, Tensor, zeros } from "../tensor/mod.ts";
import { ConfigError, DTypeError } from "../util/mod.ts";

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

/** Optimizer of named parameters; owns their moments. */
export class AdamW implements Disposable {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly options: Required<AdamWOptions>;
  /** Moments by the name of the parameter. */
  readonly moments: ReadonlyMap<string, Moments>;
  /** Updates so far. */
  step = 0;
  readonly #norm: Tensor;

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
    const [first] = parameters.values();
    if (!first) throw new ConfigError("Cannot make AdamW: no parameters");
    this.parameters = parameters;
    this.options = {
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0.01,
      decays: (_, { shape }) => shape.length >= 2,
      clip: Infinity,
      ...options,
    };
    checkOptions(this.options);
    for (const [name, { dtype }] of parameters) {
      if (dtype === "float32") continue;
      throw new DTypeError(
        `Cannot optimize "${name}" of ${dtype}: parameters are float32`,
      );
    }
    const { device } = first;
    const moment = (name: string, shape: readonly number[]) =>
      keep(zeros(shape, { device, label: name }));
    this.moments = new Map(
      [...parameters].map(([name, { shape }]) => [name, {
        m: moment(`adamw m ${name}`, shape),
        v: moment(`adamw v ${name}`, shape),
      }]),
    );
    this.#norm = keep(Tensor.empty(device, [], { label: "gradient norm" }));
  }

  /**
   * Global norm of the gradients of the last update, before clipping. Read it
   * (`gradientNorm.item()`) without awaiting, and await when the next step is
   * under way: the update itself needs no number from the device.
   */
  get gradientNorm(): Tensor {
    return this.#norm;
  }

  /**
   * One update with the gradients that `backward` left; parameters without one
   * stay as they are.
   *
   * @param learningRate η of this step
   */
  update(learningRate: number): void {
    const { beta1, beta2, eps, weightDecay, decays, clip } = this.options;
    const { device } = this.#norm;
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
    const norm = buffer(this.#norm);
    if (tensors.length === 0) return device.clear(norm);
    const gradients = tensors.map(({ grad, size }) => ({ buffer: grad, size }));
    kernels.globalNorm(device, gradients, norm);
    this.step++;
    const { step } = this;
    const numbers = { learningRate, beta1, beta2, eps, clip, step };
    kernels.adamw(device, norm, tensors, numbers);
  }

  /** Frees the gradients, so that the next `backward` starts anew. */
  clearGradients(): void {
    for (const parameter of this.parameters.values()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /** Frees the moments. */
  [Symbol.dispose](): void {
    for (const { m, v } of this.moments.values()) {
      m.dispose();
      v.dispose();
    }
    this.#norm.dispose();
  }
}
