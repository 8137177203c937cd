/**
 * What a run tells, as it goes: plain records, one line each in its log.
 *
 * @module
 */
import { appendRecord, readRecords } from "../util/mod.ts";

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
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number;
  /** Time of training so far, over all parts of a run that was resumed. */
  readonly seconds: number;
  /** Rate of this step. */
  readonly tokensPerSecond: number;
  /**
   * What the model computed in that time, without what is computed again; over
   * the machine's peak it is the utilization (MFU). Old logs lack it.
   */
  readonly flopsPerSecond?: number;
  /** Most device memory in use so far, bytes; old logs lack it. */
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
  /** Held-out tokens that were predicted. */
  readonly evaluatedTokens: number;
  readonly seconds: number;
}

/** A checkpoint that is whole on disk. */
export interface CheckpointRecord extends OwnEnergy {
  readonly kind: "checkpoint";
  readonly step: number;
  /** Folder of the checkpoint. */
  readonly path: string;
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

/** Appends a record to a log. */
export function logRecord(path: string, record: TrainRecord): Promise<void> {
  return appendRecord(path, record);
}

/**
 * Reads a log. A run that was resumed has told some steps twice: what came
 * after the checkpoint counts.
 *
 * @throws {DataError} when there is no log
 * @throws {FormatError} when a line is damaged
 */
export async function readLog(path: string): Promise<TrainRecord[]> {
  const records: TrainRecord[] = [];
  for (const record of await readRecords<TrainRecord>(path)) {
    const first = record.kind === "step"
      ? record.step
      : record.kind === "resume"
      ? record.step + 1
      : Infinity;
    while ((records.at(-1)?.step ?? -1) >= first) records.pop();
    records.push(record);
  }
  return records;
}
