/** The figures about tokenizers: what is drawn where, and in which order. */
import assert from "node:assert/strict";
import { plotFertility, plotPieceCoverage } from "../../lib/plots/mod.ts";
import { ttlTokenizers } from "../../lib/scaling/mod.ts";

const OURS = [
  { name: "small", vocabSize: 4000, tokensPerWord: 1.75 },
  { name: "TTL", vocabSize: 32_000, tokensPerWord: 1.5 },
];

Deno.test("plotFertility() has the fewest tokens on top, table 1 beside", async () => {
  const published = await ttlTokenizers();
  const { data, layout } = plotFertility(OURS, { published });
  assert.deepEqual(data.map(({ name }) => name), [
    "this text",
    "* 7,400 words of TTL",
  ]);
  assert.deepEqual(data[0]!.x, [1.75, 1.5]);
  assert.deepEqual(data[0]!.y, ["small (4,000)", "TTL (32,000)"]);
  // Table 1: 9,937 tokens for 7,400 words; ours of that name has its own row.
  assert.equal((data[1]!.text as string[])[0], "1.34");
  const { categoryarray } = layout.yaxis as { categoryarray: string[] };
  assert.equal(categoryarray.length, OURS.length + published.length);
  assert.equal(categoryarray[0], "Sabia-7B* (32,000)");
  assert.equal(categoryarray.at(-1), "TTL* (32,000)");
  assert.ok(categoryarray.includes("TTL (32,000)"));
});

Deno.test("plotFertility() of one text alone has no legend", () => {
  const { data, layout } = plotFertility(OURS, { title: "Test" });
  assert.equal(data.length, 1);
  assert.equal(layout.showlegend, false);
});

Deno.test("plotPieceCoverage() thins a curve and keeps its ends", () => {
  const shares = Float64Array.from({ length: 5000 }, (_, i) => (i + 1) / 5000);
  const { data } = plotPieceCoverage({ a: { shares } });
  const x = data[0]!.x as number[], y = data[0]!.y as number[];
  assert.ok(x.length < 100, `${x.length} points`);
  assert.deepEqual([x[0], x.at(-1)], [1, 5000]);
  assert.deepEqual(y, x.map((n) => Number((n / 5000).toPrecision(5))));
  assert.deepEqual(x, [...new Set(x)].sort((a, b) => a - b));
  assert.deepEqual(plotPieceCoverage({ a: { shares: [] } }).data[0]!.x, []);
});
