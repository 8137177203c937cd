/**
 * An exponential moving average of weights, beside those that are trained:
 *
 *     d = min(decay, (1 + t) / (10 + t))       t updates before this one
 *     a ← d a + (1 - d) w
 *
 * It wanders less than the weights themselves, so it is often the better model
 * (Polyak and Juditsky, 1992; the warm-up of d is TensorFlow's, and keeps the
 * random beginning out).
 *
 * @module
 */
import {
  add,
  keep,
  mul,
  noGrad,
  scoped,
  type Tensor,
  zeros,
} from "../tensor/mod.ts";
import { ConfigError } from "../util/mod.ts";
import { checkParameters, overwrite } from "./optimizer.ts";
import type { UpdateNumbers } from "./update_numbers.ts";

/** The average of named parameters; owns it. */
export class WeightAverage implements Disposable {
  readonly decay: number;
  /** By the name of the parameter, float32. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly #parameters: ReadonlyMap<string, Tensor>;
  /** d of the update, a scalar. */
  readonly #share: Tensor;

  /**
   * @param parameters all on one device; the average begins with them
   * @param decay in [0, 1): 0.999 looks back over about a thousand updates
   * @throws {ConfigError} when the decay is out of range or there is nothing
   * to average
   * @throws {DTypeError} when a parameter is not float32
   */
  constructor(parameters: ReadonlyMap<string, Tensor>, decay: number) {
    const device = checkParameters(parameters, "an average of weights");
    if (!(decay >= 0 && decay < 1)) {
      throw new ConfigError(
        `Cannot average weights with a decay of ${decay}: wanted 0 ≤ decay < 1`,
      );
    }
    this.decay = decay;
    this.#parameters = parameters;
    this.#share = keep(zeros([], { device, label: "share of the average" }));
    this.weights = new Map(
      [...parameters].map(([name, parameter]) => {
        const label = `average ${name}`;
        const weight = keep(zeros(parameter.shape, { device, label }));
        overwrite(weight, parameter);
        return [name, weight];
      }),
    );
  }

  /** Takes the parameters in, after an update: `begin` and `apply`. */
  update(step: number, numbers?: UpdateNumbers): void {
    this.begin(step);
    this.apply(numbers);
  }

  /** Tells the device the share of an update before which `step` ones came. */
  begin(step: number): void {
    const d = Math.min(this.decay, (1 + step) / (10 + step));
    this.#share.write(Float32Array.of(d));
  }

  /**
   * What the device does, the same at every step. An update that was skipped,
   * as its numbers tell, changes nothing.
   */
  apply(numbers?: UpdateNumbers): void {
    noGrad(() =>
      scoped(() => {
        const rest = add(mul(this.#share, -1), 1);
        for (const [name, average] of this.weights) {
          const parameter = this.#parameters.get(name)!;
          scoped(() => {
            const updated = add(
              mul(average, this.#share),
              mul(parameter, rest),
            );
            overwrite(average, numbers?.choose(updated, average) ?? updated);
          });
        }
      }, "WeightAverage.apply")
    );
  }

  /** Exchanges the parameters and the average; twice changes nothing. */
  swap(): void {
    for (const [name, average] of this.weights) {
      const parameter = this.#parameters.get(name)!;
      const { device, shape } = parameter;
      using trained = keep(zeros(shape, { device, label: "trained weights" }));
      overwrite(trained, parameter);
      overwrite(parameter, average);
      overwrite(average, trained);
    }
  }

  /** Frees the average. */
  [Symbol.dispose](): void {
    for (const weight of this.weights.values()) weight.dispose();
    this.#share.dispose();
  }
}
