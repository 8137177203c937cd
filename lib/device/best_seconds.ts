/**
 * How long something takes on a device, as the best of several rounds: other
 * programs only ever make it slower.
 *
 * @module
 */
import type { Device } from "./device.ts";

/**
 * Seconds of one call of `run`, all of its work on the device included.
 *
 * @param options.repeats calls in a round; so many that a round takes
 * milliseconds
 * @param options.rounds of which the fastest counts, 5
 */
export async function bestSeconds(
  device: Device,
  run: () => void,
  { repeats = 1, rounds = 5 }: { repeats?: number; rounds?: number } = {},
): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    await device.sync();
    const begin = performance.now();
    for (let i = 0; i < repeats; i++) run();
    await device.sync();
    best = Math.min(best, performance.now() - begin);
  }
  return best / 1000 / repeats;
}
