/** Figures of published footprints and series are plain data. */
import assert from "node:assert/strict";
import {
  loadPublishedFootprints,
  parseIntensitySeries,
} from "../../lib/emissions/mod.ts";
import {
  plotFootprints,
  plotIntensitySeries,
} from "../../lib/plots/emissions_published.ts";
import { isFigure } from "../../lib/plots/figure.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("plotFootprints() draws reported and recomputed tonnes", async () => {
  const figure = plotFootprints(await loadPublishedFootprints());
  assert.ok(isFigure(figure));
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
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
  assert.ok(isFigure(figure));
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
  const [{ x, y }] = figure.data as [{ x: string[]; y: number[] }];
  assert.deepEqual(y, [100, 50, 50]);
  assert.equal(x.at(-1), "2024-01-03T12:00:00.000Z");
  const [span] = figure.layout.shapes as { x0: string; x1: string }[];
  assert.deepEqual(
    [span!.x0, span!.x1],
    ["2024-01-03T06:00:00.000Z", "2024-01-03T07:00:00.000Z"],
  );
});
