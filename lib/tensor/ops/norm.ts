/**
 * Normalisation over the last axis: RMS and layer norm.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError } from "../../util/mod.ts";
import { zeros } from "../create.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { sum } from "./broadcast.ts";
import { checkInputs, rowsOf } from "./check.ts";
import { reshape } from "./layout.ts";

/** @throws {ShapeError} when the weight (or bias) is not one number a column */
function checkWeight(
  x: Tensor,
  weight: Tensor,
  cols: number,
  what: "weight" | "bias",
): void {
  if (weight.size === cols) return;
  throw new ShapeError(
    `Cannot normalise ${formatShape(x.shape)} with a ${what} ` +
      `${formatShape(weight.shape)}: it needs ${cols} elements`,
  );
}

/**
 * Root-mean-square normalisation over the last axis (kernels/rms_norm.ts).
 *
 * @param x (…, C)
 * @param weight (C)
 * @param eps added to the mean square
 * @throws {ShapeError} when the weight does not fit
 */
export function rmsNorm(x: Tensor, weight: Tensor, eps: number): Tensor {
  checkInputs("rmsNorm", [x, weight]);
  const { rows, cols } = rowsOf(x, "rmsNorm");
  checkWeight(x, weight, cols, "weight");
  const { device, shape } = x;
  const out = Tensor.empty(device, shape, { label: "rmsNorm" });
  const scale = Tensor.empty(device, [rows], { label: "rmsNorm scale" });
  kernels.rmsNorm(device, {
    x: x.bufferFor("rmsNorm()"),
    weight: weight.bufferFor("rmsNorm()"),
    y: out.bufferFor("rmsNorm()"),
    scale: scale.bufferFor("rmsNorm()"),
  }, { rows, cols, eps });
  record(out, [x, weight], [x, weight, scale], (dOut, saved, needs) => {
    const [x, weight, scale] = saved as [Tensor, Tensor, Tensor];
    const gradient = (shape: readonly number[]) =>
      Tensor.empty(device, shape, { label: "rmsNorm gradient" });
    const buffers = {
      x: x.bufferFor("rmsNorm()"),
      weight: weight.bufferFor("rmsNorm()"),
      scale: scale.bufferFor("rmsNorm()"),
      dY: dOut.bufferFor("rmsNorm()"),
    };
    const dX = needs[0] ? gradient(shape) : undefined;
    if (dX) {
      const all = { ...buffers, dX: dX.bufferFor("rmsNorm()") };
      kernels.rmsNormBackward(device, all, { rows, cols });
    }
    const dWeight = needs[1] ? gradient(weight.shape) : undefined;
    if (dWeight) {
      const all = { ...buffers, dWeight: dWeight.bufferFor("rmsNorm()") };
      kernels.normBackwardWeight(device, all, { rows, cols });
    }
    return [dX, dWeight];
  });
  scale.dispose();
  return out;
}

/** Weights of a layer norm. */
export interface LayerNormOptions {
  /** (C) */
  readonly weight: Tensor;
  /** (C); none without it. */
  readonly bias?: Tensor;
  /** Added to the variance. */
  readonly eps: number;
}

/**
 * Layer normalisation over the last axis (kernels/layer_norm.ts).
 *
 * @param x (…, C)
 * @throws {ShapeError} when weight or bias do not fit
 */
export function layerNorm(
  x: Tensor,
  { weight, bias, eps }: LayerNormOptions,
): Tensor {
  const { device, shape } = x;
  if (!bias) {
    return scoped(() => {
      const none = zeros(weight.shape, { device, label: "no bias" });
      return layerNorm(x, { weight, bias: none, eps });
    }, "layerNorm");
  }
  checkInputs("layerNorm", [x, weight, bias]);
  const { rows, cols } = rowsOf(x, "layerNorm");
  checkWeight(x, weight, cols, "weight");
  checkWeight(x, bias, cols, "bias");
  const out = Tensor.empty(device, shape, { label: "layerNorm" });
  const mean = Tensor.empty(device, [rows], { label: "layerNorm mean" });
  const scale = Tensor.empty(device, [rows], { label: "layerNorm scale" });
  kernels.layerNorm(device, {
    x: x.bufferFor("layerNorm()"),
    weight: weight.bufferFor("layerNorm()"),
    bias: bias.bufferFor("layerNorm()"),
    y: out.bufferFor("layerNorm()"),
    mean: mean.bufferFor("layerNorm()"),
    scale: scale.bufferFor("layerNorm()"),
  }, { rows, cols, eps });
  const biasShape = bias.shape;
  const saved = [x, weight, mean, scale];
  record(out, [x, weight, bias], saved, (dOut, saved, needs) => {
    const [x, weight, mean, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const gradient = (shape: readonly number[]) =>
      Tensor.empty(device, shape, { label: "layerNorm gradient" });
    const buffers = {
      x: x.bufferFor("layerNorm()"),
      weight: weight.bufferFor("layerNorm()"),
      mean: mean.bufferFor("layerNorm()"),
      scale: scale.bufferFor("layerNorm()"),
      dY: dOut.bufferFor("layerNorm()"),
    };
    const dX = needs[0] ? gradient(shape) : undefined;
    if (dX) {
      const all = { ...buffers, dX: dX.bufferFor("layerNorm()") };
      kernels.layerNormBackward(device, all, { rows, cols });
    }
    const dWeight = needs[1] ? gradient(weight.shape) : undefined;
    if (dWeight) {
      const all = { ...buffers, dWeight: dWeight.bufferFor("layerNorm()") };
      kernels.normBackwardWeight(device, all, { rows, cols });
    }
    const dBias = needs[2]
      ? reshape(sum(reshape(dOut, [rows, cols]), { axis: 0 }), biasShape)
      : undefined;
    return [dX, dWeight, dBias];
  });
  mean.dispose();
  scale.dispose();
  return out;
}
