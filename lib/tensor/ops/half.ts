/**
 * Weights stored in 16 bits: to and fro, and an embedding. They have no
 * gradient; `stored_linear.ts` applies them.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
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
