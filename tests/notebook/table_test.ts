/** Tables: what stands in their cells, as text and as HTML. */
import assert from "node:assert/strict";
import { markdown, table } from "../../lib/notebook/mod.ts";
import { DISPLAY } from "../../lib/notebook/jupyter.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

const MODELS = [
  { model: "TTL-160m", parameters: 162417408, loss: 3.14159265 },
  { model: "TTL-460m", parameters: 468239360, loss: 2.5 },
];

Deno.test("table() sets numbers right and cuts fractions to four digits", () => {
  assert.equal(
    String(table(MODELS, { units: { loss: "nats" } })),
    [
      "model      parameters  loss (nats)",
      "--------  -----------  -----------",
      "TTL-160m  162,417,408        3.142",
      "TTL-460m  468,239,360        2.500",
    ].join("\n"),
  );
});

Deno.test("table() writes each kind of value in its own way", () => {
  const values = [0, -0.5, 1e-7, 2e21, NaN, null, undefined, true, 12n, [1]];
  const cells = values.map((value) => table([{ value }]).cells[0]![0]);
  assert.deepEqual(cells, [
    "0",
    "-0.5000",
    "1.000e-7",
    "2.000e21",
    "NaN",
    "–",
    "–",
    "true",
    "12",
    "[ 1 ]",
  ]);
});

Deno.test("table() groups digits from 10,000 on, so that years stay years", () => {
  const values = [2023, 9999, -2023, 2085.4342, 10_000, -10_000, 26_912.4];
  assert.deepEqual(values.map((n) => table([{ n }]).cells[0]![0]), [
    "2023",
    "9999",
    "-2023",
    "2085",
    "10,000",
    "-10,000",
    "26,910",
  ]);
});

Deno.test("table() takes digits for all columns or for one", () => {
  const row = { a: 1.23456, b: 1.23456 };
  assert.deepEqual(table([row], { digits: 2 }).cells, [["1.2", "1.2"]]);
  assert.deepEqual(table([row], { digits: { a: 3 } }).cells, [[
    "1.23",
    "1.235",
  ]]);
});

Deno.test("table() writes names of fields as words, and symbols as they are", () => {
  const heads = (...names: string[]) =>
    table([Object.fromEntries(names.map((name) => [name, 1]))]).heads;
  assert.deepEqual(
    heads("tokensPerWord", "heldOutLoss", "isInside", "bytesKept"),
    ["tokens per word", "held out loss", "is inside", "bytes kept"],
  );
  const symbols = ["kWh", "kgCO2eq", "N", "lnN", "numKvHeads", "a b"];
  assert.deepEqual(heads(...symbols), [
    ...["kWh", "kgCO2eq", "N", "lnN", "num kv heads", "a b"],
  ]);
});

Deno.test("table() sets counts right that are written short", () => {
  const sizes = table([{ n: "57.3M", m: "1,465", x: "3B tokens" }]);
  assert.deepEqual(sizes.isRight, [true, true, false]);
});

Deno.test("table() keeps missing cells and still sees numbers", () => {
  const gaps = table([{ a: 1, b: "x" }, { b: "y", c: 2 }]);
  assert.deepEqual(gaps.heads, ["a", "b", "c"]);
  assert.deepEqual(gaps.cells, [["1", "x", "–"], ["–", "y", "2"]]);
  assert.deepEqual(gaps.isRight, [true, false, true]);
});

Deno.test("table() shows chosen columns, and says how many rows it hides", () => {
  const rows = Array.from({ length: 1234 }, (_, i) => ({ i, square: i * i }));
  const short = table(rows, { columns: ["square"], limit: 2 });
  assert.deepEqual(short.cells, [["0"], ["1"]]);
  assert.match(String(short), /… and 1,232 more rows$/);
  assert.match(short.toHTML(), /<p>… and 1,232 more rows<\/p>$/);
});

Deno.test("table() shows itself as HTML with everything escaped", () => {
  const bundle = table([{ "a<b": "<script>", n: 1 }], { caption: 'A & "B"' })
    [DISPLAY]();
  assert.equal(
    bundle["text/html"],
    "<table><caption>A &amp; &quot;B&quot;</caption>\n" +
      '<thead><tr><th style="text-align:left">a&lt;b</th>' +
      '<th style="text-align:right">n</th></tr></thead>\n' +
      '<tbody><tr><td style="text-align:left">&lt;script&gt;</td>' +
      '<td style="text-align:right">1</td></tr></tbody></table>',
  );
  assert.match(String(bundle["text/plain"]), /^A & "B"\na<b/);
});

Deno.test("table() refuses a column or unit that no row has", async () => {
  for (const options of [{ columns: ["los"] }, { units: { los: "nats" } }]) {
    await assertFails(
      () => table(MODELS, options),
      ConfigError,
      /column "los": the rows have model, parameters, loss/,
    );
  }
});

Deno.test("table() of no rows has heads only", () => {
  assert.equal(String(table([], { columns: ["a", "b"] })), "a  b\n-  -");
});

Deno.test("markdown() shows itself as Markdown and as text", () => {
  assert.deepEqual(markdown("**a** $x$")[DISPLAY](), {
    "text/markdown": "**a** $x$",
    "text/plain": "**a** $x$",
  });
  assert.equal(Deno.inspect(markdown("**a**")), "**a**");
});

Deno.test("table() writes units and acronyms in heads as people do", () => {
  const rows = [{ gramsPerKwh: 1, gpuShareOfTdp: 2, kWh: 3, HellaSwag: 4 }];
  assert.deepEqual(table(rows).heads, [
    "grams per kWh",
    "GPU share of TDP",
    "kWh",
    "HellaSwag",
  ]);
});

Deno.test("table() does not break short names and numbers", () => {
  const [long, short] = ["a text of many words that needs lines", "TTL-160m"];
  const html = table([{ long, short, n: -1.5, m: 7 }]).toHTML();
  const unbroken = [...html.matchAll(/nowrap">([^<]*)</g)].map(([, x]) => x);
  assert.deepEqual(unbroken, ["TTL-160m", "-1.500"]);
});
