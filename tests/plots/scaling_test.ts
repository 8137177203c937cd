/**
 * Figures of scaling laws: finite numbers, titles, units, few points, and
 * each point where its record says.
 */
import assert from "node:assert/strict";
import {
  plotFitResiduals,
  plotFrontier,
  plotLossSurface,
} from "../../lib/plots/scaling.ts";
import {
  allocateBudget,
  chinchillaObservations,
  EPOCH_GRID_LAW,
  geometricSteps,
  LAWS,
  logResiduals,
  lossSurface,
  predictLoss,
  traceFrontier,
  ttlRuns,
} from "../../lib/scaling/mod.ts";
import { formatCount } from "../../lib/util/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertSound } from "./sound_figure.ts";

const law = EPOCH_GRID_LAW;
const runs = await ttlRuns();
const surface = lossSurface(law, {
  parameters: [1e7, 1e10],
  tokens: [1e8, 1e12],
  steps: 11,
});
const budgets = geometricSteps([1e17, 1e23], 31);

Deno.test("plotLossSurface() draws contours, equal compute, frontier and runs", () => {
  const figure = plotLossSurface(surface, {
    title: "Surface",
    frontier: traceFrontier(law, budgets),
    budgets: [1e18, 1e20, 1e30],
    runs,
  });
  const names = figure.data.map((trace) => trace.name);
  // No line for 1e30, which lies off the surface.
  assert.deepEqual(names, [
    "loss",
    "10<sup>18</sup> FLOPs",
    "10<sup>20</sup> FLOPs",
    "compute-optimal",
    "TTL-160m: 162M parameters, 3.75B tokens",
    "TTL-460m: 468M parameters, 9.83B tokens",
  ]);
  const [contour, line, , , ...marks] = figure.data;
  const z = contour!.z as number[][];
  assertClose(z.flat(), surface.loss.flat(), { rtol: 5e-5 }); // five digits
  const [x, y] = [line!.x as number[], line!.y as number[]];
  for (const [i, N] of x.entries()) {
    assertClose(6 * N * y[i]!, 1e18, { rtol: 1e-12 });
    assert.ok(N >= 1e7 && N <= 1e10 && y[i]! >= 0.99e8 && y[i]! <= 1.01e12);
  }
  assert.deepEqual(
    marks.map(({ x, y }) => [x, y]),
    runs.map(({ parameters, tokens }) => [[parameters], [tokens]]),
  );
  const { xaxis, yaxis } = assertSound(figure);
  assert.deepEqual([xaxis.type, yaxis.type], ["log", "log"]);
});

Deno.test("plotLossSurface() needs nothing but the surface", () => {
  assert.equal(plotLossSurface(surface).data.length, 1);
});

Deno.test("plotLossSurface() writes budgets of any size as powers", () => {
  const { data } = plotLossSurface(surface, { budgets: [3.28e18, 9.99e19] });
  assert.deepEqual(data.slice(1).map((trace) => trace.name), [
    "3.3×10<sup>18</sup> FLOPs",
    "10<sup>20</sup> FLOPs",
  ]);
});

Deno.test("plotFitResiduals() shows per cent above the observed loss", async () => {
  const observations = await chinchillaObservations();
  const figure = plotFitResiduals(
    observations,
    logResiduals(law, observations),
  );
  assertSound(figure);
  const { colorbar } = figure.data[0]!.marker as {
    colorbar: { tickvals: number[]; ticktext: string[] };
  };
  assert.deepEqual(colorbar.ticktext, [
    "10M",
    "30M",
    "100M",
    "300M",
    "1B",
    "3B",
    "10B",
    "30B",
  ]);
  assertClose(colorbar.tickvals[4]!, 9, { rtol: 1e-14 }); // log10 of 1B
  const percent = figure.data[0]!.y as number[];
  assert.equal(percent.length, 245);
  const first = observations[0]!;
  assertClose(percent[0]!, 100 * (predictLoss(law, first) / first.loss - 1), {
    rtol: 5e-5, // five digits
  });
});

Deno.test("plotFrontier() marks the chosen budgets", () => {
  const curves = LAWS.map((each) => ({
    name: each.name,
    frontier: traceFrontier(each, budgets),
  }));
  const chosen = { name: "mine", ...allocateBudget(law, 1e20) };
  const figure = plotFrontier(curves, { marks: [chosen] });
  assertSound(figure);
  assert.equal(figure.data.length, LAWS.length + 1);
  const { x, y } = figure.data.at(-1)!;
  assert.deepEqual([x, y], [[chosen.budget], [chosen.loss]]);
  const { parameters, tokens } = chosen;
  assert.equal(
    figure.data.at(-1)!.name,
    `mine: ${formatCount(parameters)} parameters, ` +
      `${formatCount(tokens)} tokens`,
  );
  assert.equal(plotFrontier(curves).data.length, LAWS.length);
});
