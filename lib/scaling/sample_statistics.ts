/**
 * Means, spreads and quantiles of samples: what intervals are made of.
 *
 * @module
 */

/** Mean of at least one number. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Covariance of two samples of equal size, over n - 1. */
function covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const meanA = meanOf(a), meanB = meanOf(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / (a.length - 1);
}

/** Standard deviation, over n - 1. */
export function deviationOf(values: ArrayLike<number>): number {
  return Math.sqrt(covariance(values, values));
}

/** Covariances of each pair of samples, all of equal size. */
export function covarianceMatrix(
  samples: readonly ArrayLike<number>[],
): number[][] {
  return samples.map((a) => samples.map((b) => covariance(a, b)));
}

/** Correlations of each pair of samples; 1 on the diagonal. */
export function correlationMatrix(
  samples: readonly ArrayLike<number>[],
): number[][] {
  const matrix = covarianceMatrix(samples);
  return matrix.map((row, i) =>
    row.map((value, j) => value / Math.sqrt(matrix[i]![i]! * matrix[j]![j]!))
  );
}

/**
 * The value below which a share of the samples lies, straight between
 * neighbours (NumPy's default).
 *
 * @param share 0 to 1
 */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const rest = position - below;
  return sorted[below]! * (1 - rest) + sorted[above]! * rest;
}
