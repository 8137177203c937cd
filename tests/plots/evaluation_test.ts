/** Figures of evaluation are plain data and hold the right values. */
import assert from "node:assert/strict";
import {
  findChoiceTask,
  loadArcCheckpoints,
  loadBenchmarks,
  rankModels,
} from "../../lib/eval/mod.ts";
import {
  plotCheckpointScores,
  plotDifferences,
  plotRanks,
  plotTaskScores,
} from "../../lib/plots/evaluation.ts";
import type { Figure, Trace } from "../../lib/plots/figure.ts";
import { assertSound } from "./sound_figure.ts";

const fewshot = await loadBenchmarks("fewshot");

const numbers = (trace: Trace | undefined, key: "x" | "y") =>
  trace![key] as number[];

Deno.test("plotCheckpointScores() draws TTL's figure 2 both ways", async () => {
  const runs = [{ name: "TTL-460m", checkpoints: await loadArcCheckpoints() }];
  const byTokens = plotCheckpointScores(runs);
  assertSound(byTokens, 2);
  assert.equal(numbers(byTokens.data[0], "x").at(-1), 9.8304);
  assert.equal(numbers(byTokens.data[0], "y").at(-1), 29.4);
  const byEnergy = plotCheckpointScores(runs, { against: "energy", floor: 20 });
  assertSound(byEnergy, 2);
  assert.equal(numbers(byEnergy.data[0], "x").at(-1), 115.69);
  assert.deepEqual(numbers(byEnergy.data[1], "y"), [20, 20]);
  // A small run counts in small units.
  const point = { step: 9, tokens: 30_000, energyKwh: 2e-4, score: 30 };
  const small = [{ name: "ours", checkpoints: [point] }];
  const titleOf = (figure: Figure) =>
    (figure.layout as { xaxis: { title: { text: string } } }).xaxis.title.text;
  assert.equal(titleOf(plotCheckpointScores(small)), "tokens seen (thousands)");
  const energy = plotCheckpointScores(small, { against: "energy" });
  assert.equal(titleOf(energy), "energy so far (mWh)");
  assert.ok(Math.abs(numbers(energy.data[0], "x")[0]! - 200) < 1e-9);
});

Deno.test("plotTaskScores() draws 95 % and the floor", () => {
  const result = (standardError: number, floors: Record<string, number>) => ({
    task: findChoiceTask("arc_pt"),
    shots: 0,
    available: 9,
    summary: {
      items: 9,
      truncated: 0,
      metrics: { acc_norm: { mean: 0.4, standardError, count: 9 } },
      floors,
    },
  });
  const figure = plotTaskScores([
    result(0.1, { acc_norm: 0.25 }),
    result(NaN, {}),
  ]);
  assertSound(figure, 2);
  const { error_x } = figure.data[0] as { error_x: { array: number[] } };
  // The first result stands on top, which is last. 1.96 x 10 points.
  assert.deepEqual(error_x.array.map((x) => Number(x.toFixed(6))), [0, 19.6]);
  assert.deepEqual(numbers(figure.data[1], "x"), [25]);
});

Deno.test("plotRanks() and plotDifferences() draw intervals", () => {
  const figure = plotRanks(rankModels(fewshot, "arc"));
  assertSound(figure, 1);
  const trace = figure.data[0] as {
    y: string[];
    error_x: { array: number[]; arrayminus: number[] };
  };
  assert.equal(trace.y.at(-1), "TTL-460m");
  assert.equal(trace.error_x.arrayminus.at(-1), 0);
  assert.equal(trace.error_x.array.at(-1), 1); // rank 1, up to 2
  const difference = {
    task: "arc_pt",
    metric: "acc",
    items: 9,
    a: 0.25,
    b: 0.5,
    difference: 0.25,
    standardError: 0.125,
    z: 2,
    low: 0.125,
    high: 0.5,
  };
  const error = { ...difference, metric: "mse" }; // no points of percent
  const plot = plotDifferences([difference, error], { a: "A", b: "B" });
  assertSound(plot, 1);
  assert.deepEqual(numbers(plot.data[0], "x"), [25]);
  const { error_x } = plot.data[0] as typeof trace & Trace;
  assert.deepEqual([error_x.arrayminus, error_x.array], [[12.5], [25]]);
});
