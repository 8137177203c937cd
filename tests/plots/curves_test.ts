/** Curves by name become traces with plain arrays. */
import assert from "node:assert/strict";
import { plotCurves } from "../../lib/plots/mod.ts";

Deno.test("plotCurves() draws points below lines, with titles", () => {
  const { data, layout } = plotCurves(
    { line: [Float32Array.of(0, 1), [2, 3]] },
    { points: { dots: [[5], [6]] }, title: "T", x: "x (s)", y: "y (m)" },
  );
  assert.deepEqual(data, [
    { type: "scatter", mode: "markers", name: "dots", x: [5], y: [6] },
    { type: "scatter", mode: "lines", name: "line", x: [0, 1], y: [2, 3] },
  ]);
  assert.equal(layout.showlegend, true);
  const { title } = layout.xaxis as { title: { text: string } };
  assert.equal(title.text, "x (s)");
});
