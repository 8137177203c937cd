/**
 * One run of a sweep from start to row, or on from the checkpoint at which a
 * worker before it was killed.
 *
 * @module
 */
import { join } from "node:path";
import { openDevice } from "../device/mod.ts";
import { heldOutLoss } from "../eval/mod.ts";
import { Llama } from "../model/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import { readLog, train } from "../train/mod.ts";
import { DataError, messageOf } from "../util/mod.ts";
import { openSweepData } from "./sweep_data.ts";
import {
  readSweep,
  SweepFolder,
  type SweepRow,
  writeSweepJson,
} from "./sweep_folder.ts";
import { planSweep, type SweepRun } from "./sweep_plan.ts";

/** Trains and tells the loss on all held-out tokens. */
async function trainToRow(
  folder: SweepFolder,
  run: SweepRun,
): Promise<SweepRow> {
  const { common } = await readSweep(folder.path);
  const { tokens, heldOut } = await openSweepData(folder, common, run);
  using device = await openDevice();
  using model = Llama.create(run.model, { seed: run.seed, device });
  const { batchSize, contextLength } = common;
  const batches = new TokenBatches(tokens, {
    batchSize,
    contextLength,
    vocabSize: common.vocabSize,
    seed: run.seed,
  });
  const options = { model, batches, config: run.train, resume: true };
  const records = train({ ...options, folder: folder.run(run.id) });
  for await (const _ of records); // they are in its log
  const { loss } = await heldOutLoss(model, heldOut, {
    batchSize,
    contextLength,
    maxTokens: common.heldOutTokens,
  });
  if (!Number.isFinite(loss)) {
    throw new DataError(
      `Cannot use ${run.id}: its loss on held-out tokens is ${loss}, with a ` +
        `learning rate of ${run.learningRate}`,
    );
  }
  const log = await readLog(join(folder.run(run.id), "log.jsonl"));
  const last = log.findLast((record) => record.kind === "step");
  const { id, parameters, tokens: seen, nonEmbedding, depth, width } = run;
  return {
    id,
    parameters,
    tokens: seen,
    loss,
    seconds: last?.seconds ?? 0,
    nonEmbedding,
    depth,
    width,
    learningRate: run.learningRate,
    seed: run.seed,
    device: device.description,
    finishedAt: new Date().toISOString(),
  };
}

/**
 * Trains the run of that name and writes its row. An error of its own (a loss
 * that is not finite, data that are gone) is written beside its log, so that
 * who started the worker can tell it from a worker that was killed.
 *
 * @throws {DataError} when the sweep has no such run
 */
export async function trainSweepRun(path: string, id: string): Promise<void> {
  const folder = new SweepFolder(path);
  const run = planSweep(await readSweep(path)).find((one) => one.id === id);
  if (!run) throw new DataError(`Cannot train ${id}: ${path} has no such run`);
  try {
    await writeSweepJson(folder.row(id), await trainToRow(folder, run));
  } catch (error) {
    await writeSweepJson(folder.failure(id), { message: messageOf(error) });
    throw error;
  }
  // The log stays; the weights of a finished run are of no more use.
  await Deno.remove(join(folder.run(id), "checkpoints"), { recursive: true });
}
