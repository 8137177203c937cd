/**
 * Elements by their index: embedding, take, gather, scatterAdd.
 *
 * Indices that came from the host are checked when an operator uses them.
 * Those that a kernel computed (argmax, a cast) are not read back for a check:
 * outside of the axis they pick zeros and add nothing, on both devices.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import {
  DataError,
  formatShape,
  normalizeAxis,
  sameShape,
  ShapeError,
  sizeOf,
} from "../../util/mod.ts";
import { zeros } from "../create.ts";
import { record } from "../tape.ts";
import { isHalf, Tensor } from "../tensor.ts";
import { checkDevices, checkInputs } from "./check.ts";
import { halfEmbedding } from "./half.ts";

/**
 * Refuses indices of another type or device, and those outside of 0..n-1 where
 * the host knows them.
 *
 * @throws {DataError} naming the range that came
 */
function checkIndices(name: string, x: Tensor, ids: Tensor, n: number): void {
  checkInputs(name, [ids], "int32");
  checkDevices(name, [x, ids]);
  const range = ids.hostRange;
  if (!range || (range.least >= 0 && range.most < n)) return;
  throw new DataError(
    `Cannot run ${name}() with indices ${range.least}..${range.most} of ` +
      `"${ids.label}" ${formatShape(ids.shape)}: they must lie in 0..${n - 1}`,
  );
}

/** The axis that indices run along. */
export interface IndexOptions {
  /** The first without it. */
  readonly axis?: number;
}

/**
 * Elements of one axis by index, the same for all others: the axis gives way
 * to those of `ids`.
 *
 * @param x (…before, n, …after), float32 or int32
 * @param ids int32 of any shape
 * @returns (…before, …ids, …after)
 * @throws {ShapeError} when x has no such axis
 * @throws {DataError} when an index is known to lie outside of the axis
 */
export function take(
  x: Tensor,
  ids: Tensor,
  { axis = 0 }: IndexOptions = {},
): Tensor {
  return lookUp("take", x, ids, axis);
}

/**
 * Rows of a table by index.
 *
 * @param weight (V, C), float32 or stored in 16 bits
 * @param ids int32 of any shape
 * @returns (…ids, C)
 * @throws {ShapeError} when the table does not have two axes
 * @throws {DataError} when an index is known to lie outside of 0..V-1
 */
export function embedding(weight: Tensor, ids: Tensor): Tensor {
  if (weight.shape.length !== 2) {
    throw new ShapeError(
      `Cannot look up rows of ${formatShape(weight.shape)}: wanted (V, C)`,
    );
  }
  if (isHalf(weight.dtype)) {
    checkIndices("embedding", weight, ids, weight.shape[0]!);
    return halfEmbedding(weight, ids);
  }
  return lookUp("embedding", weight, ids, 0);
}

function lookUp(
  name: "take" | "embedding",
  x: Tensor,
  ids: Tensor,
  axis: number,
): Tensor {
  const { device, shape, dtype } = x;
  checkInputs(name, [x], dtype);
  const at = normalizeAxis(axis, shape.length);
  const vocab = shape[at]!;
  checkIndices(name, x, ids, vocab);
  const sizes = {
    tables: sizeOf(shape.slice(0, at)),
    count: ids.size,
    vocab,
    cols: sizeOf(shape.slice(at + 1)),
  };
  const out = Tensor.empty(device, shape.toSpliced(at, 1, ...ids.shape), {
    dtype,
    label: name,
  });
  kernels.embedding(device, {
    weight: x.bufferFor(`${name}()`),
    ids: ids.bufferFor(`${name}()`),
    y: out.bufferFor(`${name}()`),
  }, sizes);
  return record(out, [x], [ids], (dOut, [ids]) => {
    const dX = Tensor.empty(device, shape, { label: `${name} gradient` });
    kernels.embeddingBackward(device, {
      ids: ids!.bufferFor(`${name}()`),
      dY: dOut.bufferFor(`${name}()`),
      dWeight: dX.bufferFor(`${name}()`),
    }, sizes);
    return [dX];
  });
}

/** Sizes for the kernels, or why x and ids do not fit. */
function pickSizes(
  name: string,
  x: Tensor,
  ids: Tensor,
  axis: number,
): kernels.GatherSizes {
  const { shape } = x;
  const at = normalizeAxis(axis, shape.length);
  const fits = ids.shape.length === shape.length &&
    sameShape(ids.shape.with(at, 0), shape.with(at, 0));
  if (!fits) {
    throw new ShapeError(
      `Cannot run ${name}() on ${formatShape(shape)} with indices ` +
        `${formatShape(ids.shape)} along axis ${axis}: other axes must be ` +
        "equal",
    );
  }
  checkIndices(name, x, ids, shape[at]!);
  return {
    outer: sizeOf(shape.slice(0, at)),
    n: shape[at]!,
    count: ids.shape[at]!,
    inner: sizeOf(shape.slice(at + 1)),
  };
}

/**
 * Elements of one axis by index, each place with an index of its own:
 * out[…, k, …] = x[…, ids[…, k, …], …]. Picks the logit of each row's target.
 *
 * @param x float32 or int32
 * @param ids int32, of x's shape but for the size of the axis
 * @returns of the shape of ids
 * @throws {ShapeError} when the shapes do not fit
 * @throws {DataError} when an index is known to lie outside of the axis
 */
export function gather(
  x: Tensor,
  ids: Tensor,
  { axis = 0 }: IndexOptions = {},
): Tensor {
  const { device, shape, dtype } = x;
  checkInputs("gather", [x], dtype);
  const sizes = pickSizes("gather", x, ids, axis);
  const out = Tensor.empty(device, ids.shape, { dtype, label: "gather" });
  kernels.gatherAxis(device, {
    x: x.bufferFor("gather()"),
    ids: ids.bufferFor("gather()"),
    y: out.bufferFor("gather()"),
  }, sizes);
  return record(out, [x], [ids], (dOut, [ids]) => {
    const dX = zeros(shape, { device, label: "gather gradient" });
    kernels.scatterAdd(device, {
      x: dOut.bufferFor("gather()"),
      ids: ids!.bufferFor("gather()"),
      y: dX.bufferFor("gather()"),
    }, sizes);
    return [dX];
  });
}

/** What is added where. */
export interface ScatterAddOptions extends IndexOptions {
  /** int32, of x's shape but for the size of the axis. */
  readonly ids: Tensor;
  /** float32, of the shape of `ids`. */
  readonly source: Tensor;
}

/**
 * x with numbers added at indices of one axis: gather the other way round.
 * Several at one place are added in their order.
 *
 * @throws {ShapeError} when the shapes do not fit
 * @throws {DataError} when an index is known to lie outside of the axis
 */
export function scatterAdd(
  x: Tensor,
  { ids, source, axis = 0 }: ScatterAddOptions,
): Tensor {
  checkInputs("scatterAdd", [x, source]);
  const sizes = pickSizes("scatterAdd", x, ids, axis);
  if (!sameShape(ids.shape, source.shape)) {
    throw new ShapeError(
      `Cannot add ${formatShape(source.shape)} at indices ` +
        `${formatShape(ids.shape)}: the shapes must be equal`,
    );
  }
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "scatterAdd" });
  const to = out.bufferFor("scatterAdd()");
  device.copy(x.bufferFor("scatterAdd()"), 0, to, 0, x.size * 4);
  kernels.scatterAdd(device, {
    x: source.bufferFor("scatterAdd()"),
    ids: ids.bufferFor("scatterAdd()"),
    y: to,
  }, sizes);
  return record(out, [x, source], [ids], (dOut, [ids], needs) => [
    dOut,
    needs[1] ? gather(dOut, ids!, { axis }) : undefined,
  ]);
}
