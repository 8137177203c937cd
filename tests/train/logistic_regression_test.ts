/**
 * The fit against Newton's method on the same objective, written out for two
 * classes and one column: both minimise a strictly convex function, so they
 * agree as far as the slopes are flat (1e-5 over a curvature above 0.01).
 */
import assert from "node:assert/strict";
import { LogisticRegression } from "../../lib/train/mod.ts";
import { DataError, Random } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

/** Difference of the two classes' weights and offsets by Newton's method. */
function newton(xs: number[], ys: number[], freedom: number) {
  // With two classes W₀ = -W₁, so |W|² = (w₁ - w₀)² / 2.
  const shrink = 1 / (2 * freedom * xs.length);
  let [w, b] = [0, 0];
  for (let round = 0; round < 50; round++) {
    let [gw, gb, ww, wb, bb] = [shrink * w, 0, shrink, 0, 0];
    for (const [i, x] of xs.entries()) {
      const p = 1 / (1 + Math.exp(-(w * x + b)));
      const share = 1 / xs.length;
      gw += share * (p - ys[i]!) * x;
      gb += share * (p - ys[i]!);
      ww += share * p * (1 - p) * x * x;
      wb += share * p * (1 - p) * x;
      bb += share * p * (1 - p);
    }
    const determinant = ww * bb - wb * wb;
    w -= (bb * gw - wb * gb) / determinant;
    b -= (ww * gb - wb * gw) / determinant;
  }
  return { w, b };
}

Deno.test("LogisticRegression.fit() finds what Newton's method finds", () => {
  const random = new Random(3, "rows");
  const xs = Array.from({ length: 60 }, () => random.normal());
  const ys = xs.map((x) => +(x + random.normal() > 0.3));
  const rows = xs.map((x) => ({
    columns: Int32Array.of(0),
    values: Float64Array.of(x),
  }));
  for (const freedom of [0.1, 1, 10]) {
    const sizes = { numColumns: 1, numClasses: 2 };
    const options = { freedom, tolerance: 1e-9 };
    const { weights } = LogisticRegression.fit(rows, ys, sizes, options);
    const { w, b } = newton(xs, ys, freedom);
    assert.ok(Math.abs(weights[1]! - weights[0]! - w) < 1e-5, `C ${freedom}`);
    assert.ok(Math.abs(weights[3]! - weights[2]! - b) < 1e-5, `C ${freedom}`);
  }
});

Deno.test("LogisticRegression tells three classes apart", () => {
  const row = (column: number) => ({
    columns: Int32Array.of(column),
    values: Float64Array.of(1),
  });
  const classes = [0, 1, 2, 0, 1, 2];
  const fit = LogisticRegression.fit(classes.map(row), classes, {
    numColumns: 3,
    numClasses: 3,
  });
  for (const k of [0, 1, 2]) {
    const shares = fit.probabilities(row(k));
    assert.equal(shares.indexOf(Math.max(...shares)), k);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-12);
  }
});

Deno.test("LogisticRegression.fit() refuses no rows, and says when it is not done", async () => {
  const sizes = { numColumns: 1, numClasses: 2 };
  await assertFails(
    () => LogisticRegression.fit([], [], sizes),
    DataError,
    /fit 0 rows with 0 classes/,
  );
  const rows = [1, 2].map((x) => ({
    columns: Int32Array.of(0),
    values: Float64Array.of(x),
  }));
  await assertFails(
    () => LogisticRegression.fit(rows, [0, 1], sizes, { maxSteps: 1 }),
    DataError,
    /fit 2 rows in 1 steps/,
  );
});
