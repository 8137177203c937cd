/** Figures are plain data: finite numbers, titles, units, the right values. */
import assert from "node:assert/strict";
import {
  type EnergyReading,
  intensityAt,
  loadEnergyCheckpoints,
  loadIntensities,
  loadTtlEnergyRuns,
  makeReading,
  marginalEnergy,
  type PowerPoint,
  withIntensity,
} from "../../lib/emissions/mod.ts";
import {
  plotEnergyShares,
  plotGridComparison,
  plotMarginalEnergy,
  plotPerplexityEnergy,
  plotPowerCurve,
} from "../../lib/plots/emissions.ts";
import { type Figure, isFigure, type Trace } from "../../lib/plots/figure.ts";
import { assertClose } from "../support/assert_close.ts";

const runs = await loadTtlEnergyRuns();
const readings = runs.map(({ reading }) => reading);
const table = await loadIntensities();
const series = await Promise.all(
  ["TTL-160m", "TTL-460m"].map(async (name) => ({
    name,
    checkpoints: await loadEnergyCheckpoints(name),
  })),
);

type Axis = { title: { text: string } };

/** What every figure must have. */
function assertSound(figure: Figure, traces: number): void {
  assert.ok(isFigure(figure));
  assert.equal(figure.data.length, traces);
  const { title, xaxis } = figure.layout as {
    title: { text: string };
    xaxis: Axis;
  };
  assert.ok(title.text.length > 5);
  assert.match(xaxis.title.text, /\(.+\)$/, "a unit on the x axis");
  for (const trace of figure.data) {
    for (const value of [trace.x, trace.y].flat()) {
      const isNumber = typeof value === "number";
      assert.ok(!isNumber || Number.isFinite(value), `${value}`);
    }
  }
  // Plain data: what is saved is what was made.
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
}

const numbers = (trace: Trace | undefined, key: "x" | "y") =>
  trace![key] as number[];

Deno.test("plotPerplexityEnergy() draws every checkpoint in kWh", () => {
  const figure = plotPerplexityEnergy(series);
  assertSound(figure, 2);
  const [small, large] = figure.data;
  assertClose(numbers(small, "x"), [3.75, 7.51, 11.25, 14.52], { rtol: 1e-12 });
  assertClose(numbers(small, "y"), [24.52, 20.58, 16.98, 16.41], { rtol: 0 });
  assertClose(numbers(large, "x").at(-1)!, 115.69, { rtol: 1e-12 });
  assert.equal(small!.name, "TTL-160m");
});

Deno.test("plotMarginalEnergy() leaves out stretches without a gain", () => {
  const rows = marginalEnergy(series[1]!.checkpoints);
  const figure = plotMarginalEnergy([
    { name: "TTL-460m", rows },
    { name: "one bad", rows: [{ ...rows[0]!, joulesPerPoint: undefined }] },
  ]);
  assertSound(figure, 2);
  const [large, bad] = figure.data;
  assert.equal(numbers(large, "y").length, 11);
  assertClose(numbers(large, "y")[0]!, 9.42 / 3.59, { rtol: 1e-9 }); // kWh
  assert.equal(numbers(bad, "y").length, 0);
});

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
  const unitOf = (figure: Figure) => (figure.layout.xaxis as Axis).title.text;
  assert.equal(unitOf(run(60)), "time (s)");
  assert.equal(unitOf(run(3600)), "time (min)");
  assert.equal(unitOf(run(36_000)), "time (h)");
  assert.deepEqual(run(36_000).data[0]!.x, [0, 10]);
});

Deno.test("plotPowerCurve() of a tracker that has just begun is empty", () => {
  assertSound(plotPowerCurve([]), 0);
  assertSound(plotPowerCurve([{ seconds: 0, joules: { gpu: 0 } }]), 0);
});
