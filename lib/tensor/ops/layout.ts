/**
 * Operators that move elements, float32 or int32: reshape shares memory, all
 * others copy. Joining and splitting are in join.ts.
 *
 * @module
 */
import {
  formatShape,
  normalizeAxis,
  sameShape,
  type Shape,
  ShapeError,
  sizeOf,
  stridesOf,
} from "../../util/mod.ts";
import { record } from "../tape.ts";
import type { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { copyView, spreadView, writeView } from "./views.ts";

/**
 * The same elements in another shape; -1 stands for one size that follows from
 * the others. Shares memory.
 *
 * @throws {ShapeError} when the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((n, size) => size === -1 ? n : n * size, 1);
  const full = shape.map((size) => size === -1 ? x.size / known : size);
  const unknown = shape.filter((size) => size === -1).length;
  if (unknown > 1 || sizeOf(full) !== x.size || !full.every(Number.isInteger)) {
    throw new ShapeError(
      `Cannot reshape ${formatShape(x.shape)} to ${formatShape(shape)}: ` +
        `${x.size} elements do not fit`,
    );
  }
  const { shape: old } = x;
  const out = x.alias({ shape: full, label: "reshape" });
  return record(out, [x], [], (dOut) => [reshape(dOut, old)]);
}

/**
 * Axes in another order; without one the last two change places.
 *
 * @param axes axis of x for each axis of the result
 * @throws {ShapeError} when `axes` is not a permutation
 */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const order = axes?.map((axis) => normalizeAxis(axis, rank)) ?? [
    ...Array(Math.max(0, rank - 2)).keys(),
    normalizeAxis(-1, rank),
    normalizeAxis(-2, rank),
  ];
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(
      `Cannot transpose ${formatShape(x.shape)} by ${formatShape(order)}: ` +
        `every one of its ${rank} axes must come once`,
    );
  }
  const strides = stridesOf(x.shape);
  const out = copyView(x, {
    shape: order.map((axis) => x.shape[axis]!),
    strides: order.map((axis) => strides[axis]!),
    offset: 0,
  }, "transpose");
  const back = order.map((_, axis) => order.indexOf(axis));
  return record(out, [x], [], (dOut) => [transpose(dOut, back)]);
}

/** Which elements of an axis; all of them without it. */
export interface SliceRange {
  readonly start?: number;
  /** The first one that is not taken any more. */
  readonly end?: number;
  /** Takes every second, third … */
  readonly step?: number;
}

/**
 * Elements start, start + step, … before end of one axis.
 *
 * @throws {ShapeError} when the range does not lie in the axis
 */
export function slice(
  x: Tensor,
  axis: number,
  { start = 0, end, step = 1 }: SliceRange,
): Tensor {
  const { shape } = x;
  const at = normalizeAxis(axis, shape.length);
  const size = shape[at]!;
  const stop = end ?? size;
  const isRange = Number.isInteger(start) && Number.isInteger(stop) &&
    0 <= start && start <= stop && stop <= size;
  if (!isRange) {
    throw new ShapeError(
      `Cannot slice ${start}..${stop} of axis ${axis} of ` +
        `${formatShape(shape)}: it runs 0..${size}`,
    );
  }
  if (!Number.isInteger(step) || step < 1) {
    throw new ShapeError(
      `Cannot slice axis ${axis} of ${formatShape(shape)} in steps of ` +
        `${step}: a step is a whole number of at least 1`,
    );
  }
  const strides = stridesOf(shape);
  const view = {
    shape: shape.with(at, Math.ceil((stop - start) / step)),
    strides: strides.with(at, strides[at]! * step),
    offset: start * strides[at]!,
  };
  const out = copyView(x, view, "slice");
  return record(out, [x], [], (dOut) => [
    spreadView(dOut, shape, view, "slice"),
  ]);
}

/**
 * Writes x into `target`, in place, at `start` of an axis; the tape does not
 * notice. For caches and other memory that outlives a step.
 *
 * @throws {ShapeError} when x does not fit there
 */
export function assignSlice(
  target: Tensor,
  x: Tensor,
  axis: number,
  start: number,
): void {
  const { shape } = target;
  const at = normalizeAxis(axis, shape.length);
  checkInputs("assignSlice", [target, x], target.dtype);
  const fits = sameShape(x.shape.with(at, 0), shape.with(at, 0)) &&
    start >= 0 && start + x.shape[at]! <= shape[at]!;
  if (!fits) {
    throw new ShapeError(
      `Cannot write ${formatShape(x.shape)} at ${start} of axis ${axis} of ` +
        formatShape(shape),
    );
  }
  const strides = stridesOf(shape);
  const offset = start * strides[at]!;
  writeView(target, x, { shape: x.shape, strides, offset }, "assignSlice");
  target.forgetHostRange();
}
