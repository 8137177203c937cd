/**
 * Reduction over several axes, below the tape: what sum and max stand on.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { normalizeAxis, type Shape, sizeOf } from "../../util/mod.ts";
import { Tensor } from "../tensor.ts";

/** Which axes, and whether they stay with size 1. */
export interface ReduceOptions {
  /** One axis or several; all of them without it. */
  readonly axis?: number | readonly number[];
  readonly keepAxes?: boolean;
}

/** Sorted axes without doubles. */
export function axesOf(shape: Shape, axis: ReduceOptions["axis"]): number[] {
  const all = axis === undefined
    ? [...shape.keys()]
    : [axis].flat().map((a) => normalizeAxis(a as number, shape.length));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Reduces one axis to size 1, off the tape. */
function reduceAxis(
  reduction: kernels.Reduction,
  x: Tensor,
  axis: number,
): Tensor {
  const { shape, device } = x;
  const out = Tensor.empty(device, shape.with(axis, 1), { label: reduction });
  const buffers = { x: x.bufferFor(reduction), y: out.bufferFor(reduction) };
  kernels.reduce(device, reduction, buffers, {
    outer: sizeOf(shape.slice(0, axis)),
    n: shape[axis]!,
    inner: sizeOf(shape.slice(axis + 1)),
  });
  return out;
}

/** Reduces axes to size 1, off the tape; runs of neighbours in one pass. */
export function reduceAxes(
  reduction: kernels.Reduction,
  x: Tensor,
  axes: readonly number[],
): Tensor {
  const kept = x.shape.map((n, axis) => axes.includes(axis) ? 1 : n);
  let rest = x;
  let shape: number[] = [...x.shape];
  for (let i = axes.length - 1; i >= 0; i--) {
    let first = i;
    while (first > 0 && axes[first - 1] === axes[first]! - 1) first--;
    const [from, to] = [axes[first]!, axes[i]! + 1];
    const joined = sizeOf(shape.slice(from, to));
    const ones = shape.slice(from, to).fill(1);
    shape = [...shape.slice(0, from), joined, ...shape.slice(to)];
    rest = reduceAxis(reduction, rest.alias({ shape }), from);
    shape = [...shape.slice(0, from), ...ones, ...shape.slice(from + 1)];
    i = first;
  }
  return rest.alias({ shape: kept, label: reduction });
}

/** The shape without the reduced axes, or with size 1 in their place. */
export function reducedShape(
  shape: Shape,
  axes: readonly number[],
  keepAxes = false,
): number[] {
  return keepAxes
    ? shape.map((n, axis) => axes.includes(axis) ? 1 : n)
    : shape.filter((_, axis) => !axes.includes(axis));
}
