/**
 * A run while it goes: steps that are given to the device and told, and what is
 * done between them. The loop that owns it is in trainer.ts.
 *
 * @module
 */
import { join } from "node:path";
import { bitsPerByte, heldOutLoss } from "../eval/mod.ts";
import { trainingFlopsPerToken } from "../model/mod.ts";
import { WeightAverage } from "../optim/mod.ts";
import {
  type TokenBatch,
  type TokenSource,
  withDocumentStarts,
} from "../text/mod.ts";
import { DataError, writeFileAtomic } from "../util/mod.ts";
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
} from "./records.ts";
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

/** A run, of whose steps one at most is given and not told. */
export class Run implements Disposable {
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
    this.#work = new TrainStep({
      ...this.#training,
      ...{ config, replays: options.replays },
    });
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
    model.device.resetPeak(); // that of what came before is not of the run
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
