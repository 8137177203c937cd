/**
 * Weights stored in 8 or 4 bits: to and fro. They have no gradient.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError } from "../../util/mod.ts";
import { type QuantizedDType, Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/**
 * x (N, K), float32, as codes and scales; see `cast`.
 *
 * @throws {ShapeError} when x is no matrix with rows of whole words
 */
export function quantize(x: Tensor, dtype: QuantizedDType): Tensor {
  checkInputs("cast", [x]);
  const { device, shape } = x;
  const [n, k] = shape;
  if (shape.length !== 2 || k! % kernels.QUANTIZED_STEP !== 0) {
    throw new ShapeError(
      `Cannot store "${x.label}" ${formatShape(shape)} as ${dtype}: wanted a ` +
        `matrix with rows of a multiple of ${kernels.QUANTIZED_STEP}`,
    );
  }
  const out = Tensor.empty(device, shape, { dtype, label: x.label });
  const buffers = { x: x.bufferFor("cast()"), y: out.codesFor("cast()") };
  kernels.quantize(device, buffers, { n: n!, k: k! }, dtype);
  return out;
}

/** x (N, K), quantized, as float32; see `cast`. */
export function dequantize(x: Tensor): Tensor {
  const { device, shape } = x;
  const [n, k] = shape as [number, number];
  const out = Tensor.empty(device, shape, { label: x.label });
  const buffers = { x: x.codesFor("cast()"), y: out.bufferFor("cast()") };
  kernels.dequantize(device, buffers, { n, k }, x.dtype as QuantizedDType);
  return out;
}
