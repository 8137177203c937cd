/**
 * Tensors put together and taken apart, float32 or int32: concat, stack, split
 * and pad. All copy.
 *
 * @module
 */
import {
  formatShape,
  normalizeAxis,
  sameShape,
  type Shape,
  ShapeError,
  stridesOf,
} from "../../util/mod.ts";
import { full } from "../create.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { reshape, slice } from "./layout.ts";
import { copyView, writeView } from "./views.ts";

/** Sums before each size, and the sum of all at the end. */
function edgesOf(sizes: readonly number[]): number[] {
  const edges = [0];
  for (const size of sizes) edges.push(edges.at(-1)! + size);
  return edges;
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
    const fits = shape.length === first.shape.length &&
      sameShape(shape.with(at, 0), first.shape.with(at, 0));
    if (!fits) {
      throw new ShapeError(
        `Cannot concatenate ${formatShape(first.shape)} and ` +
          `${formatShape(shape)} along axis ${axis}: other axes must be equal`,
      );
    }
  }
  const edges = edgesOf(tensors.map(({ shape }) => shape[at]!));
  const shape = first.shape.with(at, edges.at(-1)!);
  const { device, dtype } = first;
  const strides = stridesOf(shape);
  const out = Tensor.empty(device, shape, { dtype, label: "concat" });
  for (const [i, x] of tensors.entries()) {
    const offset = edges[i]! * strides[at]!;
    writeView(out, x, { shape: x.shape, strides, offset }, "concat");
  }
  return record(
    out,
    tensors,
    [],
    (dOut, _, needs) =>
      needs.map((isNeeded, i) =>
        isNeeded
          ? slice(dOut, at, { start: edges[i]!, end: edges[i + 1]! })
          : undefined
      ),
  );
}

/**
 * Tensors of one shape along a new axis.
 *
 * @param axis place of the new axis in the result; -1 is the last
 * @throws {ShapeError} when the shapes differ, or there is none
 */
export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("Cannot stack no tensors at all");
  for (const { shape } of tensors) {
    if (sameShape(shape, first.shape)) continue;
    throw new ShapeError(
      `Cannot stack ${formatShape(first.shape)} and ${formatShape(shape)}: ` +
        "the shapes must be equal",
    );
  }
  const at = normalizeAxis(axis, first.shape.length + 1);
  const shape = first.shape.toSpliced(at, 0, 1);
  return scoped(
    () => concat(tensors.map((x) => reshape(x, shape)), at),
    "stack",
  );
}

/**
 * Pieces of a tensor along an axis.
 *
 * @param parts sizes of the pieces, or the number of equal ones
 * @throws {ShapeError} when the sizes do not add up to the axis
 */
export function split(
  x: Tensor,
  axis: number,
  parts: number | readonly number[],
): Tensor[] {
  const size = x.shape[normalizeAxis(axis, x.shape.length)]!;
  const sizes = typeof parts === "number"
    ? Array.from({ length: parts }, () => size / parts)
    : parts;
  const edges = edgesOf(sizes);
  const fits = edges.at(-1) === size &&
    sizes.every((n) => Number.isInteger(n) && n >= 0);
  if (!fits) {
    const wanted = typeof parts === "number"
      ? `${parts} equal parts`
      : `parts of ${formatShape(parts)}`;
    throw new ShapeError(
      `Cannot split axis ${axis} of ${formatShape(x.shape)} into ${wanted}`,
    );
  }
  return sizes.map((_, i) =>
    slice(x, axis, { start: edges[i]!, end: edges[i + 1]! })
  );
}

/**
 * x with elements of one value around it.
 *
 * @param widths how many go before and after, for each axis
 * @throws {ShapeError} when there is not a pair for every axis
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  value = 0,
): Tensor {
  const { shape: inner, device, dtype } = x;
  const isWidth = (n: number) => Number.isInteger(n) && n >= 0;
  if (widths.length !== inner.length || !widths.flat().every(isWidth)) {
    throw new ShapeError(
      `Cannot pad ${formatShape(inner)} by ` +
        `${widths.map((pair) => formatShape(pair)).join(", ")}: wanted two ` +
        `whole numbers of at least 0 for each of ${inner.length} axes`,
    );
  }
  const shape: Shape = inner.map((n, i) => widths[i]![0] + n + widths[i]![1]);
  const strides = stridesOf(shape);
  const offset = widths.reduce((at, [n], i) => at + n * strides[i]!, 0);
  const view = { shape: inner, strides, offset };
  x.bufferFor("pad()"); // refuses a freed tensor before anything is made
  const out = full(shape, value, { device, dtype, label: "pad" });
  writeView(out, x, view, "pad");
  return record(out, [x], [], (dOut) => [copyView(dOut, view, "pad")]);
}
