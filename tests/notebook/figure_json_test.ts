/** Figures as plain JSON: what is kept, what is shortened, what is refused. */
import assert from "node:assert/strict";
import { checkTraces, plainFigure } from "../../lib/notebook/figure_json.ts";
import { figure } from "../../lib/plots/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

Deno.test("plainFigure() lists typed arrays and rounds to eight digits", () => {
  const { data } = plainFigure({
    data: [{
      y: Float32Array.of(0.1, 2, 1 / 3),
      x: [1e18, 123456789, 1e-9 / 3],
    }],
    layout: {},
  });
  assert.deepEqual(data[0]!.y, [0.1, 2, 0.33333334]);
  assert.deepEqual(data[0]!.x, [1e18, 123456789, 3.3333333e-10]);
});

Deno.test("plainFigure() makes gaps of what is not finite", () => {
  const { data } = plainFigure({
    data: [{ y: [1, NaN, Infinity, 2], z: new Float64Array([NaN]) }],
    layout: {},
  });
  assert.deepEqual(data[0], { y: [1, null, null, 2], z: [null] });
});

Deno.test("plainFigure() shares nothing with the figure or in itself", () => {
  const original = figure([{ y: [1, 2] }]);
  const { layout } = plainFigure(original);
  (layout.xaxis as Record<string, unknown>).type = "category";
  assert.equal((layout.yaxis as Record<string, unknown>).type, undefined);
  assert.equal(
    (original.layout.xaxis as Record<string, unknown>).type,
    undefined,
  );
});

Deno.test("plainFigure() thins a long line and keeps its spikes and ends", () => {
  const n = 50_000;
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i / 1000));
  y[31_415] = 9;
  y[27_182] = -9;
  const x = Array.from(y, (_, i) => i);
  const [trace] = plainFigure({
    data: [{ type: "scatter", mode: "lines", x, y, name: "long" }],
    layout: {},
  }).data;
  const kept = trace!.y as number[];
  assert.ok(kept.length <= 2002, `${kept.length} points`);
  assert.equal(kept.length, (trace!.x as number[]).length);
  assert.equal(Math.max(...kept), 9);
  assert.equal(Math.min(...kept), -9);
  assert.equal((trace!.x as number[])[kept.indexOf(9)], 31_415);
  assert.deepEqual([(trace!.x as number[])[0], (trace!.x as number[]).at(-1)], [
    0,
    n - 1,
  ]);
  assert.equal(trace!.name, "long");
});

Deno.test("plainFigure() thins markers evenly, with their colours", () => {
  const y = Array.from({ length: 20_000 }, (_, i) => i);
  const [trace] = plainFigure({
    data: [{ mode: "markers", y, marker: { color: y, size: [1, 2] } }],
    layout: {},
  }).data;
  const kept = Array.from({ length: 5000 }, (_, i) => 4 * i);
  assert.deepEqual(trace!.y, kept);
  assert.deepEqual(trace!.marker, { color: kept, size: [1, 2] });
});

Deno.test("plainFigure() leaves traces whole that can be seen", () => {
  const y = Array.from({ length: 5000 }, (_, i) => i);
  const { data } = plainFigure({
    data: [
      { mode: "markers", y },
      { mode: "lines", y: y.slice(0, 2000) },
      { type: "histogram", y: [...y, ...y] },
    ],
    layout: {},
  });
  const lengths = data.map(({ y }) => (y as number[]).length);
  assert.deepEqual(lengths, [5000, 2000, 10_000]);
});

Deno.test("checkTraces() refuses WebGL and 3-D by name", async () => {
  checkTraces(figure([{ y: [1] }, { type: "heatmap", z: [[1]] }]));
  for (const type of ["surface", "scattergl", "scatter3d", "choropleth"]) {
    await assertFails(
      () => checkTraces(figure([{ type }])),
      ConfigError,
      new RegExp(`type "${type}": it must be one of bar,`),
    );
  }
});
