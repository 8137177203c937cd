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
import { bitsPerByte, heldOutLoss } from "../eval/mod.ts";
import { trainingFlopsPerToken } from "../model/mod.ts";
import { WeightAverage } from "../optim/mod.ts";
import {
  type TokenBatch,
  type TokenSource,
  withDocumentStarts,
} from "../text/mod.ts";
import {
  DataError,
  DeviceError,
  InterruptedError,
  writeFileAtomic,
} from "../util/mod.ts";
import {
  checkpointContent,
  type CheckpointParts,
  listCheckpoints,
  loadNewestCheckpoint,
} from "./checkpoint.ts";
import { CheckpointWriter } from "./checkpoint_writer.ts";
import { giveUp, isDiverged, spellNumber } from "./divergence.ts";
import { checkPrecision } from "./mixed_precision.ts";
import type {
  CheckpointRecord,
  EvaluationRecord,
  OwnEnergy,
  ResumeRecord,
  SampleRecord,
  StepRecord,
  TrainRecord,
} from "./records.ts";
import { RunLog } from "./run_log.ts";
import { scheduleOfRun } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";
import type { TrainOptions } from "./train_options.ts";
import { type StepReport, TrainStep } from "./train_step.ts";

/** A step that the device has been given. */
interface GivenStep {
  /** Its number, from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly batches: readonly TokenBatch[];
  /** When it was given, as `performance.now()` tells. */
  readonly begun: number;
  readonly report: Promise<StepReport>;
}

/** A run while it goes. */
class Run implements Disposable {
  readonly #training: CheckpointParts;
  readonly #options: TrainOptions;
  readonly #rate: (step: number) => number;
  /** Writes checkpoints, where the run has a folder. */
  readonly #writer: CheckpointWriter | undefined;
  readonly #work: TrainStep;
  /** Energy of the copy of the checkpoint under way. */
  #copyEnergy: OwnEnergy = {};
  /** The step that was told last. */
  #step = 0;
  #toldAt = 0;
  /** The step after that, where it was given already. */
  #ahead: Promise<GivenStep> | undefined;
  #secondsBefore = 0;
  #joulesBefore = 0;
  #started = performance.now();

  constructor(options: TrainOptions) {
    this.#options = options;
    const { config, model, folder } = options;
    checkPrecision(config, model.device);
    const { averageDecay } = config;
    if (folder !== undefined) {
      this.#writer = new CheckpointWriter(join(folder, "checkpoints"), {
        keep: config.keepCheckpoints,
        keepEvery: config.keepEvery,
      });
    }
    this.#training = {
      model,
      optimizer: trainOptimizer(model, config),
      average: averageDecay > 0
        ? new WeightAverage(model.parameters, averageDecay)
        : undefined,
    };
    this.#work = new TrainStep({ ...this.#training, config });
    this.#rate = scheduleOfRun(config);
  }

  get step(): number {
    return this.#step;
  }

  get isDone(): boolean {
    return this.#step >= this.#options.config.steps;
  }

  /** Whether the device has a step that was not told yet. */
  get isAhead(): boolean {
    return this.#ahead !== undefined;
  }

  get #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  get #energy(): { energyJoules?: number } {
    const joules = this.#options.energyJoules?.();
    if (joules === undefined) return {};
    return { energyJoules: this.#joulesBefore + joules };
  }

  /** Does something and tells what it used by itself. */
  async #metered<R extends object>(
    work: () => Promise<R>,
  ): Promise<R & OwnEnergy> {
    const sample = this.#options.sampleEnergyJoules;
    const before = await sample?.();
    const result = await work();
    const after = await sample?.();
    // Within a twentieth of a second nothing is read anew: not known, not 0.
    const isKnown = before !== undefined && after !== undefined &&
      after > before;
    if (!isKnown) return result;
    return { ...result, ownJoules: after - before };
  }

  /**
   * Restores the newest checkpoint that can be read, or starts a folder of its
   * own.
   */
  async begin(): Promise<ResumeRecord | undefined> {
    const { folder, resume, batches, config, model } = this.#options;
    if (!folder) return undefined;
    const checkpoints = join(folder, "checkpoints");
    const newest = (await listCheckpoints(checkpoints)).at(-1);
    if (newest && !resume) {
      throw new DataError(
        `Cannot start a run in ${folder}: it holds a run up to ${newest}; ` +
          "resume it or choose another folder",
      );
    }
    const found = await loadNewestCheckpoint(checkpoints, this.#training);
    if (found) {
      this.#step = found.state.step;
      this.#secondsBefore = found.state.seconds;
      this.#joulesBefore = found.state.energyJoules ?? 0;
      batches.position = found.state.position;
    }
    await writeFileAtomic(
      join(folder, "config.json"),
      JSON.stringify({ train: config, model: model.config }, spellNumber, 2) +
        "\n",
    );
    this.#started = performance.now();
    if (!found) return undefined;
    const { path, skipped } = found;
    return { kind: "resume", step: this.#step, path, skipped };
  }

  /** Gives the device a step. */
  async #give(step: number): Promise<GivenStep> {
    const { config, batches } = this.#options;
    const begun = performance.now();
    const learningRate = this.#rate(step - 1);
    const taken = Array.from(
      { length: config.accumulation },
      () => batches.next(),
    );
    const given = await this.#work.give(taken, { step, learningRate });
    given.report.catch(() => {}); // of one that nobody awaits any longer
    return { step, learningRate, batches: taken, begun, ...given };
  }

  /** Whether the step after `step` may be given before this one is told. */
  #mayGoAhead(step: number): boolean {
    const { config, heldOut, sampler, folder, signal } = this.#options;
    const { ahead = !this.#options.model.device.isSoftware } = this.#options;
    const isDue = (what: unknown, every: number) =>
      what !== undefined && step % every === 0;
    return ahead && this.#work.isRecorded && !signal?.aborted &&
      step < config.steps && !isDue(heldOut, config.evaluateEvery) &&
      !isDue(sampler, config.sampleEvery) &&
      !isDue(folder, config.checkpointEvery);
  }

  /** One step. */
  async advance(): Promise<StepRecord> {
    const { model, config, folder } = this.#options;
    const { peakFlopsPerSecond: peak } = this.#options;
    const { step, learningRate, batches, ...given } =
      await (this.#ahead ?? this.#give(this.#step + 1));
    this.#ahead = this.#mayGoAhead(step) ? this.#give(step + 1) : undefined;
    this.#ahead?.catch(() => {}); // it is told when its turn has come
    const { loss, isLost, ...update } = await given.report;
    const { vocabSize } = model.config;
    if (isDiverged(loss, this.#step, { config, vocabSize })) {
      await giveUp({ step, loss, learningRate }, batches, folder);
    }
    if (isLost) {
      await giveUp({ step, loss, learningRate, ...update }, batches, folder);
    }
    this.#step = step;
    const now = performance.now();
    // A step that was given early waited for the one before.
    const seconds = (now - Math.max(given.begun, this.#toldAt)) / 1000;
    this.#toldAt = now;
    const tokensPerSecond = config.tokensPerStep / seconds;
    const flopsPerSecond = tokensPerSecond *
      trainingFlopsPerToken(model.config, config.contextLength);
    return {
      kind: "step",
      step,
      tokens: step * config.tokensPerStep,
      loss,
      learningRate,
      ...update,
      seconds: this.#seconds,
      tokensPerSecond,
      flopsPerSecond,
      ...(peak && { utilization: flopsPerSecond / peak }),
      peakBytes: model.device.memory().peakBytes,
      ...this.#energy,
    };
  }

  /** Does something with the averaged weights in place, where there are such. */
  async #averaged<R>(work: () => Promise<R>): Promise<R> {
    const { average } = this.#training;
    this.#work.release(); // room for the work
    average?.swap();
    try {
      return await work();
    } finally {
      average?.swap();
    }
  }

  /** Leaves the averaged weights in the model, where there are such. */
  finish(): void {
    this.#training.average?.swap();
  }

  /** Loss on the held-out tokens. */
  async evaluate(heldOut: TokenSource): Promise<EvaluationRecord> {
    const { model, config, heldOutBytesPerToken: bytes } = this.#options;
    const { maskDocuments } = config;
    const { bosTokenId: bosId, vocabSize } = model.config;
    const tokens = maskDocuments
      ? withDocumentStarts(heldOut, { bosId, vocabSize })
      : heldOut;
    const measure = () =>
      heldOutLoss(model, tokens, {
        batchSize: config.batchSize,
        contextLength: config.contextLength,
        maxTokens: config.evaluationTokens,
        maskDocuments,
      });
    const { ownJoules, ...losses } = await this.#metered(() =>
      this.#averaged(measure)
    );
    return {
      kind: "evaluation",
      step: this.#step,
      tokens: this.#step * config.tokensPerStep,
      loss: losses.loss,
      perplexity: losses.perplexity,
      ...(bytes && { bitsPerByte: bitsPerByte(losses.loss, bytes) }),
      evaluatedTokens: losses.tokens,
      seconds: this.#seconds,
      ...(ownJoules === undefined ? {} : { ownJoules }),
    };
  }

  /** Texts of this moment. */
  sample(
    sampler: (step: number) => Promise<readonly string[]>,
  ): Promise<SampleRecord> {
    const step = this.#step;
    return this.#metered(async () => ({
      kind: "sample",
      step,
      texts: await this.#averaged(() => sampler(step)),
    }));
  }

  /** Whether `finishCheckpoint` would return one at once. */
  get hasCheckpoint(): boolean {
    return this.#writer?.isReady ?? false;
  }

  /** Begins a checkpoint of this moment; the one before is finished. */
  async beginCheckpoint(): Promise<void> {
    const { batches } = this.#options;
    this.#copyEnergy = await this.#metered(async () => {
      const content = checkpointContent(this.#training, {
        step: this.#step,
        position: batches.position,
        seconds: this.#seconds,
        ...this.#energy,
      });
      await this.#writer?.begin(content);
      return {};
    });
  }

  /** Waits for the checkpoint under way, if there is one. */
  async finishCheckpoint(): Promise<CheckpointRecord | undefined> {
    const written = await this.#writer?.finish();
    return written && { kind: "checkpoint", ...written, ...this.#copyEnergy };
  }

  [Symbol.dispose](): void {
    this.#work[Symbol.dispose]();
    this.#training.optimizer[Symbol.dispose]();
    this.#training.average?.[Symbol.dispose]();
    this.#writer?.[Symbol.dispose]();
  }
}

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
