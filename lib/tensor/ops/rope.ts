/**
 * Rotary position embedding.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape, ShapeError } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { headShape } from "./head_shape.ts";

/**
 * Rotates queries or keys by their positions (kernels/rope.ts).
 *
 * @param x (B, T, H, D), D even
 * @param angles (positions, D/2, 2), from `ropeTable`
 * @param start position of the first token
 * @throws {ShapeError} when the table does not fit or is too short
 */
export function rope(x: Tensor, angles: Tensor, start = 0): Tensor {
  checkInputs("rope", [x, angles]);
  const [batch, time, heads, headSize] = headShape(x, "rope()");
  const [positions, half] = angles.shape;
  if (half !== headSize / 2 || angles.shape.length !== 3) {
    throw new ShapeError(
      `Cannot rotate heads of size ${headSize} with angles ` +
        `${formatShape(angles.shape)}: wanted (positions, ${headSize / 2}, 2)`,
    );
  }
  if (start + time > positions!) {
    throw new ShapeError(
      `Cannot rotate positions ${start}..${start + time - 1}: ` +
        `the model has ${positions}`,
    );
  }
  const sizes = { batch, time, heads, headSize, start };
  const { device } = x;
  const rotate = (x: Tensor, angles: Tensor, direction: 1 | -1) => {
    const out = Tensor.empty(device, x.shape, { label: "rope" });
    kernels.rope(device, {
      x: x.bufferFor("rope()"),
      angles: angles.bufferFor("rope()"),
      y: out.bufferFor("rope()"),
    }, { ...sizes, direction });
    return out;
  };
  const out = rotate(x, angles, 1);
  return record(out, [x], [angles], (dOut, [angles]) => [
    rotate(dOut, angles!, -1),
  ]);
}
