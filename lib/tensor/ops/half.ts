/**
 * Weights stored in 16 bits: to and fro, a linear layer, an embedding. They
 * have no gradient; what they are applied to has.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError, sizeOf } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { type HalfDType, Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/** x, float32, rounded to the nearest number of 16 bits; see `cast`. */
export function halve(x: Tensor, dtype: HalfDType): Tensor {
  checkInputs("cast", [x]);
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { dtype, label: x.label });
  const buffers = { x: x.bufferFor("cast()"), y: out.halvesFor("cast()") };
  kernels.halve(device, buffers, size, dtype);
  return out;
}

/** x, stored in 16 bits, as float32; see `cast`. */
export function widen(x: Tensor): Tensor {
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { label: x.label });
  const buffers = { x: x.halvesFor("cast()"), y: out.bufferFor("cast()") };
  kernels.widen(device, buffers, size, x.dtype as HalfDType);
  return out;
}

/**
 * `linear` with a weight (N, K) stored in 16 bits: one row reads it as it is,
 * more widen it into memory that is freed at once.
 */
export function halfLinear(x: Tensor, weight: Tensor): Tensor {
  checkInputs("linear", [x]);
  const [n, k] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new ShapeError(
      `Cannot multiply ${formatShape(x.shape)} by ` +
        `${formatShape(weight.shape)}ᵀ: inner sizes must match`,
    );
  }
  const { device } = x;
  const front = x.shape.slice(0, -1);
  const sizes = { m: sizeOf(front), n: n!, k: k! };
  const out = Tensor.empty(device, [...front, n!], { label: "linear" });
  const buffer = (t: Tensor) => t.bufferFor("linear()");
  const product = { ...sizes, batch: 1, strideA: 0, strideB: 0 };
  if (sizes.m === 1 && sizes.k % 2 === 0) {
    kernels.halfLinear(
      device,
      { x: buffer(x), weight: weight.halvesFor("linear()"), y: buffer(out) },
      sizes,
      weight.dtype as HalfDType,
    );
  } else {
    using wide = widen(weight);
    const buffers = { a: buffer(x), b: buffer(wide), c: buffer(out) };
    const layout = { transposeA: false, transposeB: true };
    kernels.matmul(device, buffers, { ...product, ...layout });
  }
  return record(out, [x], [weight], (dOut, [weight]) => {
    using wide = widen(weight!);
    const dX = Tensor.empty(device, [...front, k!], {
      label: "linear gradient",
    });
    const buffers = { a: buffer(dOut), b: buffer(wide), c: buffer(dX) };
    const layout = { transposeA: false, transposeB: false };
    kernels.matmul(device, buffers, { ...product, n: k!, k: n!, ...layout });
    return [dX];
  });
}

/** `embedding` of a table (V, C) stored in 16 bits; ids were checked. */
export function halfEmbedding(weight: Tensor, ids: Tensor): Tensor {
  checkInputs("embedding", [ids], "int32");
  const [vocab, cols] = weight.shape as [number, number];
  const { device } = weight;
  const out = Tensor.empty(device, [...ids.shape, cols], {
    label: "embedding",
  });
  kernels.halfEmbedding(
    device,
    {
      weight: weight.halvesFor("embedding()"),
      ids: ids.bufferFor("embedding()"),
      y: out.bufferFor("embedding()"),
    },
    { count: ids.size, cols, vocab },
    weight.dtype as HalfDType,
  );
  return out;
}
