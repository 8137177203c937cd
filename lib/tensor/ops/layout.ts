/**
 * Operators that move elements: reshape shares memory, all others copy.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { StridedView } from "../../kernels/mod.ts";
import {
  formatShape,
  normalizeAxis,
  sameShape,
  type Shape,
  ShapeError,
  sizeOf,
  stridesOf,
} from "../../util/mod.ts";
import { zeros } from "../create.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/** A contiguous copy of a view of x, off the tape. */
function gather(x: Tensor, view: StridedView, name: string): Tensor {
  const { device, dtype } = x;
  const from = x.bufferFor(`${name}()`);
  const out = Tensor.empty(device, view.shape, { dtype, label: name });
  kernels.gatherStrided(device, { x: from, y: out.bufferFor(name) }, view);
  return out;
}

/** Zeros of a shape with x written to a view of them, off the tape. */
function scatter(
  x: Tensor,
  shape: Shape,
  view: StridedView,
  name: string,
): Tensor {
  const { device } = x;
  const out = zeros(shape, { device, label: name });
  const buffers = { x: x.bufferFor(name), y: out.bufferFor(name) };
  kernels.scatterStrided(device, buffers, view);
  return out;
}

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
    ...Array(rank - 2).keys(),
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
  const out = gather(x, {
    shape: order.map((axis) => x.shape[axis]!),
    strides: order.map((axis) => strides[axis]!),
    offset: 0,
  }, "transpose");
  const back = order.map((_, axis) => order.indexOf(axis));
  return record(out, [x], [], (dOut) => [transpose(dOut, back)]);
}

/**
 * Elements start to end (not included) of one axis.
 *
 * @throws {ShapeError} when the range does not lie in the axis
 */
export function slice(
  x: Tensor,
  axis: number,
  { start = 0, end }: { start?: number; end?: number },
): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  const size = x.shape[at]!;
  const stop = end ?? size;
  const isRange = Number.isInteger(start) && Number.isInteger(stop) &&
    0 <= start && start <= stop && stop <= size;
  if (!isRange) {
    throw new ShapeError(
      `Cannot slice ${start}..${stop} of axis ${axis} of ` +
        `${formatShape(x.shape)}: it runs 0..${size}`,
    );
  }
  const { shape } = x;
  const strides = stridesOf(shape);
  const view = {
    shape: shape.map((n, i) => i === at ? stop - start : n),
    strides,
    offset: start * strides[at]!,
  };
  const out = gather(x, view, "slice");
  return record(out, [x], [], (dOut) => [scatter(dOut, shape, view, "slice")]);
}

/**
 * Tensors one after the other along an axis.
 *
 * @throws {ShapeError} when they differ in another axis, or there is none
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("Cannot concatenate no tensors at all");
  const at = normalizeAxis(axis, first.shape.length);
  checkInputs("concat", tensors, first.dtype);
  for (const { shape } of tensors) {
    const fits = sameShape(
      shape.with(at, 0),
      first.shape.with(at, 0),
    );
    if (!fits) {
      throw new ShapeError(
        `Cannot concatenate ${formatShape(first.shape)} and ` +
          `${formatShape(shape)} along axis ${axis}: other axes must be equal`,
      );
    }
  }
  const total = tensors.reduce((n, { shape }) => n + shape[at]!, 0);
  const shape = first.shape.with(at, total);
  const { device, dtype } = first;
  const strides = stridesOf(shape);
  const out = Tensor.empty(device, shape, { dtype, label: "concat" });
  const starts: number[] = [];
  let start = 0;
  for (const tensor of tensors) {
    const buffers = {
      x: tensor.bufferFor("concat"),
      y: out.bufferFor("concat"),
    };
    const offset = start * strides[at]!;
    kernels.scatterStrided(device, buffers, {
      shape: tensor.shape,
      strides,
      offset,
    });
    starts.push(start);
    start += tensor.shape[at]!;
  }
  const sizes = tensors.map((tensor) => tensor.shape[at]!);
  return record(
    out,
    tensors,
    [],
    (dOut, _, needs) =>
      starts.map((start, i) =>
        needs[i]
          ? slice(dOut, at, { start, end: start + sizes[i]! })
          : undefined
      ),
  );
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
  const { shape, device } = target;
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
  const buffers = {
    x: x.bufferFor("assignSlice()"),
    y: target.bufferFor("assignSlice()"),
  };
  const offset = start * strides[at]!;
  kernels.scatterStrided(device, buffers, { shape: x.shape, strides, offset });
}
