/**
 * Training as an asynchronous generator: it yields a record for every step,
 * and who iterates owns the loop.
 *
 *     for await (const record of train({ model, batches, config })) …
 *
 * Between steps the event loop runs, so that plots are drawn and the stop
 * button is heard.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import { heldOutLoss } from "../eval/mod.ts";
import { type Llama, trainingFlopsPerToken } from "../model/mod.ts";
import { learningRateSchedule, WeightAverage } from "../optim/mod.ts";
import type { TokenArray, TokenBatch, TokenBatches } from "../text/mod.ts";
import { DataError, InterruptedError, writeFileAtomic } from "../util/mod.ts";
import {
  type CheckpointParts,
  listCheckpoints,
  loadNewestCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
import { giveUp, isDiverged, spellNumber } from "./divergence.ts";
import { microStep } from "./micro_step.ts";
import {
  type CheckpointRecord,
  type EvaluationRecord,
  logRecord,
  type OwnEnergy,
  type ResumeRecord,
  type SampleRecord,
  type StepRecord,
  type TrainRecord,
} from "./records.ts";
import type { TrainConfig } from "./train_config.ts";
import { trainOptimizer } from "./train_optimizer.ts";

/** What is trained on what, and where it is written. */
export interface TrainOptions {
  readonly model: Llama;
  /** Batches of (B, T) as the configuration says. */
  readonly batches: TokenBatches;
  readonly config: TrainConfig;
  /** Held-out tokens; without them nothing is evaluated. */
  readonly heldOut?: TokenArray;
  /**
   * Folder of the run: `config.json`, `log.jsonl` and `checkpoints/`, and
   * `diverged.json` with the batches of the step where the loss ran away.
   * Without it nothing is written.
   */
  readonly folder?: string;
  /** Goes on from the newest checkpoint in the folder, if there is one. */
  readonly resume?: boolean;
  /** Writes texts every `sampleEvery` steps, to see what was learned. */
  readonly sampler?: (step: number) => Promise<readonly string[]>;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal?: AbortSignal;
  /**
   * Joules since this call, for the records; those of the checkpoint that it
   * goes on from are added.
   */
  readonly energyJoules?: () => number | undefined;
  /**
   * The same, read afresh, for what an evaluation and a checkpoint use by
   * themselves; without it their own energy is not told.
   */
  readonly sampleEnergyJoules?: () => Promise<number | undefined>;
}

/** A run while it goes. */
class Run implements Disposable {
  readonly #training: CheckpointParts;
  readonly #options: TrainOptions;
  readonly #rate: (step: number) => number;
  #step = 0;
  #secondsBefore = 0;
  #joulesBefore = 0;
  #started = performance.now();

  constructor(options: TrainOptions) {
    this.#options = options;
    const { config, model } = options;
    const { averageDecay } = config;
    this.#training = {
      model,
      optimizer: trainOptimizer(model, config),
      average: averageDecay > 0
        ? new WeightAverage(model.parameters, averageDecay)
        : undefined,
    };
    this.#rate = learningRateSchedule({
      kind: config.schedule,
      peak: config.learningRate,
      warmupSteps: config.warmupSteps,
      steps: config.steps,
      minShare: config.minLearningRateShare,
      decayShare: config.decayShare,
    });
  }

  get step(): number {
    return this.#step;
  }

  get isDone(): boolean {
    return this.#step >= this.#options.config.steps;
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

  /** One step. */
  async advance(): Promise<StepRecord> {
    const { model, config, batches, folder } = this.#options;
    const { optimizer, average } = this.#training;
    const begun = performance.now();
    const step = this.#step + 1;
    const learningRate = this.#rate(this.#step);
    const taken: TokenBatch[] = [];
    let loss = 0;
    for (let micro = 0; micro < config.accumulation; micro++) {
      const batch = batches.next();
      taken.push(batch);
      loss += await microStep(model, batch, config) / config.accumulation;
    }
    const { vocabSize } = model.config;
    if (isDiverged(loss, this.#step, { config, vocabSize })) {
      optimizer.clearGradients();
      await giveUp({ step, loss, learningRate }, taken, folder);
    }
    optimizer.update(learningRate);
    optimizer.clearGradients();
    average?.update(this.#step);
    const gradientNorm = await optimizer.gradientNorm.item();
    if (!Number.isFinite(gradientNorm)) {
      await giveUp({ step, loss, learningRate, gradientNorm }, taken, folder);
    }
    this.#step = step;
    const seconds = (performance.now() - begun) / 1000;
    const tokensPerSecond = config.tokensPerStep / seconds;
    return {
      kind: "step",
      step,
      tokens: step * config.tokensPerStep,
      loss,
      learningRate,
      gradientNorm,
      seconds: this.#seconds,
      tokensPerSecond,
      flopsPerSecond: tokensPerSecond *
        trainingFlopsPerToken(model.config, config.contextLength),
      peakBytes: model.device.memory().peakBytes,
      ...this.#energy,
    };
  }

  /** Does something with the averaged weights in place, where there are such. */
  async #averaged<R>(work: () => Promise<R>): Promise<R> {
    const { average } = this.#training;
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
  async evaluate(heldOut: TokenArray): Promise<EvaluationRecord> {
    const { model, config } = this.#options;
    const measure = () =>
      heldOutLoss(model, heldOut, {
        batchSize: config.batchSize,
        contextLength: config.contextLength,
        maxTokens: config.evaluationTokens,
      });
    const { tokens, ownJoules, ...losses } = await this.#metered(() =>
      this.#averaged(measure)
    );
    return {
      kind: "evaluation",
      step: this.#step,
      tokens: this.#step * config.tokensPerStep,
      loss: losses.loss,
      perplexity: losses.perplexity,
      evaluatedTokens: tokens,
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

  /** A checkpoint of this moment. */
  async save(folder: string): Promise<CheckpointRecord> {
    const { config, batches } = this.#options;
    return await this.#metered(async () => ({
      kind: "checkpoint",
      step: this.#step,
      path: await saveCheckpoint(join(folder, "checkpoints"), {
        ...this.#training,
        state: {
          step: this.#step,
          position: batches.position,
          seconds: this.#seconds,
          ...this.#energy,
        },
        keep: config.keepCheckpoints,
        keepEvery: config.keepEvery,
      }),
    }));
  }

  [Symbol.dispose](): void {
    this.#training.optimizer[Symbol.dispose]();
    this.#training.average?.[Symbol.dispose]();
  }
}

/**
 * Trains a model and yields what happens.
 *
 * @throws {InterruptedError} when `signal` stops it; the model stays as it is
 * @throws {DataError} when the loss runs away or is not finite, or the folder
 * holds another run
 */
export async function* train(
  options: TrainOptions,
): AsyncGenerator<TrainRecord, void> {
  const { config, heldOut, folder, signal, sampler } = options;
  using run = new Run(options);
  const resumed = await run.begin();
  const log = async <R extends TrainRecord>(record: R): Promise<R> => {
    if (folder) await logRecord(join(folder, "log.jsonl"), record);
    return record;
  };
  const isDue = (every: number) => run.step % every === 0 || run.isDone;
  if (resumed) yield await log(resumed);
  let savedAt = run.step;
  const save = async (into: string) => {
    savedAt = run.step;
    return await log(await run.save(into));
  };
  while (!run.isDone) {
    if (signal?.aborted) {
      if (folder && savedAt !== run.step) yield await save(folder);
      throw new InterruptedError(
        `Stopped after step ${run.step} of ${config.steps}`,
      );
    }
    yield await log(await run.advance());
    await nextTurn();
    if (heldOut && isDue(config.evaluateEvery)) {
      yield await log(await run.evaluate(heldOut));
    }
    if (sampler && isDue(config.sampleEvery)) {
      yield await log(await run.sample(sampler));
    }
    if (folder && isDue(config.checkpointEvery)) yield await save(folder);
  }
  run.finish();
}
