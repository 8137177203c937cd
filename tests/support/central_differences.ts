/**
 * Gradients by central differences in double precision: what a backward
 * kernel must agree with, from the forward reference alone.
 *
 * @module
 */
import { Random } from "../../lib/util/mod.ts";
import { assertClose, type Tolerance } from "./assert_close.ts";

/** Elements that are checked of each input. */
const SAMPLES = 24;

/**
 * Checks d(Σ weights · f(inputs)) / d inputs[which] at random elements.
 *
 * @param f forward function in double precision
 * @param inputs its arguments
 * @param weights gradient of the result
 * @param gradient what is checked, of the size of `inputs[which]`
 */
export function assertGradient(
  f: (...inputs: Float64Array[]) => ArrayLike<number>,
  inputs: readonly ArrayLike<number>[],
  weights: ArrayLike<number>,
  which: number,
  gradient: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  const values = inputs.map((input) => Float64Array.from(input));
  const target = values[which]!;
  const random = new Random(7, tolerance.name ?? "");
  const count = Math.min(SAMPLES, target.length);
  const actual: number[] = [];
  const expected: number[] = [];
  for (let sample = 0; sample < count; sample++) {
    const i = count === target.length ? sample : random.int(target.length);
    const value = target[i]!;
    const step = 1e-5 * Math.max(1, Math.abs(value));
    const along = (x: number) => {
      target[i] = x;
      const result = f(...values);
      let total = 0;
      for (let j = 0; j < result.length; j++) total += weights[j]! * result[j]!;
      return total;
    };
    const slope = (along(value + step) - along(value - step)) / (2 * step);
    target[i] = value;
    actual.push(gradient[i]!);
    expected.push(slope);
  }
  assertClose(actual, expected, tolerance);
}
