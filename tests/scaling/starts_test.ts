/** The two sets of starts. */
import assert from "node:assert/strict";
import {
  EPOCH_LAW,
  hoffmannStarts,
  type Observation,
  predictLoss,
  scaledStarts,
} from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("hoffmannStarts() is the published grid of 4500", () => {
  const starts = hoffmannStarts();
  assert.equal(starts.length, 4500);
  assert.equal(new Set(starts.map((s) => JSON.stringify(s))).size, 4500);
  const values = (f: (s: typeof starts[0]) => number) =>
    [...new Set(starts.map(f))].map((v) => Number(v.toFixed(9)));
  assert.deepEqual(values((s) => Math.log(s.A)), [0, 5, 10, 15, 20, 25]);
  assert.deepEqual(values((s) => Math.log(s.B)), [0, 5, 10, 15, 20, 25]);
  assert.deepEqual(values((s) => Math.log(s.E)), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(values((s) => s.alpha), [0, 0.5, 1, 1.5, 2]);
  assert.deepEqual(values((s) => s.beta), [0, 0.5, 1, 1.5, 2]);
});

Deno.test("scaledStarts() passes through the middle of the runs", () => {
  const sizes = [1e7, 1e8, 1e9].map((N) => ({ parameters: N, tokens: 1e10 }));
  const runs: Observation[] = sizes.map((size) => ({
    ...size,
    loss: predictLoss(EPOCH_LAW, size),
  }));
  const mean = runs.reduce((sum, run) => sum + run.loss, 0) / runs.length;
  const starts = scaledStarts(runs);
  assert.equal(starts.length, 27);
  for (const start of starts) {
    assertClose(predictLoss(start, sizes[1]!), mean, { rtol: 1e-12 });
    assert.ok(start.E < runs[2]!.loss);
  }
});
