/** The figure of a run: what is drawn where, and that long runs stay light. */
import assert from "node:assert/strict";
import { plotRuns, plotTraining } from "../../lib/plots/mod.ts";
import type { TrainRecord } from "../../lib/train/mod.ts";

const step = (n: number): TrainRecord => ({
  kind: "step",
  step: n,
  tokens: n * 10,
  loss: 5 - n / 1000,
  learningRate: 1e-3,
  gradientNorm: 1,
  seconds: n,
  tokensPerSecond: 10,
});
const evaluation = (n: number): TrainRecord => ({
  kind: "evaluation",
  step: n,
  tokens: n * 10,
  loss: 4,
  perplexity: Math.exp(4),
  evaluatedTokens: 100,
  seconds: n,
});

Deno.test("plotTraining() draws steps, evaluations and bars", () => {
  const records = [step(1), step(2), evaluation(2), step(3)];
  const { data } = plotTraining(records, { bars: { bigram: 2.5 } });
  assert.deepEqual(data.map((trace) => trace.name), [
    "training",
    "held out",
    "bigram",
  ]);
  assert.deepEqual(data[0]!.x, [10, 20, 30]);
  assert.deepEqual(data[1]!.x, [20]);
  assert.deepEqual(data[2]!.x, [0, 30]);
  assert.deepEqual(data[2]!.y, [2.5, 2.5]);
});

Deno.test("plotTraining() averages the steps of a long run", () => {
  const records = Array.from({ length: 1000 }, (_, i) => step(i + 1));
  const [training] = plotTraining(records).data;
  const y = training!.y as number[];
  assert.equal(y.length, 334);
  // Steps 1 to 3: losses 4.999, 4.998, 4.997.
  assert.ok(Math.abs(y[0]! - 4.998) < 1e-12);
  assert.equal(training!.name, "training, mean of 3 steps");
});

Deno.test("plotTraining() of nothing is an empty figure", () => {
  assert.deepEqual(plotTraining([]).data.map((trace) => trace.x), [[], []]);
});

Deno.test("plotRuns() draws each run in its own colour, held out above training", () => {
  const { data } = plotRuns({
    a: [step(1), step(2), evaluation(2)],
    b: [step(1), step(2), step(3)],
  });
  assert.deepEqual(data.map(({ name, showlegend }) => [name, showlegend]), [
    ["a, training", false],
    ["a", undefined],
    ["b", true],
  ]);
  assert.deepEqual(data[1]!.x, [20]);
  assert.deepEqual(data[2]!.x, [10, 20, 30]);
  const lines = data.map(({ line }) => line as Record<string, unknown>);
  assert.equal(lines[0]!.color, lines[1]!.color);
  assert.notEqual(lines[1]!.color, lines[2]!.color);
  assert.notEqual(lines[1]!.dash, lines[2]!.dash);
});
