/**
 * Shapes as pure integer functions. A shape is a list of sizes, row-major:
 * the last axis is contiguous. `[]` is a scalar of one element.
 *
 * @module
 */
import { ShapeError } from "./errors.ts";

/** Sizes of each axis, outermost first. */
export type Shape = readonly number[];

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Elements between neighbours on each axis of a row-major layout. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** "(2, 3)" for `[2, 3]`, "()" for a scalar. */
export function formatShape(shape: Shape): string {
  return `(${shape.join(", ")})`;
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/**
 * Refuses a shape with a negative or fractional size.
 *
 * @throws {ShapeError} naming the shape and the size
 */
export function checkShape(shape: Shape): void {
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(
        `Cannot make a tensor of shape ${formatShape(shape)}: ` +
          `size ${n} is not a whole number of at least 0`,
      );
    }
  }
}

/**
 * The axis counted from the front; -1 is the last.
 *
 * @throws {ShapeError} when the shape has no such axis
 */
export function normalizeAxis(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || result < 0 || result >= rank) {
    throw new ShapeError(
      `Cannot take axis ${axis} of a tensor with ${rank} axes: ` +
        `it must lie in ${-rank}..${rank - 1}`,
    );
  }
  return result;
}

/**
 * The shape that two shapes broadcast to: aligned at the last axis, a size of
 * 1 or an absent axis stretches to the other's size (NumPy's rule).
 *
 * @throws {ShapeError} when two sizes differ and neither is 1
 */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `Cannot broadcast ${formatShape(a)} with ${formatShape(b)}: ` +
          `sizes ${m} and ${n} differ and neither is 1`,
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

/**
 * Strides that read a tensor of shape `from` as if it had shape `to`
 * (0 along each stretched axis).
 */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const offset = to.length - from.length;
  return Array.from(to, (_, axis) => {
    const own = axis - offset;
    return own < 0 || from[own] === 1 ? 0 : strides[own]!;
  });
}

/** Axes of `to` along which a tensor of shape `from` was stretched. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  const axes: number[] = [];
  for (let axis = 0; axis < to.length; axis++) {
    const own = axis - offset;
    if (own < 0 || (from[own] === 1 && to[axis] !== 1)) axes.push(axis);
  }
  return axes;
}
