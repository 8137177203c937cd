/**
 * How much device memory a run will need, known before it starts: one step of
 * the real trainer on a device that only counts (device/dry_device.ts).
 *
 * @module
 */
import { type DeviceKind, DryDevice } from "../device/mod.ts";
import { Llama, type LlamaConfig } from "../model/mod.ts";
import { WeightAverage } from "../optim/mod.ts";
import { PackedTokens, TokenBatches } from "../text/mod.ts";
import { checkpointBytes, checkpointContent } from "./checkpoint.ts";
import type { TrainConfig } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";
import { train } from "./trainer.ts";

/** Memory of a run, and the launches of a step. */
export interface MemoryPlan {
  /** Most bytes alive at one time. */
  readonly peakBytes: number;
  /** Bytes that stay from step to step: weights, moments, tables. */
  readonly residentBytes: number;
  /** Kernel launches of one step. */
  readonly launches: number;
  /** Bytes of a checkpoint: on the disk, and in host memory while it is written. */
  readonly checkpointBytes: number;
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
  const starts = Int32Array.of(0);
  const batches = new TokenBatches(
    new PackedTokens(tokens, starts, vocabSize),
    {
      batchSize,
      contextLength,
      vocabSize,
      seed: 0,
      numberDocuments: config.maskDocuments,
    },
  );
  const before = sum(device.launches.values());
  let residentBytes = 0;
  for await (const _ of train({ model: llama, batches, config })) {
    residentBytes = device.memory().liveBytes;
    break; // every step takes the same
  }
  const { peakBytes } = device.memory();
  const launches = sum(device.launches.values()) - before;
  const checkpointBytes = bytesOfCheckpoint(llama, config);
  return { peakBytes, residentBytes, launches, checkpointBytes };
}

/** Weights, the optimizer's state and the average, as they are written. */
function bytesOfCheckpoint(model: Llama, config: TrainConfig): number {
  using optimizer = trainOptimizer(model, config);
  const { averageDecay } = config;
  using average = averageDecay > 0
    ? new WeightAverage(model.parameters, averageDecay)
    : undefined;
  const start = { step: 0, position: 0, seconds: 0 };
  return checkpointBytes(
    checkpointContent({ model, optimizer, average }, start),
  );
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
}
