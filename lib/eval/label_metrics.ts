/**
 * Metrics of answers that are labels or numbers: accuracy, macro F1, Pearson's
 * correlation, mean squared error, and bootstrap errors for those without a
 * closed form.
 *
 * @module
 */
import { DataError, Random } from "../util/mod.ts";

function checkPairs(gold: ArrayLike<unknown>, given: ArrayLike<unknown>): void {
  if (gold.length === given.length && gold.length > 0) return;
  throw new DataError(
    `Cannot compare ${given.length} answers with ${gold.length} right ones`,
  );
}

/** Share of answers that are right. */
export function accuracy<T>(gold: readonly T[], given: readonly T[]): number {
  checkPairs(gold, given);
  return gold.filter((label, i) => label === given[i]).length / gold.length;
}

/** Right and wrong answers by label: counts[gold][given]. */
export function confusionMatrix<T extends string | number>(
  gold: readonly T[],
  given: readonly T[],
): { readonly labels: readonly T[]; readonly counts: readonly number[][] } {
  checkPairs(gold, given);
  const labels = [...new Set([...gold, ...given])].sort((a, b) =>
    a < b ? -1 : 1
  );
  const at = new Map(labels.map((label, i) => [label, i]));
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  for (const [i, label] of gold.entries()) {
    counts[at.get(label)!]![at.get(given[i]!)!]!++;
  }
  return { labels, counts };
}

/**
 * Mean of the labels' F1, 2 TP / (2 TP + FP + FN). A label that was only given
 * counts too (with 0), as an answer that could not be read does.
 */
export function macroF1<T extends string | number>(
  gold: readonly T[],
  given: readonly T[],
): number {
  const { labels, counts } = confusionMatrix(gold, given);
  const scores = labels.map((_, i) => {
    const right = counts[i]![i]!;
    const wrong = labels.reduce(
      (sum, _, j) => j === i ? sum : sum + counts[i]![j]! + counts[j]![i]!,
      0,
    );
    return 2 * right / (2 * right + wrong);
  });
  return scores.reduce((a, b) => a + b, 0) / scores.length;
}

/** Pearson's correlation; 0 when one side does not vary. */
export function pearson(
  gold: readonly number[],
  given: readonly number[],
): number {
  checkPairs(gold, given);
  const mean = (values: readonly number[]) =>
    values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(gold), mean(given)];
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (const [i, x] of gold.entries()) {
    xy += (x - mx) * (given[i]! - my);
    xx += (x - mx) ** 2;
    yy += (given[i]! - my) ** 2;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

/** Mean squared error. */
export function meanSquaredError(
  gold: readonly number[],
  given: readonly number[],
): number {
  checkPairs(gold, given);
  return gold.reduce((sum, x, i) => sum + (x - given[i]!) ** 2, 0) /
    gold.length;
}

/**
 * Standard error of a metric without a closed form: its standard deviation over
 * resamples of the items with replacement.
 *
 * @param count items
 * @param metric of the items with these indices
 */
export function bootstrapError(
  count: number,
  metric: (indices: readonly number[]) => number,
  { draws = 1000, seed = 0 }: { draws?: number; seed?: number } = {},
): number {
  const random = new Random(seed, "bootstrap");
  const values = Array.from(
    { length: draws },
    () => metric(Array.from({ length: count }, () => random.int(count))),
  );
  const mean = values.reduce((a, b) => a + b, 0) / draws;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return Math.sqrt(squares / (draws - 1));
}
