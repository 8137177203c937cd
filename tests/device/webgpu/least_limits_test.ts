/**
 * Whatever a Llama needs is a kernel that Dawn accepts on a GPU with no more
 * than WebGPU promises: eight buffers a kernel, 16 KiB of workgroup memory, 256
 * invocations. On Dawn's null back end, which needs no GPU and has no more.
 */
import assert from "node:assert/strict";
import type { Device } from "../../../lib/device/mod.ts";
import {
  generateSideBySide,
  Llama,
  llamaConfig,
  quantizeLlama,
} from "../../../lib/model/mod.ts";
import { resolveTrainConfig, type TrainKnobs } from "../../../lib/train/mod.ts";
import { trainOptimizer } from "../../../lib/train/train_optimizer.ts";
import { TrainStep } from "../../../lib/train/train_step.ts";
import { openNullDevice } from "../../support/null_gpu.ts";

const [B, T] = [2, 48];

/** Two steps and their batches, with every kernel of them. */
async function trainOn(
  device: Device,
  headSize: number,
  knobs: Partial<TrainKnobs>,
): Promise<void> {
  const heads = 4;
  const model = llamaConfig("tiny-64", {
    hiddenSize: heads * headSize,
    numAttentionHeads: heads,
    numKeyValueHeads: 2,
    numHiddenLayers: 1,
  });
  const config = resolveTrainConfig(
    { tokens: 1e4, batchSize: B, contextLength: T, ...knobs },
    model,
  );
  using llama = Llama.create(model, { seed: 0, device });
  using optimizer = trainOptimizer(llama, config);
  using work = new TrainStep({ model: llama, config, optimizer });
  const ids = new Int32Array(B * T);
  const batch = { inputs: ids, targets: ids, documents: ids, B, T };
  for (let step = 1; step <= 2; step++) {
    const { report } = await work.give([batch], { step, learningRate: 1e-3 });
    await report;
  }
}

Deno.test("training takes no more than WebGPU promises", async () => {
  using device = await openNullDevice();
  const { storageBuffers, workgroupBytes, workgroupSize } = device.gpu;
  assert.deepEqual([storageBuffers, workgroupBytes, workgroupSize], [
    ...[8, 16384, 256],
  ]);
  for (const headSize of [16, 32, 64, 128]) await trainOn(device, headSize, {});
  await trainOn(device, 32, {
    ...{ precision: "float16", optimizer: "muon", gradientCheckpointing: true },
    ...{ zLoss: 1e-4, labelSmoothing: 0.1 },
  });
  await device.sync(); // throws what Dawn had to say
});

Deno.test("generation takes no more than WebGPU promises", async () => {
  using device = await openNullDevice();
  const make = () =>
    Llama.create(llamaConfig("tiny-64", { numHiddenLayers: 1 }), {
      ...{ seed: 0, device },
    });
  const prompts = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]];
  for (const dtype of [undefined, "int8", "int4"] as const) {
    using model = dtype ? quantizeLlama(make(), dtype) : make();
    const options = { maxTokens: 3, temperature: 0, stopIds: [] };
    await Array.fromAsync(generateSideBySide(model, prompts, options));
  }
  await device.sync();
});
