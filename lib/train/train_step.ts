/**
 * A step of training as work for a device: its micro-steps, the update, the
 * average, and a report of a few numbers, which is all that is read back.
 *
 * The launches of a step are the same every time, so a device that can record
 * replays it (device/repeated_work.ts): the program's part of a step falls to a
 * fifth. What changes stands in buffers: tokens, learning rate, loss scale.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { RepeatedWork } from "../device/mod.ts";
import type { Llama } from "../model/mod.ts";
import type { Optimizer, WeightAverage } from "../optim/mod.ts";
import { keep, type Tensor, zeros } from "../tensor/mod.ts";
import type { TokenBatch } from "../text/mod.ts";
import { type BatchTensors, microStep } from "./micro_step.ts";
import { type UpdateReport, updateReport } from "./mixed_precision.ts";
import type { TrainConfig } from "./train_config.ts";

/** What a step tells. */
export interface StepReport extends UpdateReport {
  /** Mean over the tokens of the step, nats. */
  readonly loss: number;
}

/** What a step is made of. */
export interface TrainStepParts {
  readonly model: Llama;
  readonly config: TrainConfig;
  readonly optimizer: Optimizer;
  readonly average?: WeightAverage | undefined;
  /** Whether a step may be replayed; by default that of a Llama as it is. */
  readonly replays?: boolean | undefined;
}

/** The steps of one run; owns what they share. */
export class TrainStep implements Disposable {
  readonly #parts: TrainStepParts;
  /** The loss of the step, a scalar. */
  readonly #total: Tensor;
  /** The loss and the numbers of the update. */
  readonly #report: Tensor;
  /** Batches of the step. */
  #batches: BatchTensors[] = [];
  readonly #work: RepeatedWork;

  constructor(parts: TrainStepParts) {
    this.#parts = parts;
    const { model, model: { device }, optimizer } = parts;
    const { replays = model.launchesAlike } = parts;
    this.#work = new RepeatedWork(device, replays);
    const { size } = optimizer.numbers.values;
    const label = "report of the step";
    this.#total = keep(zeros([], { device, label }));
    this.#report = keep(zeros([1 + size], { device, label }));
  }

  /** Whether the next step will be a replay. */
  get isRecorded(): boolean {
    return this.#work.isRecorded;
  }

  /** Whether the next step takes as long as all that follow. */
  get isWarm(): boolean {
    return this.#work.isWarm;
  }

  /**
   * Gives a step to the device. Gradients that are not finite change nothing.
   *
   * @param batches one for each micro-step
   * @param step number of the step, from 1
   * @returns what the step tells: await it when the device has the next one
   */
  async give(
    batches: readonly TokenBatch[],
    { step, learningRate }: { step: number; learningRate: number },
  ): Promise<{ readonly report: Promise<StepReport> }> {
    const { optimizer, average } = this.#parts;
    this.#write(batches);
    optimizer.begin(learningRate);
    average?.begin(step - 1);
    try {
      const isGiven = this.#isInVocabulary &&
        this.#work.repeat(() => {
          this.#begin();
          this.#batches.forEach((batch) => this.#microStep(batch));
          this.#end();
        });
      if (!isGiven) await this.#launch();
    } finally {
      optimizer.clearGradients(); // those of a step that failed
    }
    return { report: this.#read() };
  }

  /** Gives the memory of what is recorded back; it is made again. */
  release(): void {
    this.#work.release();
  }

  [Symbol.dispose](): void {
    this.release();
    this.#freeBatches();
    this.#total.dispose();
    this.#report.dispose();
  }

  /** Puts the batches where the launches look for them. */
  #write(batches: readonly TokenBatch[]): void {
    const { device } = this.#parts.model;
    const fits = this.#batches.length === batches.length &&
      batches.every(({ B, T, documents }, i) => {
        const { inputs: { shape: [b, t] }, ...of } = this.#batches[i]!;
        return b === B && t === T && !documents === !of.documents;
      });
    if (!fits) {
      this.release();
      this.#freeBatches();
      const make = ({ B, T }: TokenBatch, label: string) =>
        keep(zeros([B, T], { device, dtype: "int32", label }));
      this.#batches = batches.map((batch) => ({
        inputs: make(batch, "inputs"),
        targets: make(batch, "targets"),
        documents: batch.documents && make(batch, "documents"),
      }));
    }
    for (const [i, { inputs, targets, documents }] of batches.entries()) {
      const of = this.#batches[i]!;
      of.inputs.write(inputs);
      of.targets.write(targets);
      if (documents) of.documents?.write(documents);
    }
  }

  #freeBatches(): void {
    for (const { inputs, targets, documents } of this.#batches) {
      for (const x of [inputs, targets, documents]) x?.dispose();
    }
    this.#batches = [];
  }

  /** Of other tokens operators complain, which a replay would not hear. */
  get #isInVocabulary(): boolean {
    const { vocabSize } = this.#parts.model.config;
    return this.#batches.every(({ inputs, targets }) =>
      [inputs, targets].every(({ hostRange }) =>
        hostRange && hostRange.least >= 0 && hostRange.most < vocabSize
      )
    );
  }

  /** Launches a step; between its micro-steps the event loop runs. */
  async #launch(): Promise<void> {
    this.#begin();
    for (const [i, batch] of this.#batches.entries()) {
      if (i > 0) await nextTurn();
      this.#microStep(batch);
    }
    this.#end();
  }

  #begin(): void {
    const { device } = this.#parts.model;
    device.clear(this.#total.bufferFor("TrainStep"));
  }

  #microStep(batch: BatchTensors): void {
    const { model, config, optimizer: { lossScale } } = this.#parts;
    microStep(model, batch, config, { total: this.#total, lossScale });
  }

  #end(): void {
    const { model: { device }, optimizer, average } = this.#parts;
    optimizer.apply();
    optimizer.clearGradients();
    average?.apply(optimizer.numbers);
    const { values } = optimizer.numbers;
    const [total, numbers, report] = [this.#total, values, this.#report]
      .map((x) => x.bufferFor("TrainStep"));
    device.copy(total!, 0, report!, 0, 4);
    device.copy(numbers!, 0, report!, 4, 4 * values.size);
  }

  async #read(): Promise<StepReport> {
    const [loss, ...numbers] = await this.#report.data();
    return { loss: loss!, ...updateReport(this.#parts.optimizer, numbers) };
  }
}
