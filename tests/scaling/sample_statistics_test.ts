/** Sample statistics against NumPy 1.24 on the same eight numbers. */
import assert from "node:assert/strict";
import {
  correlationMatrix,
  covarianceMatrix,
  deviationOf,
  meanOf,
  quantileOf,
} from "../../lib/scaling/sample_statistics.ts";
import { assertClose } from "../support/assert_close.ts";

const sample = [3, 1, 4, 1, 5, 9, 2, 6];

Deno.test("meanOf() and deviationOf() agree with NumPy", () => {
  assertClose(meanOf(sample), 3.875, { rtol: 1e-15 });
  assertClose(deviationOf(sample), 2.748376143938713, { rtol: 1e-15 });
});

Deno.test("quantileOf() lies between neighbours as in NumPy", () => {
  const shares = [0.025, 0.5, 0.9, 0, 1];
  assertClose(
    shares.map((share) => quantileOf(sample, share)),
    [1, 3.5, 6.9, 1, 9],
    { rtol: 1e-15 },
  );
  assert.deepEqual(sample.slice(0, 3), [3, 1, 4]); // not sorted in place
});

Deno.test("correlationMatrix() is one on the diagonal and symmetric", () => {
  const samples = [sample, sample.toReversed()];
  const [first, second] = correlationMatrix(samples);
  assertClose([first![0]!, second![1]!], [1, 1], { rtol: 1e-15 });
  assertClose(first![1]!, 0.03546099290780142, { rtol: 1e-14 });
  assert.equal(first![1], second![0]);
});

Deno.test("covarianceMatrix() has variances on the diagonal", () => {
  const [[variance]] = covarianceMatrix([sample]) as [[number]];
  assertClose(variance, deviationOf(sample) ** 2, { rtol: 1e-15 });
});
