/**
 * Training as an asynchronous generator: it yields a record for every step,
 * and who iterates owns the loop.
 *
 *     for await (const record of train({ model, batches, config })) …
 *
 * Between steps the event loop runs, so that plots are drawn and the stop
 * button is heard. A GPU is given the next step before the loss of the last one
 * is read, so that it never waits for the program.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import { DeviceError, InterruptedError } from "../util/mod.ts";
import { listCheckpoints } from "./checkpoint.ts";
import type { TrainRecord } from "./records.ts";
import { Run } from "./run.ts";
import { RunLog } from "./run_log.ts";
import type { TrainOptions } from "./train_options.ts";

/**
 * Trains a model and yields what happens.
 *
 * A checkpoint is written beside the training, so its record may come some
 * steps after the one that it is of. However the run ends, the checkpoint under
 * way is whole first.
 *
 * Where the device is given steps ahead (`ahead`), the weights may be one step
 * on when a record comes, but never when something is evaluated, sampled or
 * saved. A loss that runs away is then seen a step late; gradients that are not
 * finite change no weight.
 *
 * @throws {ConfigError} when the device lacks the precision
 * @throws {InterruptedError} when `signal` stops it; the model stays as it is
 * @throws {DataError} when the loss runs away or is not finite, the folder
 * holds another run, or a checkpoint cannot be written
 * @throws {DeviceError} when the device fails; names the newest checkpoint
 */
export async function* train(
  options: TrainOptions,
): AsyncGenerator<TrainRecord, void> {
  const { config, heldOut, folder, signal, sampler } = options;
  using run = new Run(options);
  const resumed = await run.begin();
  using file = folder
    ? await RunLog.open(join(folder, "log.jsonl"))
    : undefined;
  const log = <R extends TrainRecord>(record: R): R => {
    file?.write(record);
    return record;
  };
  const isDue = (every: number) => run.step % every === 0 || run.isDone;
  if (resumed) yield log(resumed);
  /** The checkpoint under way, once it is whole. */
  const finishCheckpoint = async () => {
    const record = await run.finishCheckpoint();
    return record && log(record);
  };
  async function* tellCheckpoint() {
    const record = await finishCheckpoint();
    if (record) yield record;
  }
  let savedAt = run.step;
  async function* checkpoint() {
    savedAt = run.step;
    yield* tellCheckpoint(); // one at a time
    await run.beginCheckpoint();
  }
  try {
    while (!run.isDone) {
      if (signal?.aborted && !run.isAhead) {
        if (folder && savedAt !== run.step) yield* checkpoint();
        yield* tellCheckpoint();
        throw new InterruptedError(
          `Stopped after step ${run.step} of ${config.steps}`,
        );
      }
      yield log(await run.advance());
      await nextTurn();
      if (heldOut && isDue(config.evaluateEvery)) {
        yield log(await run.evaluate(heldOut));
      }
      if (sampler && isDue(config.sampleEvery)) {
        yield log(await run.sample(sampler));
      }
      if (folder && isDue(config.checkpointEvery)) yield* checkpoint();
      if (run.hasCheckpoint) yield* tellCheckpoint();
    }
    yield* tellCheckpoint();
    run.finish();
  } catch (error) {
    await finishCheckpoint().catch(() => {}); // the first error counts
    throw await withNewestCheckpoint(error, folder);
  } finally {
    await finishCheckpoint(); // of a run that nobody iterates any longer
  }
}

/** What is left of a run whose device, and the weights on it, are lost. */
async function withNewestCheckpoint(
  error: unknown,
  folder: string | undefined,
): Promise<unknown> {
  if (!(error instanceof DeviceError) || folder === undefined) return error;
  const newest = (await listCheckpoints(join(folder, "checkpoints"))).at(-1);
  if (newest === undefined) return error;
  return new DeviceError(
    `${error.message}; ${newest} is whole, and a run can go on from it`,
    { cause: error },
  );
}
