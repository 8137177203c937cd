/**
 * Where WebGPU comes from: Dawn, or Deno's own, which runs the same kernels.
 */
import assert from "node:assert/strict";
import { findAdapter } from "../../../lib/device/webgpu/adapter.ts";
import { WebGpuDevice } from "../../../lib/device/webgpu/device.ts";
import { Llama, llamaConfig } from "../../../lib/model/mod.ts";
import { TokenBatches } from "../../../lib/text/mod.ts";
import { resolveTrainConfig, train } from "../../../lib/train/mod.ts";
import { ConfigError } from "../../../lib/util/mod.ts";
import { assertClose, assertFails } from "../../support/assert_close.ts";
import { deviceTest } from "../../support/devices.ts";

/** Runs `fn` with CADERNO_WEBGPU set. */
async function withSource<T>(source: string, fn: () => Promise<T>): Promise<T> {
  const name = "CADERNO_WEBGPU";
  const before = Deno.env.get(name);
  Deno.env.set(name, source);
  try {
    return await fn();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

/** Losses of six steps, the last three of them replayed. */
async function lossesBy(source: string): Promise<number[]> {
  const adapter = await withSource(source, () => findAdapter());
  using device = await WebGpuDevice.open(adapter, false);
  const model = llamaConfig("tiny-64", { numHiddenLayers: 1 });
  const config = resolveTrainConfig({
    ...{ tokens: 6 * 64, batchSize: 2, contextLength: 32, learningRate: 1e-3 },
  }, model);
  using llama = Llama.create(model, { seed: 0, device });
  const tokens = new Uint16Array(2000).map((_, i) => i * i % 1021);
  const batches = new TokenBatches(tokens, {
    ...{ batchSize: 2, contextLength: 32, vocabSize: 1024, seed: 0 },
  });
  const losses: number[] = [];
  for await (const record of train({ model: llama, batches, config })) {
    if (record.kind === "step") losses.push(record.loss);
  }
  return losses;
}

deviceTest("Deno's own WebGPU trains as Dawn does", async () => {
  const own = await lossesBy("deno");
  assert.equal(own.length, 6);
  // One driver, two compilers of WGSL.
  assertClose(own, await lossesBy("dawn"), { atol: 1e-5 });
}, ["webgpu"]);

Deno.test("CADERNO_WEBGPU names one of two", async () => {
  await assertFails(
    () => withSource("metal", () => findAdapter()),
    ConfigError,
    /CADERNO_WEBGPU=metal: it is dawn or deno/,
  );
});
