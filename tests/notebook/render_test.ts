/**
 * Four kinds of figures drawn without a browser: their labels, the number of
 * their marks, and where things lie. That the drawing is the one of a real
 * browser is a test of tests/tools/browser_test.ts.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { figurePng, figureSvg } from "../../lib/notebook/mod.ts";
import { axisTitle, figure, logAxis } from "../../lib/plots/mod.ts";
import { ConfigError } from "../../lib/util/mod.ts";
import { assertFails } from "../support/assert_close.ts";

/** Texts of the elements of a class, without markup and zero-width spaces. */
function texts(svg: string, className: string): string[] {
  const elements = svg.matchAll(
    new RegExp(`class="${className}"[^>]*>(.*?)</text>`, "g"),
  );
  return [...elements].map(([, inner]) =>
    inner!.replace(/<[^>]*>|\u200b/g, "")
  );
}

function count(svg: string, pattern: RegExp): number {
  return [...svg.matchAll(pattern)].length;
}

/** A number among the attributes of the first element that matches. */
function attribute(svg: string, element: RegExp, name: string): number {
  const [tag = ""] = element.exec(svg) ?? [];
  return Number(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]);
}

const grid = Array.from(
  { length: 6 },
  (_, j) => Array.from({ length: 8 }, (_, i) => i * j),
);

Deno.test("figureSvg() draws lines with titles, ticks and a legend", async () => {
  const x = [0, 1, 2, 3, 4];
  const svg = await figureSvg(figure([
    { type: "scatter", mode: "lines", name: "média móvel", x, y: x },
    { type: "scatter", mode: "lines+markers", name: "valid", x, y: x },
  ], {
    title: { text: "Loss & <b>time</b>" },
    xaxis: axisTitle("step"),
    yaxis: axisTitle("loss (nats/token)"),
  }));
  assert.deepEqual(texts(svg, "xtick"), ["0", "1", "2", "3", "4"]);
  assert.deepEqual(texts(svg, "ytick"), ["0", "1", "2", "3", "4"]);
  assert.deepEqual(texts(svg, "legendtext"), ["média móvel", "valid"]);
  assert.deepEqual(texts(svg, "ytitle"), ["loss (nats/token)"]);
  assert.deepEqual(texts(svg, "gtitle"), ["Loss &amp; time"]);
  // Each line stands in the plot and in the legend.
  assert.equal(count(svg, /class="js-line"/g), 2 + 2);
  assert.equal(count(svg, /class="point"/g), 5);
  // The turned title keeps clear of the tick labels, which end left of x = 70.
  assert.ok(attribute(svg, /<text class="ytitle"[^>]*>/, "x") < 40);
});

Deno.test("figureSvg() labels decades of logarithmic axes", async () => {
  const x = [1e3, 1e4, 1e5, 1e6];
  const svg = await figureSvg(figure([{ type: "scatter", x, y: x }], {
    xaxis: logAxis("tokens"),
    yaxis: logAxis("loss"),
  }));
  const powers = ["103", "104", "105", "106"];
  assert.deepEqual([texts(svg, "xtick"), texts(svg, "ytick")], [
    powers,
    powers,
  ]);
  assert.equal(count(svg, /font-size:70%/g), 8); // the exponents
});

Deno.test("figureSvg() draws the pixels of a heatmap and its colour bar", async () => {
  const svg = await figureSvg(figure([
    { type: "heatmap", z: grid, colorbar: { title: { text: "weight" } } },
  ]));
  assert.equal(count(svg, /<image /g), 1);
  assert.match(svg, /image-rendering: optimizeSpeed/);
  const [, image = ""] = /href="data:image\/png;base64,([^"]+)"/.exec(svg)!;
  const png = Buffer.from(image, "base64");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [8, 6]);
  assert.match(svg, /class="cbtitle".*?>weight</);
});

Deno.test("figureSvg() draws contour lines with labels on them", async () => {
  const svg = await figureSvg(figure([
    { type: "contour", z: grid, contours: { showlabels: true } },
  ]));
  assert.ok(count(svg, /class="contourlevel"/g) >= 5);
  const [labels = ""] = /<g class="contourlabels".*?<\/g>/.exec(svg) ?? [];
  const values = [...labels.matchAll(/>(\d+)<\/text>/g)].map(([, n]) => n);
  assert.ok(values.length >= 3 && values.includes("10"), `labels ${values}`);
});

Deno.test("figureSvg() draws a bar for each value, with its label", async () => {
  const svg = await figureSvg(figure([
    { type: "bar", x: ["TTL-160m", "TTL-460m"], y: [15.5, 75.7] },
    { type: "bar", x: ["TTL-160m", "TTL-460m"], y: [10, 20] },
  ]));
  assert.equal(count(svg, /<g class="point"/g), 4);
  assert.deepEqual(texts(svg, "xtick"), ["TTL-160m", "TTL-460m"]);
});

Deno.test("figureSvg() draws the same after other figures", async () => {
  const plain = figure([{ type: "scatter", y: [1, 3, 2] }]);
  const first = await figureSvg(plain);
  await figureSvg(figure([{ type: "bar", x: ["a"], y: ["b"] }]));
  // Ids and class names of a drawing are random.
  const bare = (svg: string): string =>
    svg.replace(/\b(?:id|clip-path|class)="[^"]*"|url\([^)]*\)/g, "");
  assert.equal(bare(await figureSvg(plain)), bare(first));
});

Deno.test("figureSvg() refuses what plotly.js draws with WebGL", async () => {
  await assertFails(
    () => figureSvg(figure([{ type: "surface", z: grid }])),
    ConfigError,
    /^Cannot draw a trace of type "surface": it must be one of/,
  );
});

Deno.test("figurePng() paints lines and text at the scale asked for", async () => {
  const size = { width: 400, height: 300 };
  const hidden = { showticklabels: false };
  const line = [{ y: [0, 1] }];
  const png = Buffer.from(await figurePng(figure(line, size), { scale: 2 }));
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [800, 600]);
  const bare = await figurePng(
    figure(line, { ...size, xaxis: hidden, yaxis: hidden }),
    { scale: 2 },
  );
  // Labels take bytes: without a font there would be none to take away.
  assert.ok(png.length > bare.length + 1000, `${png.length} ${bare.length}`);
});
