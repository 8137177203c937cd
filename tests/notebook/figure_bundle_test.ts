/** What a figure becomes for a frontend, live and for a file. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { figureBundle } from "../../lib/notebook/figure_bundle.ts";
import { PLOTLY_MIME } from "../../lib/notebook/mod.ts";
import {
  plotlyLoader,
  plotlySource,
  scriptJson,
} from "../../lib/notebook/plotly_script.ts";
import { figure } from "../../lib/plots/mod.ts";

const line = figure([{ type: "scatter", y: [1, 2] }, { type: "bar", y: [1] }], {
  title: { text: "Loss <b>a</b> </script>" },
  width: 300,
  height: 200,
});

Deno.test("figureBundle() has four forms in a live notebook", async () => {
  const { data, metadata } = await figureBundle(line, { isStatic: false });
  assert.deepEqual(Object.keys(data).sort(), [
    PLOTLY_MIME,
    "image/png",
    "text/html",
    "text/plain",
  ]);
  assert.deepEqual(metadata, { "image/png": { width: 300, height: 200 } });
  const plotly = data[PLOTLY_MIME] as { data: unknown[]; config: unknown };
  assert.deepEqual(plotly.data[0], { type: "scatter", y: [1, 2] });
  assert.equal(
    data["text/plain"],
    'Figure "Loss  a": 1 × scatter, 1 × bar',
  );
  const png = Buffer.from(String(data["image/png"]), "base64");
  assert.equal(png.toString("latin1", 1, 4), "PNG");
});

Deno.test("figureBundle() hides its picture behind a live figure", async () => {
  const { data } = await figureBundle(line, { isStatic: false });
  const html = String(data["text/html"]);
  assert.ok(html.includes(`src="data:image/png;base64,${data["image/png"]}"`));
  const [, id] = /<div id="([^"]+)"/.exec(html)!;
  const [, script] = /<script>(.*)<\/script>$/s.exec(html)!;
  assert.equal(script!.includes("</script"), false);
  // The script runs as the browser would run it, with a page of our own.
  const drawn: unknown[][] = [];
  const element = { isConnected: true, innerHTML: "picture" };
  const page: Record<string, unknown> = {};
  const run = (): void =>
    new Function("window", "document", script!)(page, {
      getElementById: (name: string) => name === id ? element : null,
    });
  run(); // plotly.js is not there yet: the figure waits, the picture stays
  assert.equal(element.innerHTML, "picture");
  page.Plotly = { newPlot: (...args: unknown[]) => drawn.push(args) };
  for (const draw of page.cadernoQueue as (() => void)[]) draw();
  assert.equal(element.innerHTML, "");
  run(); // now it is, and the figure draws itself at once
  assert.equal(drawn.length, 2);
  const [where, traces, layout] = drawn[1]!;
  assert.equal(where, element);
  assert.deepEqual(traces, line.data);
  assert.equal((layout as { width: number }).width, 300);
});

Deno.test("figureBundle() has no script in a file", async () => {
  const { data } = await figureBundle(line, { isStatic: true });
  assert.deepEqual(Object.keys(data).sort(), [
    PLOTLY_MIME,
    "image/png",
    "text/plain",
  ]);
});

Deno.test("figureBundle() takes no picture while a figure moves", async () => {
  const { data, metadata } = await figureBundle(line, {
    isStatic: false,
    hasPicture: false,
  });
  assert.equal("image/png" in data, false);
  assert.equal(String(data["text/html"]).includes("<img"), false);
  assert.match(String(data["text/html"]), /newPlot/);
  assert.deepEqual(metadata, {});
});

Deno.test("figureBundle() says why there is no picture", async () => {
  const surface = figure([{ type: "surface", z: [[1, 2], [3, 4]] }]);
  const { data } = await figureBundle(surface, { isStatic: false });
  assert.deepEqual(Object.keys(data).sort(), [PLOTLY_MIME, "text/plain"]);
  assert.match(
    String(data["text/plain"]),
    /^Figure: 1 × surface \(no picture: Cannot draw a trace of type "surface"/,
  );
});

Deno.test("figureBundle() stays below a megabyte whatever it is given", async () => {
  const z = Array.from(
    { length: 300 },
    (_, j) => Array.from({ length: 300 }, (_, i) => Math.sin(i * j)),
  );
  const field = figure([{ type: "heatmap", z }]);
  const { data } = await figureBundle(field, { isStatic: false });
  const size = JSON.stringify(data).length;
  assert.ok(size < 1e6, `${size} characters`);
  assert.equal(PLOTLY_MIME in data, false);
  assert.match(String(data["text/html"]), /<img /);
  assert.doesNotMatch(String(data["text/html"]), /<script>/);
});

Deno.test("plotlyLoader() carries plotly.js whole and below a megabyte", async () => {
  const html = await plotlyLoader();
  assert.ok(html.length < 1e6, `${html.length} characters`);
  const [, packed] = /atob\("([^"]+)"\)/.exec(html)!;
  const stream = new Blob([Uint8Array.fromBase64(packed!)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(stream).text(), await plotlySource());
});

Deno.test("plotlySource() may stand in a script element", async () => {
  const source = await plotlySource();
  assert.doesNotMatch(source, /<\/script|<!--/i);
  assert.match(source, /window\.Plotly = Plotly/);
});

Deno.test("scriptJson() cannot end a script and reads back the same", () => {
  const value = { a: "</script><!--", b: [1, null] };
  assert.doesNotMatch(scriptJson(value), /</);
  assert.deepEqual(JSON.parse(scriptJson(value)), value);
});
