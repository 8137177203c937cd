/**
 * Metrics over the records of a task, and what a task came to by them.
 *
 * @module
 */
import { type Estimate, estimateMean } from "./choice_metrics.ts";
import { bootstrapError } from "./label_metrics.ts";

/** A metric of records; `isMean` where it is a mean over them. */
export interface RecordMetric<T, Name extends string = string> {
  readonly name: Name;
  readonly isMean: boolean;
  readonly isHigherBetter: boolean;
  readonly of: (records: readonly T[]) => number;
}

/**
 * A score with its standard error: in closed form for a mean, else by the
 * bootstrap (1,000 draws); NaN for a single record.
 */
export function estimateMetric<T>(
  { isMean, of }: RecordMetric<T>,
  records: readonly T[],
): Estimate {
  if (isMean) return estimateMean(records.map((record) => of([record])));
  const count = records.length;
  const standardError = count < 2
    ? NaN
    : bootstrapError(count, (at) => of(at.map((i) => records[i]!)));
  return { mean: of(records), standardError, count };
}

/** Scores of some items. */
export interface TaskSummary {
  readonly items: number;
  /** Items whose context was cut from the left. */
  readonly truncated: number;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** Score of answering the same to everything, by metric. */
  readonly floors: Readonly<Record<string, number>>;
}

/** How many records there are, and of how many the context was cut. */
export function countRecords(
  records: readonly { readonly isTruncated: boolean }[],
): Pick<TaskSummary, "items" | "truncated"> {
  const truncated = records.filter(({ isTruncated }) => isTruncated).length;
  return { items: records.length, truncated };
}
