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
import type { Llama } from "../model/mod.ts";
import { AdamW, warmupCosine } from "../optim/mod.ts";
import { backward, mul, scoped, tensor } from "../tensor/mod.ts";
import type { TokenArray, TokenBatch, TokenBatches } from "../text/mod.ts";
import { DataError, InterruptedError, writeFileAtomic } from "../util/mod.ts";
import {
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
import {
  type CheckpointRecord,
  type EvaluationRecord,
  logRecord,
  type StepRecord,
  type TrainRecord,
} from "./records.ts";
import type { TrainConfig } from "./train_config.ts";

/** What is trained on what, and where it is written. */
export interface TrainOptions {
  readonly model: Llama;
  /** Batches of (B, T) as the configuration says. */
  readonly batches: TokenBatches;
  readonly config: TrainConfig;
  /** Held-out tokens; without them nothing is evaluated. */
  readonly heldOut?: TokenArray;
  /**
   * Folder of the run: `config.json`, `log.jsonl` and `checkpoints/`. Without
   * it nothing is written.
   */
  readonly folder?: string;
  /** Goes on from the newest checkpoint in the folder, if there is one. */
  readonly resume?: boolean;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal?: AbortSignal;
  /**
   * Joules since this call, for the records; those of the checkpoint that it
   * goes on from are added.
   */
  readonly energyJoules?: () => number | undefined;
}

/** JSON has no Infinity and would write null: a clip that is off would be lost. */
function spellInfinity(_name: string, value: unknown): unknown {
  return value === Infinity ? "Infinity" : value;
}

/** A run while it goes. */
class Run implements Disposable {
  readonly optimizer: AdamW;
  readonly #options: TrainOptions;
  readonly #rate: (step: number) => number;
  #step = 0;
  #secondsBefore = 0;
  #joulesBefore = 0;
  #started = performance.now();

  constructor(options: TrainOptions) {
    this.#options = options;
    const { config, model } = options;
    this.optimizer = new AdamW(model.parameters, {
      beta1: config.beta1,
      beta2: config.beta2,
      eps: config.adamEps,
      weightDecay: config.weightDecay,
      clip: config.clip,
    });
    this.#rate = warmupCosine({
      peak: config.learningRate,
      warmupSteps: config.warmupSteps,
      steps: config.steps,
      minShare: config.minLearningRateShare,
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

  /** Restores the newest checkpoint, or starts a folder of its own. */
  async begin(): Promise<void> {
    const { folder, resume, model, batches, config } = this.#options;
    if (!folder) return;
    const newest = (await listCheckpoints(join(folder, "checkpoints"))).at(-1);
    if (newest && !resume) {
      throw new DataError(
        `Cannot start a run in ${folder}: it holds a run up to ${newest}; ` +
          "resume it or choose another folder",
      );
    }
    if (newest) {
      const state = await loadCheckpoint(newest, model, this.optimizer);
      this.#step = state.step;
      this.#secondsBefore = state.seconds;
      this.#joulesBefore = state.energyJoules ?? 0;
      batches.position = state.position;
    }
    await writeFileAtomic(
      join(folder, "config.json"),
      JSON.stringify({ train: config, model: model.config }, spellInfinity, 2) +
        "\n",
    );
    this.#started = performance.now();
  }

  /** Loss and gradients of one micro-step, weighted by 1 / accumulation. */
  #microStep({ inputs, targets, B, T }: TokenBatch): Promise<number> {
    const { model, config } = this.#options;
    const { device } = model;
    return scoped(() => {
      const of = (ids: Int32Array) =>
        tensor(ids as Int32Array<ArrayBuffer>, { shape: [B, T], device });
      const loss = model.loss(of(inputs), of(targets));
      const { accumulation } = config;
      backward(accumulation === 1 ? loss : mul(loss, 1 / accumulation));
      return loss.item();
    }, `step ${this.#step + 1}`);
  }

  /** One step. */
  async advance(): Promise<StepRecord> {
    const { config, batches, folder } = this.#options;
    const begun = performance.now();
    const learningRate = this.#rate(this.#step);
    let loss = 0;
    for (let micro = 0; micro < config.accumulation; micro++) {
      loss += await this.#microStep(batches.next()) / config.accumulation;
    }
    if (!Number.isFinite(loss)) {
      this.optimizer.clearGradients();
      throw new DataError(
        `Cannot train on: the loss of step ${this.#step + 1} is ${loss}, ` +
          `with a learning rate of ${learningRate}` +
          (folder ? `; ${folder} holds the last checkpoint` : ""),
      );
    }
    this.optimizer.update(learningRate);
    this.optimizer.clearGradients();
    const gradientNorm = await this.optimizer.gradientNorm.item();
    this.#step++;
    const seconds = (performance.now() - begun) / 1000;
    return {
      kind: "step",
      step: this.#step,
      tokens: this.#step * config.tokensPerStep,
      loss,
      learningRate,
      gradientNorm,
      seconds: this.#seconds,
      tokensPerSecond: config.tokensPerStep / seconds,
      ...this.#energy,
    };
  }

  /** Loss on the held-out tokens. */
  async evaluate(heldOut: TokenArray): Promise<EvaluationRecord> {
    const { model, config } = this.#options;
    const { loss, perplexity, tokens } = await heldOutLoss(model, heldOut, {
      batchSize: config.batchSize,
      contextLength: config.contextLength,
      maxTokens: config.evaluationTokens,
    });
    return {
      kind: "evaluation",
      step: this.#step,
      tokens: this.#step * config.tokensPerStep,
      loss,
      perplexity,
      evaluatedTokens: tokens,
      seconds: this.#seconds,
    };
  }

  /** A checkpoint of this moment. */
  async save(folder: string): Promise<CheckpointRecord> {
    const { model, config, batches } = this.#options;
    const path = await saveCheckpoint(join(folder, "checkpoints"), {
      model,
      optimizer: this.optimizer,
      state: {
        step: this.#step,
        position: batches.position,
        seconds: this.#seconds,
        ...this.#energy,
      },
      keep: config.keepCheckpoints,
    });
    return { kind: "checkpoint", step: this.#step, path };
  }

  [Symbol.dispose](): void {
    this.optimizer[Symbol.dispose]();
  }
}

/**
 * Trains a model and yields what happens.
 *
 * @throws {InterruptedError} when `signal` stops it; the model stays as it is
 * @throws {DataError} when the loss is not finite, or the folder holds another
 * run
 */
export async function* train(
  options: TrainOptions,
): AsyncGenerator<TrainRecord, void> {
  const { config, heldOut, folder, signal } = options;
  using run = new Run(options);
  await run.begin();
  const log = async <R extends TrainRecord>(record: R): Promise<R> => {
    if (folder) await logRecord(join(folder, "log.jsonl"), record);
    return record;
  };
  const isDue = (every: number) => run.step % every === 0 || run.isDone;
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
    if (folder && isDue(config.checkpointEvery)) yield await save(folder);
  }
}
