/**
 * One run of a sweep from start to row, or on from the checkpoint at which a
 * worker before it was killed.
 *
 * @module
 */
import { join } from "node:path";
import { openDevice } from "../device/mod.ts";
import { energyLabels, track } from "../emissions/mod.ts";
import { heldOutLoss } from "../eval/mod.ts";
import { Llama } from "../model/mod.ts";
import { TokenBatches } from "../text/mod.ts";
import { readLog, train } from "../train/mod.ts";
import { DataError, messageOf, writeJson } from "../util/mod.ts";
import { thisJobMeter } from "./job_meter.ts";
import { openSweepData } from "./sweep_data.ts";
import { readSweepRun, SweepFolder, type SweepRow } from "./sweep_folder.ts";
import type { SweepRun } from "./sweep_plan.ts";
import type { Sweep } from "./sweep_spec.ts";

/** Trains and tells the loss on all held-out tokens. */
async function trainToRow(
  folder: SweepFolder,
  { common }: Sweep,
  run: SweepRun,
): Promise<SweepRow> {
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

/** The same with its energy, that of killed jobs before it included. */
async function meterToRow(
  folder: SweepFolder,
  sweep: Sweep,
  run: SweepRun,
  pue: number,
): Promise<SweepRow> {
  await using tracker = await track({
    project: run.id,
    stateFile: join(folder.run(run.id), "tracker.json"),
    ...await thisJobMeter(sweep.slurmWattsPerRun),
  });
  const row = await trainToRow(folder, sweep, run);
  const reading = await tracker.stop();
  const { energyJoules } = reading;
  if (energyJoules === undefined) return row;
  // Here, since a job that goes on may be told another PUE than that before it.
  const joules = pue * energyJoules;
  return { ...row, joules, energyLabels: energyLabels(reading) };
}

/**
 * Trains the run of that name and writes its row. An error of its own (a loss
 * that is not finite, data that are gone) is written beside its log, so that
 * who started the worker can tell it from a worker that was killed.
 *
 * @param pue facility energy over machine energy; without it energy is not
 * counted: whoever started the workers of this machine does it for all of them
 * @throws {DataError} when the sweep has no such run
 */
export async function trainSweepRun(
  path: string,
  id: string,
  pue?: number,
): Promise<void> {
  const folder = new SweepFolder(path);
  const { sweep, run } = await readSweepRun(path, id);
  try {
    const row = pue === undefined
      ? await trainToRow(folder, sweep, run)
      : await meterToRow(folder, sweep, run, pue);
    await writeJson(folder.row(id), row);
  } catch (error) {
    await writeJson(folder.failure(id), { message: messageOf(error) });
    throw error;
  }
  // The log stays; the weights of a finished run are of no more use.
  await Deno.remove(join(folder.run(id), "checkpoints"), { recursive: true });
}
