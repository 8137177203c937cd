/**
 * The gate of Llama's feed-forward block.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, sameShape, ShapeError } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";

/**
 * silu(gate) up, the gate of Llama's feed-forward block (kernels/swiglu.ts).
 *
 * @throws {ShapeError} when the shapes differ
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  checkInputs("swiglu", [gate, up]);
  if (!sameShape(gate.shape, up.shape)) {
    throw new ShapeError(
      `Cannot gate ${formatShape(up.shape)} with ${formatShape(gate.shape)}: ` +
        "the shapes must be equal",
    );
  }
  const { device, shape, size } = gate;
  const out = Tensor.empty(device, shape, { label: "swiglu" });
  kernels.swiglu(device, {
    gate: gate.bufferFor("swiglu()"),
    up: up.bufferFor("swiglu()"),
    y: out.bufferFor("swiglu()"),
  }, size);
  return record(out, [gate, up], [gate, up], (dOut, [gate, up]) => {
    const dGate = Tensor.empty(device, shape, { label: "swiglu gradient" });
    const dUp = Tensor.empty(device, shape, { label: "swiglu gradient" });
    kernels.swigluBackward(device, {
      gate: gate!.bufferFor("swiglu()"),
      up: up!.bufferFor("swiglu()"),
      dY: dOut.bufferFor("swiglu()"),
      dGate: dGate.bufferFor("swiglu()"),
      dUp: dUp.bufferFor("swiglu()"),
    }, size);
    return [dGate, dUp];
  });
}
