/**
 * How much device memory a run will need, known before it starts: one step of
 * the real trainer on a device that only counts (device/dry_device.ts).
 *
 * @module
 */
import { type DeviceKind, DryDevice } from "../device/mod.ts";
import { Llama, type LlamaConfig } from "../model/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import type { TrainConfig } from "./train_config.ts";
import { train } from "./trainer.ts";

/** Memory of a run, and the launches of a step. */
export interface MemoryPlan {
  /** Most bytes alive at one time. */
  readonly peakBytes: number;
  /** Bytes that stay from step to step: weights, moments, tables. */
  readonly residentBytes: number;
  /** Kernel launches of one step. */
  readonly launches: number;
}

/**
 * Counts one step.
 *
 * @param kind the device that will train
 * @throws {ConfigError} when the model's sizes do not fit together
 */
export async function planMemory(
  model: LlamaConfig,
  config: TrainConfig,
  kind: DeviceKind,
): Promise<MemoryPlan> {
  using device = new DryDevice(kind);
  const { batchSize, contextLength } = config;
  const { vocabSize } = model;
  using llama = Llama.create(model, { seed: 0, device });
  const tokens = new Uint16Array(batchSize * contextLength + 1);
  const batches = new TokenBatches(tokens, {
    batchSize,
    contextLength,
    vocabSize,
    seed: 0,
  });
  const before = sum(device.launches.values());
  let residentBytes = 0;
  for await (const _ of train({ model: llama, batches, config })) {
    residentBytes = device.memory().liveBytes;
    break; // every step takes the same
  }
  return {
    peakBytes: device.memory().peakBytes,
    residentBytes,
    launches: sum(device.launches.values()) - before,
  };
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
}
