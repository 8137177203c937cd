/** Figures of published checkpoints, footprints and series. */
import assert from "node:assert/strict";
import {
  loadEnergyCheckpoints,
  loadPublishedFootprints,
  marginalEnergy,
  parseIntensitySeries,
} from "../../lib/emissions/mod.ts";
import {
  plotFootprints,
  plotIntensitySeries,
  plotMarginalEnergy,
  plotPerplexityEnergy,
} from "../../lib/plots/emissions_published.ts";
import type { Trace } from "../../lib/plots/figure.ts";
import { assertClose } from "../support/assert_close.ts";
import { assertSound } from "./sound_figure.ts";

const series = await Promise.all(
  ["TTL-160m", "TTL-460m"].map(async (name) => ({
    name,
    checkpoints: await loadEnergyCheckpoints(name),
  })),
);

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

Deno.test("plotFootprints() draws reported and recomputed tonnes", async () => {
  const figure = plotFootprints(await loadPublishedFootprints());
  assertSound(figure);
  const [reported, hours, flops] = figure.data.map(({ y }) => y as number[]);
  assert.deepEqual(reported, [46.7, 552.1, 4.3, 59.1, 39]);
  assertClose(hours![1]!, 1289.376 * 0.429, { rtol: 1e-9 });
  assertClose(flops![0]!, 45.736, { atol: 5e-4 });
});

Deno.test("plotIntensitySeries() draws steps and shades runs", () => {
  const series = parseIntensitySeries(
    "time,gco2eq_per_kwh\n2024-01-03T00:00:00Z,100\n2024-01-03T06:00:00Z,50\n",
    "half a day",
  );
  const start = new Date("2024-01-03T06:00:00Z");
  const figure = plotIntensitySeries(series, [
    { name: "run", start, seconds: 3600 },
  ]);
  assertSound(figure);
  const [{ x, y }] = figure.data as [{ x: string[]; y: number[] }];
  assert.deepEqual(y, [100, 50, 50]);
  assert.equal(x.at(-1), "2024-01-03T12:00:00.000Z");
  const [span] = figure.layout.shapes as { x0: string; x1: string }[];
  assert.deepEqual(
    [span!.x0, span!.x1],
    ["2024-01-03T06:00:00.000Z", "2024-01-03T07:00:00.000Z"],
  );
});
