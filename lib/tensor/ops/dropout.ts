/**
 * Dropout with a seed.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { ConfigError } from "../../util/mod.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { checkInputs } from "./check.ts";
import { reshape } from "./layout.ts";

/** How much is dropped, and which random stream decides. */
export interface DropoutOptions {
  /** Share of elements that become 0, in [0, 1). */
  readonly rate: number;
  /** Whole number, 0 to 2^32 - 1; another one for each step and layer. */
  readonly seed: number;
  readonly stream?: string;
}

/**
 * Zeros a random share of the elements and divides the others by 1 - rate
 * (kernels/dropout.ts). The seed alone decides which: the same on both devices
 * and when a checkpoint computes it again.
 *
 * @throws {ConfigError} when the rate is not in [0, 1)
 */
export function dropout(
  x: Tensor,
  { rate, seed, stream = "dropout" }: DropoutOptions,
): Tensor {
  checkInputs("dropout", [x]);
  if (!(rate >= 0 && rate < 1)) {
    throw new ConfigError(
      `Cannot drop a share of ${rate}: the rate must lie in [0, 1)`,
    );
  }
  if (rate === 0) return reshape(x, x.shape);
  const { device, shape, size } = x;
  const run = (x: Tensor): Tensor => {
    const out = Tensor.empty(device, shape, { label: "dropout" });
    const buffers = {
      x: x.bufferFor("dropout()"),
      y: out.bufferFor("dropout()"),
    };
    kernels.dropout(device, buffers, size, { rate, seed, stream });
    return out;
  };
  return record(run(x), [x], [], (dOut) => [run(dOut)]);
}
