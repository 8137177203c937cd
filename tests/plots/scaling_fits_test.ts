/** Figures of fits: each point where its record says, finite, with units. */
import assert from "node:assert/strict";
import {
  plotIntervals,
  plotIsoFlops,
  plotLawCloud,
  plotOptima,
} from "../../lib/plots/mod.ts";
import {
  chinchillaObservations,
  EPOCH_LAW,
  fitIsoFlop,
  fitIsoFlops,
  groupByBudget,
  HOFFMANN_BUDGETS,
  HOFFMANN_LAW,
  powerAt,
} from "../../lib/scaling/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertSound } from "./sound_figure.ts";

const fit = fitIsoFlops(
  groupByBudget(await chinchillaObservations(), { budgets: HOFFMANN_BUDGETS }),
);

Deno.test("plotIsoFlops() draws runs, parabola and vertex of each budget", () => {
  const figure = plotIsoFlops(fit.profiles);
  assertSound(figure, 3 * 9);
  const [points, curve, vertex] = figure.data.slice(12, 15); // 1e20
  const profile = fit.profiles[4]!;
  assert.equal((points!.x as number[]).length, profile.runs.length);
  assert.deepEqual(vertex!.x, [profile.optimalParameters]);
  const { symbol } = vertex!.marker as { symbol: string };
  assert.equal(symbol, "diamond-open"); // it lies outside
  // The curve reaches the vertex and is lowest there.
  const y = curve!.y as number[];
  assertClose(Math.min(...y), profile.optimalLoss!, { rtol: 1e-4 });
  const names = new Set(figure.data.map((trace) => trace.legendgroup));
  assert.equal(names.size, 9);
});

Deno.test("plotIsoFlops() draws a budget without a lowest point as runs", () => {
  const runs = [1e7, 2e7, 4e7].map((parameters, i) => (
    { parameters, tokens: 1e9, loss: [3, 3.1, 3][i]! }
  ));
  const figure = plotIsoFlops([fitIsoFlop({ budget: 1e17, runs })]);
  assert.equal(figure.data.length, 2);
  assert.deepEqual(figure.data[1]!.x, []);
});

Deno.test("plotOptima() draws points with their law, and laws alone", () => {
  const points = fit.profiles.map(({ budget, optimalParameters }) => (
    { budget, parameters: optimalParameters! }
  ));
  const law = fit.parameters;
  const figure = plotOptima([
    { name: "parabolas", points, law },
    { name: "Kaplan", law: { coefficient: 1, exponent: 0.73 } },
    { name: "points", points },
  ]);
  const { xaxis, yaxis } = assertSound(figure);
  assert.deepEqual([xaxis.type, yaxis.type], ["log", "log"]);
  assert.deepEqual(
    figure.data.map((trace) => [trace.name, trace.mode, trace.showlegend]),
    [
      ["parabolas", "markers", undefined],
      ["parabolas", "lines", false],
      ["Kaplan", "lines", true],
      ["points", "markers", undefined],
    ],
  );
  assert.deepEqual(figure.data[1]!.x, [6e18, 3e21]);
  assertClose(figure.data[1]!.y as number[], [
    powerAt(law, 6e18),
    powerAt(law, 3e21),
  ], { rtol: 1e-12 });
  const far = plotOptima([{ name: "law", law }], { budgets: [1e20, 1e25] });
  assert.deepEqual(far.data[0]!.x, [1e20, 1e25]);
});

Deno.test("plotIntervals() has a line a name and a colour a source", () => {
  const a = { name: "a", estimate: 0.5, low: 0.4, high: 0.7 };
  const b = { ...a, name: "b" };
  const figure = plotIntervals(
    [{ name: "ours", intervals: [a, b] }, { name: "theirs", intervals: [b] }],
    { title: "Exponents", x: "exponent (none)" },
  );
  const { yaxis } = assertSound(figure);
  assert.deepEqual(yaxis.ticktext, ["a", "b"]);
  const [ours, theirs] = figure.data;
  const bars = ours!.error_x as { array: number[]; arrayminus: number[] };
  assertClose(bars.array, [0.2, 0.2], { rtol: 1e-4 });
  assertClose(bars.arrayminus, [0.1, 0.1], { rtol: 1e-4 });
  const [y] = theirs!.y as number[];
  assert.ok(y! > 1 && y! < 1.5 && (ours!.y as number[])[1]! < 1);
});

Deno.test("plotLawCloud() thins the cloud and marks laws", () => {
  const laws = Array.from({ length: 4000 }, (_, i) => (
    { ...EPOCH_LAW, alpha: 0.3 + i / 1e5 }
  ));
  const figure = plotLawCloud(laws, {
    title: "Cloud",
    x: { title: "alpha (none)", of: (law) => law.alpha },
    y: { title: "A (nats)", of: (law) => law.A, isLog: true },
    marks: [EPOCH_LAW, HOFFMANN_LAW],
  });
  const { xaxis, yaxis } = assertSound(figure);
  assert.deepEqual([xaxis.type, yaxis.type], [undefined, "log"]);
  const [cloud, epoch, hoffmann] = figure.data;
  assert.equal((cloud!.x as number[]).length, 1334); // every third
  assert.equal(cloud!.name, "4000 resamples");
  assertClose((epoch!.x as number[])[0]!, EPOCH_LAW.alpha, { rtol: 5e-5 });
  assert.equal(hoffmann!.name, HOFFMANN_LAW.name);
});
