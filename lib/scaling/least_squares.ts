/**
 * Small dense problems: linear least squares by Householder's reflections and
 * the eigenvalues of a symmetric matrix by Jacobi's rotations (Golub and Van
 * Loan, "Matrix Computations", 2013, sections 5.3 and 8.5). Made for up to ten
 * unknowns, where a plain loop is both the shortest and the most exact.
 *
 * @module
 */

/** Solution of a linear least-squares problem. */
export interface LinearFit {
  /** One for each column; NaN where the columns do not determine it. */
  readonly coefficients: readonly number[];
  /** Sum of squared residuals, weighted. */
  readonly sumOfSquares: number;
  /**
   * Inverse of X'X, unknowns x unknowns: times the variance of one residual it
   * is the covariance of the coefficients.
   */
  readonly inverse: readonly (readonly number[])[];
}

/**
 * Coefficients c that minimize sum_i w_i (y_i - sum_j c_j column_j[i])^2.
 *
 * @param columns one array for each unknown, all of the length of `y`
 * @param weights w_i, not negative (default 1)
 */
export function leastSquares(
  columns: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): LinearFit {
  const numRows = y.length, numUnknowns = columns.length;
  const root = (i: number) => weights ? Math.sqrt(weights[i]!) : 1;
  const X = columns.map((column) =>
    Float64Array.from(column, (value, i) => value * root(i))
  );
  const right = Float64Array.from(y, (value, i) => value * root(i));
  const R = columns.map(() => new Float64Array(numUnknowns));
  for (let k = 0; k < numUnknowns; k++) {
    // The reflection that leaves only the first element of column k below k.
    const v = X[k]!.slice(k);
    const norm = Math.hypot(...v);
    const head = v[0]! > 0 ? -norm : norm;
    v[0]! -= head;
    const size = v.reduce((sum, value) => sum + value * value, 0);
    const reflect = (target: Float64Array) => {
      if (size === 0) return;
      let along = 0;
      for (let i = k; i < numRows; i++) along += v[i - k]! * target[i]!;
      const step = 2 * along / size;
      for (let i = k; i < numRows; i++) target[i]! -= step * v[i - k]!;
    };
    for (let j = k; j < numUnknowns; j++) {
      reflect(X[j]!);
      R[k]![j] = X[j]![k]!;
    }
    reflect(right);
  }
  const inverseR = columns.map((_, j) => {
    const e = new Float64Array(numUnknowns);
    e[j] = 1;
    return backSubstitute(R, e);
  });
  const rest = right.slice(numUnknowns);
  return {
    coefficients: [...backSubstitute(R, right)],
    sumOfSquares: rest.reduce((sum, value) => sum + value * value, 0),
    // inverseR[k] is column k of R^-1, and (X'X)^-1 = R^-1 R^-T.
    inverse: columns.map((_, i) =>
      columns.map((_, j) =>
        inverseR.reduce((sum, column) => sum + column[i]! * column[j]!, 0)
      )
    ),
  };
}

/** Solves R x = right for an upper triangle R; uses the head of `right`. */
function backSubstitute(
  R: readonly Float64Array[],
  right: Float64Array,
): Float64Array {
  const x = new Float64Array(R.length);
  for (let i = R.length - 1; i >= 0; i--) {
    let rest = right[i]!;
    for (let j = i + 1; j < R.length; j++) rest -= R[i]![j]! * x[j]!;
    x[i] = rest / R[i]![i]!;
    if (!Number.isFinite(x[i]!)) x[i] = NaN;
  }
  return x;
}

/** Eigenvalues of a symmetric matrix, largest first, with their vectors. */
export interface Eigen {
  readonly values: readonly number[];
  /** vectors[k] has length 1 and belongs to values[k]. */
  readonly vectors: readonly (readonly number[])[];
}

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): Eigen {
  const size = matrix.length;
  const M = matrix.map((row) => [...row]);
  const V = M.map((_, i) => M.map((_, j) => Number(i === j))); // rows: vectors
  const numSweeps = 60; // ten are enough; the bound is against NaN
  for (let sweep = 0; sweep < numSweeps; sweep++) {
    let isDone = true;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = M[p]![q]!;
        const scale = Math.sqrt(Math.abs(M[p]![p]! * M[q]![q]!));
        if (!(Math.abs(off) > 1e-16 * scale)) continue;
        isDone = false;
        const theta = (M[q]![q]! - M[p]![p]!) / (2 * off);
        const sign = theta < 0 ? -1 : 1;
        const t = sign / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1), s = t * c;
        for (const row of M) rotate(row, p, q, c, s);
        rotateRows(M, p, q, c, s);
        rotateRows(V, p, q, c, s);
      }
    }
    if (isDone) break;
  }
  const order = [...M.keys()].sort((a, b) => M[b]![b]! - M[a]![a]!);
  return {
    values: order.map((k) => M[k]![k]!),
    vectors: order.map((k) => V[k]!),
  };
}

function rotate(row: number[], p: number, q: number, c: number, s: number) {
  const a = row[p]!, b = row[q]!;
  row[p] = c * a - s * b;
  row[q] = s * a + c * b;
}

function rotateRows(M: number[][], p: number, q: number, c: number, s: number) {
  const P = M[p]!, Q = M[q]!;
  M[p] = P.map((a, i) => c * a - s * Q[i]!);
  M[q] = P.map((a, i) => s * a + c * Q[i]!);
}
