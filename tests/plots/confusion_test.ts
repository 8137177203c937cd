/** Counts as text, shares of a row as colour. */
import assert from "node:assert/strict";
import { plotConfusion } from "../../lib/plots/mod.ts";

Deno.test("plotConfusion() has a row for each right class", () => {
  const figure = plotConfusion({
    labels: ["não", "sim"],
    counts: [[3, 1], [0, 2]],
  });
  const [map] = figure.data;
  assert.deepEqual(map!.z, [[0.75, 0.25], [null, 1]]);
  assert.deepEqual(map!.text, [["3", "1"], ["", "2"]]);
  assert.deepEqual([map!.x, map!.y], [["não", "sim"], ["não", "sim"]]);
  const axis = figure.layout.yaxis as Record<string, unknown>;
  assert.equal(axis.autorange, "reversed"); // the first class stands on top
});
