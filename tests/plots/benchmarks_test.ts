/** Tables at a glance are plain data and hold the right values. */
import assert from "node:assert/strict";
import { addModel, loadBenchmarks } from "../../lib/eval/mod.ts";
import { plotBenchmarkMap, plotRadar } from "../../lib/plots/benchmarks.ts";
import { isFigure } from "../../lib/plots/figure.ts";

const fewshot = await loadBenchmarks("fewshot");

Deno.test("plotBenchmarkMap() marks English scores and leaves gaps", () => {
  const table = addModel(fewshot, "mine", {
    arc_pt: { acc_norm: { mean: 0.5, standardError: 0.1 } },
  });
  const figure = plotBenchmarkMap(table);
  assert.ok(isFigure(figure));
  const { y, z, text } = figure.data[0] as {
    y: string[];
    z: (number | null)[][];
    text: string[][];
  };
  assert.deepEqual(y.slice(-2), ["mine", "Pythia-410m"].reverse()); // on top
  assert.deepEqual(text.at(-1), ["50.0", "", "", ""]);
  assert.deepEqual(z.at(-1)!.slice(1), [null, null, null]);
  assert.equal(text[y.indexOf("Pythia-410m")]![0], "24.8 en");
  // Deviations of a column sum to nothing over the published models.
  const sum = z.slice(0, -1).reduce((total, row) => total + row[0]!, 0);
  assert.ok(Math.abs(sum) < 1e-9);
});

Deno.test("plotRadar() goes from the lowest score to the best", () => {
  const mean = (score: number) => ({ mean: score / 100, standardError: 0.01 });
  const table = addModel(fewshot, "mine", {
    arc_pt: { acc_norm: mean(29.4) }, // as the best of the table
    hellaswag_pt: { acc_norm: mean(26.37) }, // as the lowest
    mmlu_pt: { acc: mean(28.55) },
    truthfulqa_pt: { mc2: mean(44.34) },
  });
  const figure = plotRadar(table, { models: ["TTL-460m"] });
  assert.ok(isFigure(figure));
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
  const named = figure.data.filter(({ name }) => name);
  assert.deepEqual(named.map(({ name }) => name), ["TTL-460m", "mine"]);
  const numbers = (key: "x" | "y") => named[1]![key] as number[];
  const radii = numbers("x").map((x, i) =>
    Math.hypot(x, numbers("y")[i]!).toFixed(6)
  );
  // Best, lowest (a fifth of the way), best, best, and closed.
  assert.deepEqual(radii, [1, 0.2, 1, 1, 1].map((r) => r.toFixed(6)));
  const { annotations } = figure.layout as { annotations: { text: string }[] };
  assert.equal(annotations[0]!.text, "ARC<br>21.5 to 29.4 %");
  // A model that has not run all of them has no polygon.
  const part = addModel(fewshot, "part", { arc_pt: { acc_norm: mean(25) } });
  const names = plotRadar(part).data.flatMap(({ name }) => name ?? []);
  assert.deepEqual(names, ["Pythia-410m", "TTL-460m", "Bloom-560m"]);
});
