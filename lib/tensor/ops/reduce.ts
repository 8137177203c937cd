/**
 * Reductions over axes; sum is in broadcast.ts. All but the extrema are
 * composed of other operators, which differentiate them.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError, sizeOf } from "../../util/mod.ts";
import { noGrad } from "../context.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import {
  axesOf,
  reduceAxes,
  reducedShape,
  type ReduceOptions,
} from "./axes.ts";
import { sum } from "./broadcast.ts";
import { checkInputs } from "./check.ts";
import { add, div, equal, maximum, mul, sub } from "./elementwise.ts";
import { exp, log, sqrt, square } from "./functions.ts";
import { reshape } from "./layout.ts";

/** Number of elements that go into each result. */
function countOf(x: Tensor, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => x.shape[axis]!));
}

/** @throws {ShapeError} when the axes have no elements to choose from */
function checkChoice(what: string, x: Tensor, axes: readonly number[]): void {
  if (countOf(x, axes) > 0) return;
  throw new ShapeError(
    `Cannot take the ${what} of ${formatShape(x.shape)} over axes ` +
      `${formatShape(axes)}: there are no elements`,
  );
}

/**
 * Mean over axes; NaN of no elements.
 *
 * @throws {ShapeError} when x has no such axis
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const count = countOf(x, axesOf(x.shape, options.axis));
  return scoped(() => div(sum(x, options), count), "mean");
}

/** Maximum or minimum; equal ones share the gradient. */
function extremum(
  name: "max" | "min",
  x: Tensor,
  options: ReduceOptions,
): Tensor {
  checkInputs(name, [x]);
  const axes = axesOf(x.shape, options.axis);
  checkChoice(name === "max" ? "maximum" : "minimum", x, axes);
  return scoped(() => {
    const best = reduceAxes(name, x, axes); // reduced axes have size 1
    const out = best.alias({
      shape: reducedShape(x.shape, axes, options.keepAxes),
      label: name,
    });
    return record(out, [x], [x, best], (dOut, [x, best]) => {
      const hits = equal(x!, best!);
      const share = div(hits, sum(hits, { axis: axes, keepAxes: true }));
      return [mul(share, reshape(dOut, best!.shape))];
    });
  }, name);
}

/**
 * Maximum over axes; equal maxima share the gradient.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extremum("max", x, options);
}

/**
 * Minimum over axes; equal minima share the gradient.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extremum("min", x, options);
}

/** Which axis, and whether it stays with size 1. */
export interface ArgReduceOptions {
  /** The axis; without it the tensor is seen as one row. */
  readonly axis?: number;
  readonly keepAxes?: boolean;
}

function argReduce(
  reduction: kernels.ArgReduction,
  x: Tensor,
  { axis, keepAxes }: ArgReduceOptions,
): Tensor {
  checkInputs(reduction, [x]);
  const { device, shape } = x;
  const axes = axesOf(shape, axis);
  checkChoice(reduction, x, axes);
  const out = Tensor.empty(device, reducedShape(shape, axes, keepAxes), {
    dtype: "int32",
    label: reduction,
  });
  const buffers = { x: x.bufferFor(reduction), y: out.bufferFor(reduction) };
  // Without an axis, `axes` are all: the tensor is one row.
  const [first = 0, last = -1] = [axes[0], axes.at(-1)];
  kernels.argReduce(device, reduction, buffers, {
    outer: sizeOf(shape.slice(0, first)),
    n: countOf(x, axes),
    inner: sizeOf(shape.slice(last + 1)),
  });
  return out;
}

/**
 * Place of the maximum along an axis, int32; the first of several. No gradient.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function argmax(x: Tensor, options: ArgReduceOptions = {}): Tensor {
  return argReduce("argmax", x, options);
}

/**
 * Place of the minimum along an axis, int32; the first of several. No gradient.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function argmin(x: Tensor, options: ArgReduceOptions = {}): Tensor {
  return argReduce("argmin", x, options);
}

/** Largest finite number of single precision. */
const MAX_FLOAT = 3.4028234663852886e38;

/**
 * ln Σ e^x over axes, without overflow.
 *
 * @throws {ShapeError} when x has no such axis, or no elements on it
 */
export function logsumexp(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = axesOf(x.shape, options.axis);
  return scoped(() => {
    const kept = { axis: axes, keepAxes: true };
    // Finite, so that a row of -Infinity gives -Infinity and not NaN.
    const top = noGrad(() => maximum(max(x, kept), -MAX_FLOAT));
    const total = add(log(sum(exp(sub(x, top)), kept)), top);
    return reshape(total, reducedShape(x.shape, axes, options.keepAxes));
  }, "logsumexp");
}

/** Axes, and what is taken from the count that the variance divides by. */
export interface VarianceOptions extends ReduceOptions {
  /** 0 for the variance of these numbers, 1 for the unbiased estimate. */
  readonly correction?: number;
}

/**
 * Variance over axes: Σ (x - mean)² / (n - correction).
 *
 * @throws {ShapeError} when x has no such axis
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { correction = 0, keepAxes = false } = options;
  const axis = axesOf(x.shape, options.axis);
  const count = countOf(x, axis);
  return scoped(() => {
    const centred = sub(x, mean(x, { axis, keepAxes: true }));
    return div(sum(square(centred), { axis, keepAxes }), count - correction);
  }, "variance");
}

/**
 * Standard deviation over axes; see {@linkcode variance}.
 *
 * @throws {ShapeError} when x has no such axis
 */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  return scoped(() => sqrt(variance(x, options)), "std");
}
