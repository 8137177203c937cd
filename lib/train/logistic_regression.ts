/**
 * Logistic regression with several classes on sparse rows:
 *
 *     minimise  mean cross-entropy(W x + b)  +  |W|² / (2 C n)
 *
 * (scikit-learn's C; the offsets b are free), by Nesterov's accelerated
 * gradient descent with restarts (O'Donoghue and Candès, 2015, arXiv
 * 1204.3982). The problem is convex and smooth, so a step of 1 / L is safe with
 * L = (largest |x|² + 1) / 2 + 1 / (C n).
 *
 * @module
 */
import type { SparseRow } from "../text/mod.ts";
import { DataError, softmaxOf } from "../util/mod.ts";

/** How the fit goes. */
export interface LogisticOptions {
  /** C: the larger, the freer the weights; 1. */
  readonly freedom?: number;
  /** Ends when no slope is steeper; 1e-5. */
  readonly tolerance?: number;
  /** Most steps, 2000. */
  readonly maxSteps?: number;
}

/** A fitted classifier of sparse rows. */
export class LogisticRegression {
  readonly numClasses: number;
  readonly numColumns: number;
  /** (columns + 1, classes), row-major; the last row holds the offsets. */
  readonly weights: Float64Array;

  private constructor(
    numColumns: number,
    numClasses: number,
    weights: Float64Array,
  ) {
    this.numColumns = numColumns;
    this.numClasses = numClasses;
    this.weights = weights;
  }

  /**
   * Fits rows with classes 0..numClasses-1.
   *
   * @throws {DataError} when there are no rows, not as many classes, or the
   * steps do not suffice
   */
  static fit(
    rows: readonly SparseRow[],
    classes: readonly number[],
    sizes: { readonly numColumns: number; readonly numClasses: number },
    { freedom = 1, tolerance = 1e-5, maxSteps = 2000 }: LogisticOptions = {},
  ): LogisticRegression {
    const n = rows.length;
    if (n === 0 || classes.length !== n) {
      throw new DataError(
        `Cannot fit ${n} rows with ${classes.length} classes`,
      );
    }
    const { numColumns, numClasses: K } = sizes;
    const shrink = 1 / (freedom * n);
    const squares = rows.map(({ values }) =>
      values.reduce((sum, x) => sum + x * x, 0)
    );
    const step = 1 / ((Math.max(...squares) + 1) / 2 + shrink);
    const size = (numColumns + 1) * K;
    let weights = new Float64Array(size);
    let ahead = weights.slice();
    let momentum = 1;
    for (let round = 0; round < maxSteps; round++) {
      const model = new LogisticRegression(numColumns, K, ahead);
      const slope = model.#slope(rows, classes, shrink);
      if (slope.every((x) => Math.abs(x) <= tolerance)) return model;
      const next = ahead.map((x, i) => x - step * slope[i]!);
      // A step against the slope has overshot: the momentum starts anew.
      let uphill = 0;
      for (let i = 0; i < size; i++) {
        uphill += slope[i]! * (next[i]! - weights[i]!);
      }
      if (uphill > 0) momentum = 1;
      const grown = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      const share = (momentum - 1) / grown;
      ahead = next.map((x, i) => x + share * (x - weights[i]!));
      weights = next;
      momentum = grown;
    }
    throw new DataError(
      `Cannot fit ${n} rows in ${maxSteps} steps to a slope of ${tolerance}`,
    );
  }

  /** Probabilities of the classes. */
  probabilities({ columns, values }: SparseRow): Float64Array {
    const { numClasses: K, numColumns, weights } = this;
    const scores = weights.slice(numColumns * K);
    for (const [i, column] of columns.entries()) {
      for (let k = 0; k < K; k++) {
        scores[k]! += values[i]! * weights[column * K + k]!;
      }
    }
    return softmaxOf(scores);
  }

  /** Gradient of what is minimised, in the layout of the weights. */
  #slope(
    rows: readonly SparseRow[],
    classes: readonly number[],
    shrink: number,
  ): Float64Array {
    const { numClasses: K, numColumns } = this;
    const slope = this.weights.map((x, i) =>
      i < numColumns * K ? shrink * x : 0
    );
    for (const [r, row] of rows.entries()) {
      const wrong = this.probabilities(row);
      wrong[classes[r]!]! -= 1;
      for (let k = 0; k < K; k++) {
        const share = wrong[k]! / rows.length;
        for (const [i, column] of row.columns.entries()) {
          slope[column * K + k]! += share * row.values[i]!;
        }
        slope[numColumns * K + k]! += share;
      }
    }
    return slope;
  }
}
