/**
 * How long a run will take, from steps of it that change nothing.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { TokenBatches } from "../text/mod.ts";
import { microStep } from "./micro_step.ts";
import type { TrainConfig } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";

/** Knobs of {@linkcode measureStepSeconds}; every field has a default. */
export interface MeasureStepOptions {
  /** Steps are repeated until so much time has gone by; 0: one step. */
  readonly seconds?: number;
  /**
   * Runs the steps that count and nothing else, for who meters their power:
   * `(steps) => meterPower(steps, …)`.
   */
  readonly around?: (steps: () => Promise<void>) => Promise<unknown>;
}

/**
 * Seconds of one step, the median of those that count: its micro-steps and the
 * update, on the real device with the real batches. A step before them compiles
 * and does not count. The weights keep every bit (the update has a learning
 * rate of 0) and the batches their place; memory is that of training, for the
 * time of the steps.
 */
export async function measureStepSeconds(
  model: Llama,
  batches: TokenBatches,
  config: TrainConfig,
  { seconds = 0, around = (steps) => steps() }: MeasureStepOptions = {},
): Promise<number> {
  const { position } = batches;
  const { device } = model;
  using optimizer = trainOptimizer(model, config);
  /** One micro-step and an update, as seconds of a whole step. */
  const step = async () => {
    await device.sync();
    const begun = performance.now();
    await microStep(model, batches.next(), config, optimizer.lossScale);
    const between = performance.now();
    optimizer.update(0);
    await device.sync();
    const end = performance.now();
    optimizer.clearGradients();
    return (config.accumulation * (between - begun) + end - between) / 1e3;
  };
  try {
    await step();
    const all: number[] = [];
    await around(async () => {
      const begun = performance.now();
      do all.push(await step()); while (
        performance.now() - begun < 1e3 * seconds
      );
    });
    return all.sort((a, b) => a - b)[all.length >> 1]!;
  } finally {
    optimizer.clearGradients();
    batches.position = position;
  }
}
