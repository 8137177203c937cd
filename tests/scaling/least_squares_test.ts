/** Small linear problems against NumPy 1.24 (normal equations, eigvalsh). */
import assert from "node:assert/strict";
import {
  leastSquares,
  symmetricEigen,
} from "../../lib/scaling/least_squares.ts";
import { assertClose } from "../support/assert_close.ts";

const ones = [1, 1, 1, 1, 1, 1];
const columns = [ones, [1, 2, 4, 7, 11, 16], [1, 4, 9, 3, 5, 2]];
const y = [2, 1, 4, 3, 7, 5];

Deno.test("leastSquares() solves a weighted problem as NumPy does", () => {
  const fit = leastSquares(columns, y, [1, 2, 0.5, 1, 3, 1]);
  assertClose(
    fit.coefficients,
    [-0.39493529038954717, 0.38812907018397935, 0.4150692103498641],
    { rtol: 1e-13 },
  );
  assertClose(fit.sumOfSquares, 11.439556906797957, { rtol: 1e-13 });
  assertClose(
    fit.inverse.flat(),
    [
      0.8563988573633022,
      -0.031211250011481517,
      -0.12874870259297713,
      -0.03121125001148151,
      0.004601776414288471,
      -0.0007348145970919663,
      -0.1287487025929771,
      -0.0007348145970919638,
      0.03404947139274923,
    ],
    { rtol: 1e-12 },
  );
});

Deno.test("leastSquares() weighs all rows alike by default", () => {
  const plain = leastSquares(columns, y);
  const weighted = leastSquares(columns, y, ones);
  assert.deepEqual(plain, weighted);
});

Deno.test("leastSquares() meets an exact solution and ignores rows of weight 0", () => {
  const exact = columns[1]!.map((x) => 3 - 2 * x);
  const { coefficients, sumOfSquares } = leastSquares(
    columns.slice(0, 2),
    [...exact.slice(0, 5), 1e6],
    [1, 1, 1, 1, 1, 0],
  );
  assertClose(coefficients, [3, -2], { rtol: 1e-13 });
  assertClose(sumOfSquares, 0, { atol: 1e-20 });
});

Deno.test("leastSquares() gives NaN where columns do not determine a solution", () => {
  const { coefficients } = leastSquares([[0, 0, 0]], [1, 2, 3]);
  assert.deepEqual(coefficients, [NaN]);
});

Deno.test("symmetricEigen() finds values and vectors of a matrix", () => {
  const matrix = [[4, 1, -2], [1, 3, 0.5], [-2, 0.5, 1]];
  const { values, vectors } = symmetricEigen(matrix);
  assertClose(
    values,
    [5.217955775144569, 3.0346541415190385, -0.2526099166636073],
    { rtol: 1e-13 },
  );
  for (const [k, v] of vectors.entries()) {
    const image = matrix.map((row) =>
      row.reduce((sum, m, i) => sum + m * v[i]!, 0)
    );
    assertClose(image, v.map((x) => x * values[k]!), { atol: 1e-13 });
    assertClose(Math.hypot(...v), 1, { rtol: 1e-14 });
  }
});

Deno.test("symmetricEigen() keeps the digits of a badly scaled matrix", () => {
  // [[1, e], [e, 2 e^2]] has eigenvalues near 1 and e^2 for small e.
  const e = 1e-7;
  const { values } = symmetricEigen([[1, e], [e, 2 * e * e]]);
  assertClose(values[1]!, e * e, { rtol: 1e-6 });
});
