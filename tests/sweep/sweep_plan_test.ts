/** Sweeps: what is filled in, what is refused, and the runs that follow. */
import assert from "node:assert/strict";
import {
  planSweep,
  predictSweep,
  resolveSweep,
  type SweepMeasurement,
  type SweepSpec,
} from "../../lib/sweep/mod.ts";
import { TINY_SWEEP } from "./tiny.ts";

Deno.test("planSweep() makes a dozen runs by default", () => {
  const runs = planSweep(resolveSweep());
  assert.equal(runs.length, 12);
  assert.equal(new Set(runs.map(({ id }) => id)).size, 12);
  assert.deepEqual([...new Set(runs.map(({ width }) => width))], [
    32,
    64,
    96,
  ]);
});

Deno.test("planSweep() derives shapes whose parameters count by hand", () => {
  const [run] = planSweep(resolveSweep({ ...TINY_SWEEP, depths: [2] }));
  // Width 64: four attention matrices, three of 64 x 8 ceil(64 / 3) = 176.
  const block = 4 * 64 * 64 + 3 * 64 * 176;
  const nonEmbedding = 2 * block + (2 * 2 + 1) * 64;
  assert.equal(run!.nonEmbedding, nonEmbedding);
  assert.equal(run!.parameters, nonEmbedding + 2 * 400 * 64);
  assert.equal(run!.model.numAttentionHeads, 2);
  assert.equal(run!.id, "d2-w64-t2048-r0.0035-s0");
  // 0.01 at 1024 tokens a step, times the root of 128 / 1024.
  assert.equal(run!.learningRate, 0.0035);
  // 2048 tokens are 16 steps of 4 x 32.
  assert.deepEqual([run!.train.steps, run!.tokens], [16, 2048]);
});

Deno.test("planSweep() spends each budget on every size", () => {
  const budgets = [1e9, 4e9];
  const { tokens: _, ...rest } = TINY_SWEEP;
  const runs = planSweep(resolveSweep({ ...rest, budgets }));
  assert.equal(runs.length, 4);
  for (const [i, { parameters, tokens, train }] of runs.entries()) {
    const spent = 6 * parameters * tokens;
    const step = 6 * parameters * train.tokensPerStep;
    // D is rounded up to whole steps.
    assert.ok(spent >= budgets[i % 2]! - 3 * parameters, `${i}: ${spent}`);
    assert.ok(spent < budgets[i % 2]! + step, `${i}: ${spent}`);
  }
});

Deno.test("planSweep() takes widths, rates, seeds and tokens per parameter", () => {
  const runs = planSweep(resolveSweep({
    depths: [2],
    widths: [32, 64],
    tokensPerParameter: [2],
    learningRates: [1e-3, 1e-2],
    seeds: [0, 7],
  }));
  assert.equal(runs.length, 8);
  assert.deepEqual([...new Set(runs.map(({ depth }) => depth))], [2]);
  for (const { parameters, tokens, train } of runs) {
    assert.ok(tokens >= 2 * parameters);
    assert.ok(tokens < 2 * parameters + train.tokensPerStep);
  }
  assert.deepEqual(
    [
      ...new Set(
        runs.map(({ seed, learningRate }) => `${learningRate} ${seed}`),
      ),
    ],
    ["0.001 0", "0.001 7", "0.01 0", "0.01 7"],
  );
});

Deno.test("resolveSweep() refuses what makes no sense, naming the field", () => {
  const cases: [object, RegExp][] = [
    [{ depth: [1] }, /field "depth": near names are depths/],
    [{ xyzzy: [1] }, /"xyzzy": no name is near; there are depths, tokens, /],
    [{ depths: [] }, /depths \[\]: wanted a list of whole numbers/],
    [{ depths: [0] }, /depths \[0\]/],
    [{ depths: [1, 1] }, /none twice/],
    [{ widths: [64] }, /one depth beside them/],
    [{ depths: [2], widths: [60] }, /widths \[60\]: .* multiples of 32/],
    [{ tokens: [1e5], budgets: [1e12] }, /both tokens and budgets/],
    [{ tokens: ["1x"] }, /tokens \["1x"\]/],
    [{ learningRates: [-1] }, /learningRates \[-1\]/],
    [{ seeds: [0.5] }, /seeds \[0\.5\]/],
    [{ batchSize: 0 }, /batchSize 0/],
    [{ heldOutTokens: 10 }, /heldOutTokens 10: wanted at least a context, 64/],
    [{ corpusSeed: -1 }, /corpusSeed -1/],
    [{ slurmWattsPerRun: 0 }, /slurmWattsPerRun 0: wanted a positive/],
  ];
  for (const [spec, message] of cases) {
    assert.throws(() => resolveSweep(spec as SweepSpec), {
      name: "ConfigError",
      message,
    });
  }
  const tooSmall = resolveSweep({ budgets: [1e3] });
  assert.throws(() => planSweep(tooSmall), /less than one token/);
});

Deno.test("predictSweep() fills the workers in order, each as it is free", () => {
  const runs = planSweep(resolveSweep(TINY_SWEEP));
  const measured: SweepMeasurement = {
    device: "none",
    kind: "cpu",
    startSeconds: 2,
    stepSeconds: { "d1-w32": 0.125, "d2-w64": 0.25 },
    heldOutTokens: 3 * 128,
    residentBytes: 1e8,
  };
  // 16 or 32 steps of 128 tokens and an evaluation worth one step.
  const times = [2 + 17 / 8, 2 + 33 / 8, 2 + 17 / 4, 2 + 33 / 4];
  const alone = predictSweep(runs, measured, 1);
  assert.deepEqual([...alone.runs.values()], times);
  const sum = times.reduce((a, b) => a + b);
  assert.deepEqual([alone.seconds, alone.workSeconds], [sum, sum]);
  assert.equal(alone.trainingSeconds, (16 + 32) / 8 + (16 + 32) / 4);
  // Two workers: 4.1 and 6.1 s, then 10.4 on the first, 16.4 on the second.
  const two = predictSweep(runs, measured, 2);
  assert.equal(two.seconds, times[1]! + times[3]!);
  assert.equal(predictSweep([], measured, 2).seconds, 0);
});
