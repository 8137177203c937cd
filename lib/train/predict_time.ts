/**
 * How long a run will take, from two steps of it that change nothing.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { TokenBatches } from "../text/mod.ts";
import { microStep } from "./micro_step.ts";
import type { TrainConfig } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";

/**
 * Seconds of one step: its micro-steps and the update, on the real device with
 * the real batches. The first of two passes compiles and is not counted. The
 * weights keep every bit (the update has a learning rate of 0) and the batches
 * their place; memory is that of training, for the time of two steps.
 */
export async function measureStepSeconds(
  model: Llama,
  batches: TokenBatches,
  config: TrainConfig,
): Promise<number> {
  const { position } = batches;
  const { device } = model;
  using optimizer = trainOptimizer(model, config);
  try {
    let seconds = 0;
    for (let pass = 0; pass < 2; pass++) {
      await device.sync();
      const begun = performance.now();
      await microStep(model, batches.next(), config);
      const between = performance.now();
      optimizer.update(0);
      await device.sync();
      const end = performance.now();
      seconds = (config.accumulation * (between - begun) + end - between) / 1e3;
      optimizer.clearGradients();
    }
    return seconds;
  } finally {
    optimizer.clearGradients();
    batches.position = position;
  }
}
