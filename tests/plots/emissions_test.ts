/** Figures are plain data: finite numbers, titles, units, the right values. */
import assert from "node:assert/strict";
import {
  type EnergyReading,
  intensityAt,
  loadIntensities,
  loadTtlEnergyRuns,
  makeReading,
  type PowerPoint,
  withIntensity,
} from "../../lib/emissions/mod.ts";
import {
  plotEnergyShares,
  plotGridComparison,
  plotPowerCurve,
} from "../../lib/plots/emissions.ts";
import type { Figure, Trace } from "../../lib/plots/figure.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertSound } from "./sound_figure.ts";

const runs = await loadTtlEnergyRuns();
const readings = runs.map(({ reading }) => reading);
const table = await loadIntensities();
const numbers = (trace: Trace | undefined, key: "x" | "y") =>
  trace![key] as number[];

Deno.test("plotEnergyShares() adds up to 100 and marks the method", () => {
  const figure = plotEnergyShares(readings);
  assertSound(figure, 3);
  assert.deepEqual(
    figure.data.map(({ name }) => name),
    ["GPU measured", "CPU assumed", "RAM modelled"],
  );
  for (let i = 0; i < 3; i++) {
    const sum = figure.data.reduce((s, t) => s + numbers(t, "x")[i]!, 0);
    assertClose(sum, 100, { rtol: 1e-12 });
  }
  // Bars are drawn from below: the first reading comes last.
  const names = figure.data[0]!.y as string[];
  assert.equal(names.at(-1), "TTL-160m pre-training");
});

Deno.test("plotEnergyShares() has no piece for a part without a reading", () => {
  const [full] = readings;
  const without = makeReading({
    ...full!,
    project: "no gpu",
    parts: full!.parts.filter(({ part }) => part !== "gpu"),
  });
  const both = plotEnergyShares([full!, without]);
  assert.equal(numbers(both.data[0], "x")[0], null);
  assertSound(plotEnergyShares([without]), 2);
});

Deno.test("plotGridComparison() sorts places and draws ranges", () => {
  const places = ["DEU", "BRA", "NOR", "IND"];
  const elsewhere = places.map((place) =>
    withIntensity(readings[1]!, intensityAt(table, place))
  );
  const unknown: EnergyReading = makeReading({
    ...readings[1]!,
    intensity: undefined,
  });
  const figure = plotGridComparison([...elsewhere, unknown], {
    marked: ["Brazil"],
  });
  assertSound(figure, 2);
  const [bars, ranges] = figure.data;
  assert.deepEqual(bars!.y, [
    "Norway 2023",
    "Brazil 2023",
    "Germany 2023",
    "India 2023",
  ]);
  const kilograms = numbers(bars, "x");
  assertClose(kilograms[1]!, 11.11, { atol: 0.005 });
  assert.deepEqual(kilograms, kilograms.toSorted((a, b) => a - b));
  assert.equal(ranges!.y instanceof Array && ranges!.y[0], "Brazil 2023");
  const [low, high] = numbers(ranges, "x");
  assertClose(low!, 112.974 * 0.0385, { rtol: 1e-5 });
  assertClose(high!, 112.974 * 0.205, { rtol: 1e-5 });
  const { color } = bars!.marker as { color: string[] };
  assert.equal(new Set(color).size, 2);
  assert.notEqual(color[1], color[0]);
});

Deno.test("plotPowerCurve() differentiates energy between samples", () => {
  const points: PowerPoint[] = [
    { seconds: 0, joules: { gpu: 0, cpu: 0 } },
    { seconds: 10, joules: { gpu: 1000, cpu: 400 } },
    { seconds: 20, joules: { cpu: 800 } }, // the GPU could not be read
    { seconds: 30, joules: { gpu: 5000, cpu: 1200 } },
  ];
  const figure = plotPowerCurve(points);
  assertSound(figure, 2);
  const [gpu, cpu] = figure.data;
  assert.deepEqual(gpu!.x, [0, 10, 30]);
  assert.deepEqual(gpu!.y, [100, 100, 200]);
  assert.deepEqual(cpu!.y, [40, 40, 40, 40]);
});

Deno.test("plotPowerCurve() chooses the unit of time", () => {
  const run = (seconds: number) =>
    plotPowerCurve([
      { seconds: 0, joules: { gpu: 0 } },
      { seconds, joules: { gpu: seconds } },
    ]);
  const titleOf = (figure: Figure) => assertSound(figure).xaxis.title!.text;
  assert.equal(titleOf(run(60)), "time (s)");
  assert.equal(titleOf(run(3600)), "time (min)");
  assert.equal(titleOf(run(36_000)), "time (h)");
  assert.deepEqual(run(36_000).data[0]!.x, [0, 10]);
});

Deno.test("plotPowerCurve() of a tracker that has just begun is empty", () => {
  assertSound(plotPowerCurve([]), 0);
  assertSound(plotPowerCurve([{ seconds: 0, joules: { gpu: 0 } }]), 0);
});
