/**
 * A run for tests that kill it: `deno run -A killed_training.ts FOLDER` trains
 * in the folder, or goes on in it.
 *
 * @module
 */
import { openDevice } from "../../lib/device/mod.ts";
import { Llama, llamaConfig } from "../../lib/model/mod.ts";
import { TokenBatches } from "../../lib/text/mod.ts";
import {
  resolveTrainConfig,
  train,
  type TrainRecord,
} from "../../lib/train/mod.ts";

const MODEL = llamaConfig("tiny-64", { maxPositionEmbeddings: 16 });
const TOKENS = new Uint16Array(20_000).map((_, i) => i * i % 1021);

/** Trains for 40 steps with a checkpoint after every second one. */
export async function trainFragile(folder?: string): Promise<TrainRecord[]> {
  const config = resolveTrainConfig({
    tokens: 40 * 2 * 16,
    batchSize: 2,
    averageDecay: 0.9,
    checkpointEvery: 2,
  }, MODEL);
  using device = await openDevice("cpu");
  using model = Llama.create(MODEL, { seed: 0, device });
  const { vocabSize } = MODEL;
  const batches = new TokenBatches(TOKENS, { ...config, vocabSize });
  const place = folder === undefined ? {} : { folder, resume: true };
  return await Array.fromAsync(train({ model, batches, config, ...place }));
}

if (import.meta.main) await trainFragile(Deno.args[0]);
