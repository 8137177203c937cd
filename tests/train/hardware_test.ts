/**
 * A run as a hardware GPU does it, on a software driver that is told to be one:
 * the tiled kernels, split products, replayed steps and steps given ahead, all
 * together. What is measured on hardware only, the choice of variants, is left
 * out.
 */
import assert from "node:assert/strict";
import { type Device, openDevice } from "../../lib/device/mod.ts";
import { findAdapter } from "../../lib/device/webgpu/adapter.ts";
import { WebGpuDevice } from "../../lib/device/webgpu/device.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import { resolveTrainConfig, train } from "../../lib/train/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { deviceTest } from "../support/devices.ts";

const MODEL = llamaConfig("tiny-64", { numKeyValueHeads: 1 });
const [B, T, STEPS] = [2, 128, 10];
const TOKENS = new Uint16Array(20_000).map((_, i) => (i * i + 3 * i) % 1021);

/** Losses of a run, and how far ahead of them batches were taken. */
async function lossesOn(device: Device, precision: "float32" | "float16") {
  const config = resolveTrainConfig({
    ...{ tokens: STEPS * B * T, batchSize: B, contextLength: T },
    ...{ learningRate: 3e-3, precision },
  }, MODEL);
  const { vocabSize } = MODEL;
  using model = Llama.create(MODEL, { seed: 0, device });
  const batches = new TokenBatches(TOKENS, {
    ...{ batchSize: B, contextLength: T, vocabSize, seed: 0 },
  });
  const losses: number[] = [];
  let ahead = 0;
  for await (const record of train({ model, batches, config })) {
    if (record.kind !== "step") continue;
    losses.push(record.loss);
    ahead += batches.position - record.step;
  }
  return { losses, ahead };
}

deviceTest("a run as on a hardware GPU follows the CPU's", async () => {
  const adapter = await findAdapter();
  using gpu = await WebGpuDevice.open({ ...adapter, isSoftware: false }, false);
  using cpu = await openDevice("cpu");
  const expected = await lossesOn(cpu, "float32");
  const { losses, ahead } = await lossesOn(gpu, "float32");
  // Losses of 7 down to 6 nats; sums in single precision in another order.
  assertClose(losses, expected.losses, { atol: 2e-5 });
  assert.equal(ahead, STEPS - 3); // the third is recorded, the last is the last
  if (!gpu.gpu.hasF16) return;
  const half = await lossesOn(gpu, "float16");
  // Factors are off by 2^-11, in every product of six layers.
  assertClose(half.losses, expected.losses, { atol: 2e-2 });
  assert.notDeepEqual(half.losses, losses);
}, ["webgpu"]);
