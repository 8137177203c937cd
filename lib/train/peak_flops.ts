/**
 * The peak of a device that no data sheet knows: its fastest matrix product.
 * Utilization (MFU) against it says how much of a step is something else.
 *
 * @module
 */
import { bestSeconds, type Device } from "../device/mod.ts";
import { matmul, randomNormal, scope } from "../tensor/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/** A product that takes so long is large enough: launches do not count. */
const LONG_ENOUGH_SECONDS = 1e-3;
const SIZES = [512, 1024, 2048, 4096] as const;

/**
 * FLOP/s of the fastest of a few square products, from 512 up to the first
 * that takes 1 ms; a few hundredths of a second on a processor.
 */
export async function measurePeakFlops(
  device: Device,
  { precision }: Pick<TrainConfig, "precision"> = { precision: "float32" },
): Promise<number> {
  let peak = 0;
  for (const size of SIZES) {
    using _ = scope("peak");
    const x = randomNormal([size, size], { device, seed: 0 });
    const product = () => matmul(x, x, { precision }).dispose();
    product(); // compiles
    const seconds = await bestSeconds(device, product, { rounds: 3 });
    peak = Math.max(peak, 2 * size ** 3 / seconds);
    if (seconds >= LONG_ENOUGH_SECONDS) break;
  }
  return peak;
}
