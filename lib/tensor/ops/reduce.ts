/**
 * Mean and maximum over axes; sum is in broadcast.ts.
 *
 * @module
 */
import { formatShape, ShapeError, sizeOf } from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import type { Tensor } from "../tensor.ts";
import {
  axesOf,
  reduceAxes,
  reducedShape,
  type ReduceOptions,
} from "./axes.ts";
import { sum } from "./broadcast.ts";
import { checkInputs } from "./check.ts";
import { div, equal, mul } from "./elementwise.ts";
import { reshape } from "./layout.ts";

/**
 * Mean over axes.
 *
 * @throws {ShapeError} when x has no such axis
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = axesOf(x.shape, options.axis);
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  return scoped(() => div(sum(x, options), count), "mean");
}

/**
 * Maximum over axes; equal maxima share the gradient.
 *
 * @throws {ShapeError} when x has no such axis or no elements
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkInputs("max", [x]);
  const { shape } = x;
  if (x.size === 0) {
    throw new ShapeError(
      `Cannot take the maximum of ${formatShape(shape)}: it has no elements`,
    );
  }
  const axes = axesOf(shape, options.axis);
  return scoped(() => {
    const top = reduceAxes("max", x, axes); // reduced axes have size 1
    const out = top.alias({
      shape: reducedShape(shape, axes, options.keepAxes),
      label: "max",
    });
    return record(out, [x], [x, top], (dOut, [x, top]) => {
      const hits = equal(x!, top!);
      const share = div(hits, sum(hits, { axis: axes, keepAxes: true }));
      return [mul(share, reshape(dOut, top!.shape))];
    });
  }, "max");
}
