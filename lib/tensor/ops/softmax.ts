/**
 * Softmax and its logarithm over an axis. The last axis is the fast path: any
 * other is brought there and back by copies.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { normalizeAxis } from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs, rowsOf } from "./check.ts";
import { transpose } from "./layout.ts";

/** The axis whose elements belong together; the last without it. */
export interface SoftmaxOptions {
  readonly axis?: number;
}

/** Runs an operator of the last axis over another. */
function alongAxis(
  fn: (x: Tensor) => Tensor,
  x: Tensor,
  { axis = -1 }: SoftmaxOptions,
): Tensor {
  const rank = x.shape.length;
  const at = normalizeAxis(axis, rank);
  if (at === rank - 1) return fn(x);
  // Two axes change places; doing it again undoes it.
  const order = x.shape.map((_, i) => i).with(at, rank - 1).with(-1, at);
  return scoped(() => transpose(fn(transpose(x, order)), order), fn.name);
}

function softmaxOfRows(x: Tensor): Tensor {
  const sizes = rowsOf(x, "softmax");
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "softmax" });
  kernels.softmax(device, {
    x: x.bufferFor("softmax()"),
    y: out.bufferFor("softmax()"),
  }, sizes);
  return record(out, [x], [out], (dOut, [y]) => {
    const dX = Tensor.empty(device, shape, { label: "softmax gradient" });
    kernels.softmaxBackward(device, {
      y: y!.bufferFor("softmax()"),
      dY: dOut.bufferFor("softmax()"),
      dX: dX.bufferFor("softmax()"),
    }, sizes);
    return [dX];
  });
}

function logSoftmaxOfRows(x: Tensor): Tensor {
  const sizes = rowsOf(x, "logSoftmax");
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "logSoftmax" });
  kernels.logSoftmax(device, {
    x: x.bufferFor("logSoftmax()"),
    z: out.bufferFor("logSoftmax()"),
  }, sizes);
  return record(out, [x], [out], (dOut, [z]) => {
    const dX = Tensor.empty(device, shape, { label: "logSoftmax gradient" });
    kernels.logSoftmaxBackward(device, {
      z: z!.bufferFor("logSoftmax()"),
      dZ: dOut.bufferFor("logSoftmax()"),
      dX: dX.bufferFor("logSoftmax()"),
    }, sizes);
    return [dX];
  });
}

/**
 * e^x / Σ e^x over an axis.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  checkInputs("softmax", [x]);
  return alongAxis(softmaxOfRows, x, options);
}

/**
 * ln(e^x / Σ e^x) over an axis, precise where softmax is near 0.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  checkInputs("logSoftmax", [x]);
  return alongAxis(logSoftmaxOfRows, x, options);
}
