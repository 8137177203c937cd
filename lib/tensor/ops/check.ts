/**
 * What every operator asks of its arguments.
 *
 * @module
 */
import { DeviceError, DTypeError } from "../../util/mod.ts";
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
  const device = inputs[0]?.device;
  for (const input of inputs) {
    input.bufferFor(`${name}()`);
    if (input.dtype !== dtype) {
      throw new DTypeError(
        `Cannot run ${name}() on "${input.label}" of ${input.dtype}: ` +
          `it takes ${dtype}`,
      );
    }
    if (input.device !== device) {
      throw new DeviceError(
        `Cannot run ${name}() on tensors of two devices: ` +
          `${device?.description} and ${input.device.description}`,
      );
    }
  }
}
