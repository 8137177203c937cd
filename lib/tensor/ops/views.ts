/**
 * Copies between tensors and strided views of others, below the tape: what
 * slicing, transposing and joining stand on.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { StridedView } from "../../kernels/mod.ts";
import type { Shape } from "../../util/mod.ts";
import { zeros } from "../create.ts";
import { Tensor } from "../tensor.ts";

/** A contiguous copy of a view of x. */
export function copyView(x: Tensor, view: StridedView, name: string): Tensor {
  const { device, dtype } = x;
  const from = x.bufferFor(`${name}()`);
  const out = Tensor.empty(device, view.shape, { dtype, label: name });
  kernels.gatherStrided(device, { x: from, y: out.bufferFor(name) }, view);
  return out;
}

/** Writes x to a view of `target`, in place. */
export function writeView(
  target: Tensor,
  x: Tensor,
  view: StridedView,
  name: string,
): void {
  const buffers = {
    x: x.bufferFor(`${name}()`),
    y: target.bufferFor(`${name}()`),
  };
  kernels.scatterStrided(target.device, buffers, view);
}

/** Zeros of a shape with x written to a view of them. */
export function spreadView(
  x: Tensor,
  shape: Shape,
  view: StridedView,
  name: string,
): Tensor {
  const { device, dtype } = x;
  const out = zeros(shape, { device, dtype, label: name });
  writeView(out, x, view, name);
  return out;
}
