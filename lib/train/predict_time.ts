/**
 * How long a run will take, from steps of it that change nothing.
 *
 * @module
 */
import type { Llama } from "../model/mod.ts";
import type { TokenBatches } from "../text/mod.ts";
import type { TrainConfig } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";
import { TrainStep } from "./train_step.ts";

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

/** Micro-steps of a step that are done, at most. */
const MOST_MICRO_STEPS = 2;

/**
 * Seconds of one step, the median of those that count: its micro-steps and the
 * update, on the real device with the real batches. Steps before them compile
 * and do not count. Of many micro-steps two are done, so that the update counts
 * for too much, by a few percent at most. The weights keep every bit (the update
 * has a learning rate of 0) and the batches their place; memory is that of
 * training, for the time of the steps.
 */
export async function measureStepSeconds(
  model: Llama,
  batches: TokenBatches,
  config: TrainConfig,
  { seconds = 0, around = (steps) => steps() }: MeasureStepOptions = {},
): Promise<number> {
  const { position } = batches;
  const { device } = model;
  const accumulation = Math.min(config.accumulation, MOST_MICRO_STEPS);
  using optimizer = trainOptimizer(model, config);
  using work = new TrainStep({
    ...{ model, optimizer },
    config: { ...config, accumulation },
  });
  /** Seconds of a step. */
  const step = async () => {
    await device.sync();
    const begun = performance.now();
    const taken = Array.from({ length: accumulation }, () => batches.next());
    const given = await work.give(taken, { step: 1, learningRate: 0 });
    await given.report;
    const share = accumulation / config.accumulation;
    return (performance.now() - begun) / 1e3 / share;
  };
  try {
    while (!work.isWarm) await step();
    const all: number[] = [];
    await around(async () => {
      const begun = performance.now();
      do all.push(await step()); while (
        performance.now() - begun < 1e3 * seconds
      );
    });
    return all.sort((a, b) => a - b)[all.length >> 1]!;
  } finally {
    batches.position = position;
  }
}
