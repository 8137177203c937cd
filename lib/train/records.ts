/**
 * What a run tells, as it goes: plain records, one line each in its log.
 *
 * @module
 */
import { readRecords } from "../util/mod.ts";

/** One optimizer update. */
export interface StepRecord {
  readonly kind: "step";
  /** Updates so far. */
  readonly step: number;
  /** Training tokens so far. */
  readonly tokens: number;
  /** Mean loss of the step before its update, nats per token. */
  readonly loss: number;
  readonly learningRate: number;
  /**
   * Global norm of the gradients before clipping; not finite in a step that
   * mixed precision has skipped.
   */
  readonly gradientNorm: number;
  /** What the loss was multiplied by, in mixed precision. */
  readonly lossScale?: number;
  /** Steps so far whose update was skipped, in mixed precision. */
  readonly skippedSteps?: number;
  /** Time of training so far, over all parts of a run that was resumed. */
  readonly seconds: number;
  /** Rate of this step. */
  readonly tokensPerSecond: number;
  /**
   * What the model computed in that time, without what is computed again. Old
   * logs lack it.
   */
  readonly flopsPerSecond?: number;
  /** The same over the device's peak (MFU), where that is known. */
  readonly utilization?: number;
  /** Most device memory in use since `train` began, bytes; old logs lack it. */
  readonly peakBytes?: number;
  /** Energy so far, when it is metered. */
  readonly energyJoules?: number;
}

/** What something beside the steps used by itself. */
export interface OwnEnergy {
  /** Energy in joules, when it is metered. */
  readonly ownJoules?: number;
}

/** Loss on held-out text. */
export interface EvaluationRecord extends OwnEnergy {
  readonly kind: "evaluation";
  readonly step: number;
  readonly tokens: number;
  /** Nats per token. */
  readonly loss: number;
  readonly perplexity: number;
  /** Where it is known how many bytes a token has. */
  readonly bitsPerByte?: number;
  /** Held-out tokens that were predicted. */
  readonly evaluatedTokens: number;
  readonly seconds: number;
}

/**
 * A checkpoint that is whole on disk. It comes when it is, which may be some
 * steps after its own. Its own energy is that of the pause.
 */
export interface CheckpointRecord extends OwnEnergy {
  readonly kind: "checkpoint";
  /** Updates when it was copied. */
  readonly step: number;
  /** Folder of the checkpoint. */
  readonly path: string;
  /** How long the training stood still for it; old logs lack it. */
  readonly pausedSeconds?: number;
  /** Why the training stood still until it was whole, where it did. */
  readonly inPlace?: string;
}

/** Texts that the model wrote on the way. */
export interface SampleRecord extends OwnEnergy {
  readonly kind: "sample";
  readonly step: number;
  /** What it was given and how it went on. */
  readonly texts: readonly string[];
}

/** A run that goes on from a checkpoint. */
export interface ResumeRecord {
  readonly kind: "resume";
  readonly step: number;
  /** Folder of the checkpoint. */
  readonly path: string;
  /** Newer checkpoints that could not be read, and why. */
  readonly skipped: readonly {
    readonly path: string;
    readonly reason: string;
  }[];
}

/** Anything that a run tells. */
export type TrainRecord =
  | StepRecord
  | EvaluationRecord
  | CheckpointRecord
  | SampleRecord
  | ResumeRecord;

/** JSON has no NaN: the norm of a skipped step is written as null. */
function withNorm(record: TrainRecord): TrainRecord {
  if (record.kind !== "step") return record;
  return { ...record, gradientNorm: record.gradientNorm ?? NaN };
}

/**
 * Reads a log, in the order of the steps: a checkpoint stands behind its own,
 * however late it was told. A run that was resumed has told some steps twice:
 * what came after the checkpoint counts.
 *
 * @throws {DataError} when there is no log
 * @throws {FormatError} when a line is damaged
 */
export async function readLog(path: string): Promise<TrainRecord[]> {
  let records: TrainRecord[] = [];
  let newest = -1;
  for (const record of await readRecords<TrainRecord>(path)) {
    const first = record.kind === "step"
      ? record.step
      : record.kind === "resume"
      ? record.step + 1
      : Infinity;
    if (newest >= first) records = records.filter(({ step }) => step < first);
    newest = Math.max(Math.min(newest, first - 1), record.step);
    records.push(withNorm(record));
  }
  return records.sort((a, b) => a.step - b.step); // of one step: as they came
}
