/**
 * How a run stands, from its records alone: what the terminal, the notebook
 * and a watcher in another process all show. It takes a record in a
 * microsecond and holds a bounded amount, however long the run.
 *
 * @module
 */
import type {
  CheckpointRecord,
  EvaluationRecord,
  SampleRecord,
  StepRecord,
  TrainRecord,
} from "../train/mod.ts";
import { LossHistory } from "./loss_history.ts";

/** What records do not tell about their run. */
export interface RunFacts {
  readonly name: string;
  /** Updates in all. */
  readonly steps: number;
  /** How energy is known: "cpu modelled, gpu measured". */
  readonly energyLabel?: string | undefined;
}

/** Weight of the past in the smoothed loss: about the last 50 steps count. */
const LOSS_MEMORY = 0.98;
/** The same of the rate: about the last ten steps. */
const RATE_MEMORY = 0.9;
/** Readings of the meter that power is the mean over. */
const POWER_READINGS = 4;

/** A mean that forgets, without the pull of its start (as Adam's moments). */
class FadingMean {
  readonly #memory: number;
  #sum = 0;
  #weight = 0;

  constructor(memory: number) {
    this.#memory = memory;
  }

  add(value: number): void {
    this.#sum = this.#memory * this.#sum + (1 - this.#memory) * value;
    this.#weight = this.#memory * this.#weight + (1 - this.#memory);
  }

  get value(): number {
    return this.#sum / this.#weight;
  }
}

/** A run as its records tell it. */
export class RunStatus {
  /** May be told later than the first record. */
  facts: RunFacts;
  /** Newest of each kind; undefined before there is one. */
  step: StepRecord | undefined;
  evaluation: EvaluationRecord | undefined;
  checkpoint: CheckpointRecord | undefined;
  sample: SampleRecord | undefined;
  /** The evaluation with the lowest loss. */
  best: EvaluationRecord | undefined;
  /** Longest time between two steps so far, in seconds. */
  longestGap = 0;
  readonly #losses = new LossHistory();
  #loss = new FadingMean(LOSS_MEMORY);
  #secondsPerToken = new FadingMean(RATE_MEMORY);
  /** First step of this session: it compiles, so rates count from its end. */
  #begin: StepRecord | undefined;
  /** The newest steps at which the meter said something new. */
  #readings: StepRecord[] = [];

  constructor(facts: RunFacts) {
    this.facts = facts;
  }

  /** Takes the next record. */
  add(record: TrainRecord): void {
    switch (record.kind) {
      case "step":
        return this.#addStep(record);
      case "evaluation":
        this.evaluation = record;
        if (!this.best || record.loss < this.best.loss) this.best = record;
        return;
      case "checkpoint":
        this.checkpoint = record;
        return;
      case "sample":
        this.sample = record;
        return;
      case "resume":
        return this.#goBack(record.step);
    }
  }

  #addStep(record: StepRecord): void {
    const before = this.step;
    if (before && record.step <= before.step) this.#goBack(record.step - 1);
    else if (before && this.#begin) {
      const gap = record.seconds - before.seconds;
      this.longestGap = Math.max(this.longestGap, gap);
    }
    this.#begin ??= record;
    this.step = record;
    if (Number.isFinite(record.loss)) { // JSON makes null of NaN
      this.#losses.add(record.step, record.loss);
      this.#loss.add(record.loss);
    }
    this.#secondsPerToken.add(1 / record.tokensPerSecond);
    const { energyJoules } = record;
    const isNew = energyJoules !== undefined &&
      energyJoules !== this.#readings.at(-1)?.energyJoules;
    if (!isNew) return;
    this.#readings.push(record);
    if (this.#readings.length > POWER_READINGS + 1) this.#readings.shift();
  }

  /** A session begins after `step`: what came later counts no more. */
  #goBack(step: number): void {
    this.#losses.rewind(step);
    if ((this.evaluation?.step ?? 0) > step) this.evaluation = undefined;
    if ((this.best?.step ?? 0) > step) this.best = this.evaluation;
    this.#begin = undefined;
    this.#readings = [];
    this.#loss = new FadingMean(LOSS_MEMORY);
    this.#secondsPerToken = new FadingMean(RATE_MEMORY);
  }

  /** Share of the steps that are done, 0 to 1. */
  get share(): number {
    return Math.min(1, (this.step?.step ?? 0) / this.facts.steps);
  }

  /** Whether the last step is done. */
  get isComplete(): boolean {
    return (this.step?.step ?? 0) >= this.facts.steps;
  }

  /**
   * Seconds that are left at the pace of this session, evaluations and
   * checkpoints among them; undefined before its second step.
   */
  get secondsLeft(): number | undefined {
    const { step } = this;
    const begin = this.#begin;
    if (!step || !begin || step.step === begin.step) return undefined;
    const perStep = (step.seconds - begin.seconds) / (step.step - begin.step);
    return Math.max(0, this.facts.steps - step.step) * perStep;
  }

  /** Loss of about the last 50 steps of a session; undefined before any. */
  get smoothedLoss(): number | undefined {
    const { value } = this.#loss;
    return this.step && Number.isFinite(value) ? value : undefined;
  }

  /** Losses of the whole run, at most 512 means. */
  get losses(): number[] {
    return this.#losses.means();
  }

  /** Rate of about the last ten steps; undefined before the first. */
  get tokensPerSecond(): number | undefined {
    return this.step && 1 / this.#secondsPerToken.value;
  }

  /** The same in FLOP/s; undefined where records do not tell. */
  get flopsPerSecond(): number | undefined {
    const { step, tokensPerSecond } = this;
    if (!step?.flopsPerSecond || !tokensPerSecond) return undefined;
    return tokensPerSecond * step.flopsPerSecond / step.tokensPerSecond;
  }

  /** The same over the device's peak (MFU). */
  get utilization(): number | undefined {
    const { step, flopsPerSecond } = this;
    if (!step?.utilization || !flopsPerSecond) return undefined;
    return flopsPerSecond * step.utilization / step.flopsPerSecond!;
  }

  /** Watts over the last readings; undefined before two of them. */
  get watts(): number | undefined {
    const first = this.#readings.at(0), last = this.#readings.at(-1);
    if (!first || !last || first === last) return undefined;
    const seconds = last.seconds - first.seconds;
    if (seconds <= 0) return undefined;
    return (last.energyJoules! - first.energyJoules!) / seconds;
  }
}
