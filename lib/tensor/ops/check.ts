/**
 * What every operator asks of its arguments.
 *
 * @module
 */
import {
  DeviceError,
  DTypeError,
  formatShape,
  ShapeError,
} from "../../util/mod.ts";
import type { DType, Tensor } from "../tensor.ts";

/**
 * Refuses arguments that were freed, of another element type, or on different
 * devices, before the operator makes anything.
 *
 * @throws {FreedError}
 * @throws {DTypeError}
 * @throws {DeviceError}
 */
export function checkInputs(
  name: string,
  inputs: readonly Tensor[],
  dtype: DType = "float32",
): void {
  for (const input of inputs) {
    input.bufferFor(`${name}()`);
    if (input.dtype !== dtype) {
      throw new DTypeError(
        `Cannot run ${name}() on "${input.label}" of ${input.dtype}: ` +
          `it takes ${dtype}`,
      );
    }
  }
  checkDevices(name, inputs);
}

/**
 * Refuses arguments on different devices, whatever their element types.
 *
 * @throws {DeviceError}
 */
export function checkDevices(name: string, inputs: readonly Tensor[]): void {
  const device = inputs[0]?.device;
  for (const input of inputs) {
    if (input.device === device) continue;
    throw new DeviceError(
      `Cannot run ${name}() on tensors of two devices: ` +
        `${device?.description} and ${input.device.description}`,
    );
  }
}

/**
 * Rows and columns of a tensor seen as a matrix.
 *
 * @throws {ShapeError} when the last axis is absent or empty
 */
export function rowsOf(
  x: Tensor,
  name: string,
): { rows: number; cols: number } {
  const cols = x.shape.at(-1);
  if (!cols) {
    throw new ShapeError(
      `Cannot run ${name}() on a tensor ${formatShape(x.shape)}: ` +
        "it has no last axis with elements",
    );
  }
  return { rows: x.size / cols, cols };
}
