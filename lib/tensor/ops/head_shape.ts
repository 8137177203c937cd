/**
 * The shape that operators on heads take.
 *
 * @module
 */
import { formatShape, ShapeError } from "../../util/mod.ts";
import type { Tensor } from "../tensor.ts";

/**
 * (B, T, H, D) of an argument.
 *
 * @throws {ShapeError} naming the operator, when it has other axes
 */
export function headShape(
  x: Tensor,
  name: string,
): [batch: number, time: number, heads: number, headSize: number] {
  if (x.shape.length !== 4) {
    throw new ShapeError(
      `Cannot run ${name} on ${formatShape(x.shape)}: wanted (B, T, H, D)`,
    );
  }
  return x.shape as unknown as [number, number, number, number];
}
