/**
 * Sum and broadcast: each is the other's gradient, so they share a file.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import {
  broadcastAxes,
  broadcastShapes,
  broadcastStrides,
  formatShape,
  sameShape,
  type Shape,
  ShapeError,
} from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import {
  axesOf,
  reduceAxes,
  reducedShape,
  type ReduceOptions,
} from "./axes.ts";
import { checkInputs } from "./check.ts";
import { reshape } from "./layout.ts";

/**
 * Stretches axes of size 1, and absent ones in front, to a shape.
 *
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
    throw new ShapeError(
      `Cannot broadcast ${formatShape(x.shape)} to ${formatShape(shape)}`,
    );
  }
  const { device, dtype, shape: old } = x;
  const from = x.bufferFor("broadcastTo()");
  const out = Tensor.empty(device, shape, { dtype, label: "broadcastTo" });
  const buffers = { x: from, y: out.bufferFor("broadcastTo()") };
  const strides = broadcastStrides(old, shape);
  kernels.gatherStrided(device, buffers, { shape, strides, offset: 0 });
  return record(out, [x], [], (dOut) => [sumTo(dOut, old)]);
}

/** Sums over the axes along which `shape` would be stretched to x's. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const axis = broadcastAxes(shape, x.shape);
  return scoped(() => reshape(sum(x, { axis }), shape), "sumTo");
}

/**
 * Sum over axes.
 *
 * @throws {ShapeError} when x has no such axis
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkInputs("sum", [x]);
  const { shape } = x;
  const axes = axesOf(shape, options.axis);
  const ones = reducedShape(shape, axes, true);
  return scoped(() => {
    const out = reduceAxes("sum", x, axes).alias({
      shape: reducedShape(shape, axes, options.keepAxes),
      label: "sum",
    });
    return record(out, [x], [], (dOut) => [
      broadcastTo(reshape(dOut, ones), shape),
    ]);
  }, "sum");
}
