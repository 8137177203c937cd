/** Bars of a funnel against its counts. */
import assert from "node:assert/strict";
import { plotFunnel } from "../../lib/plots/mod.ts";

Deno.test("plotFunnel() draws what is left after each step", () => {
  const { data, layout } = plotFunnel({
    steps: [{
      name: "quality",
      documentsIn: 200,
      documentsOut: 150,
      bytesIn: 4_000_000,
      bytesOut: 3_000_000,
      dropped: { "number of words": 20, "stop words": 30 },
    }, {
      name: "exact",
      documentsIn: 150,
      documentsOut: 50,
      bytesIn: 3_000_000,
      bytesOut: 1_000_000,
      dropped: { "same text": 100 },
    }],
  });
  const [documents, bytes] = data;
  assert.deepEqual(documents!.y, ["as read", "quality", "exact"]);
  assert.deepEqual(documents!.x, [100, 75, 25]);
  assert.deepEqual(documents!.text, ["200", "150", "50"]);
  assert.deepEqual(bytes!.x, [100, 75, 25]);
  assert.deepEqual(bytes!.text, ["4.00 MB", "3.00 MB", "1.00 MB"]);
  assert.deepEqual(bytes!.customdata, [
    "",
    "stop words: 30<br>number of words: 20",
    "same text: 100",
  ]);
  assert.deepEqual(
    (layout.yaxis as { autorange: string }).autorange,
    "reversed",
  );
});

Deno.test("plotFunnel() draws an empty corpus", () => {
  const { data } = plotFunnel({ steps: [] });
  assert.deepEqual(data.map(({ x }) => x), [[0], [0]]);
});
