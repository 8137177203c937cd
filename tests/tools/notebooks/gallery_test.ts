/** The gallery page: complete, of one piece, with each form of output. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { PLOTLY_MIME } from "../../../lib/notebook/mod.ts";
import { galleryHtml } from "../../../tools/notebooks/gallery.ts";
import type {
  CellOutput,
  CodeCell,
  NotebookCell,
} from "../../../tools/notebooks/notebook_file.ts";
import { code, notebookOf, text } from "./scratch.ts";

function display(data: Record<string, unknown>): CellOutput {
  return { output_type: "display_data", data, metadata: {} };
}

function ran(
  source: string,
  count: number,
  ...outputs: CellOutput[]
): CodeCell {
  return { ...code(source), execution_count: count, outputs };
}

const figure = {
  data: [{ y: [1, 2], name: "</script>" }],
  layout: { width: 500, height: 300 },
  config: {},
};

/** The page without plotly.js, which is a megabyte and a half. */
async function page(
  cells: readonly (NotebookCell | string)[],
  more: { path?: string; failure?: string; seconds?: number } = {},
): Promise<string> {
  const { path = "notebooks/01_first.ipynb", ...rest } = more;
  const html = await galleryHtml([
    { path, notebook: notebookOf(cells), ...rest },
    {
      path: "notebooks/02_next.ipynb",
      notebook: notebookOf([text("no title")]),
    },
  ]);
  const start = html.indexOf("<script>/**");
  const end = html.indexOf("</script>", start);
  assert.ok(end - start > 1e6, "plotly.js is in the page");
  return html.slice(0, start) + html.slice(end);
}

Deno.test("galleryHtml() loads nothing from anywhere", async () => {
  const html = await page([
    text("# T\n\n[a link](https://example.org/x) $x$"),
    ran("1", 1, display({ [PLOTLY_MIME]: figure, "text/plain": "Figure" })),
  ]);
  assert.doesNotMatch(html, /<link\b|<iframe\b|<script[^>]+src|@import|url\(/i);
  for (const [, source] of html.matchAll(/\ssrc="([^"]*)"/g)) {
    assert.match(source!, /^data:/);
  }
  // What is left are links in the text and the name of MathML.
  const addresses = html.match(/https?:\/\/[^"]*/g) ?? [];
  assert.deepEqual([...new Set(addresses)], [
    "https://example.org/x",
    "http://www.w3.org/1998/Math/MathML",
  ]);
});

Deno.test("galleryHtml() lists notebooks by their titles and marks failures", async () => {
  const failure = "cell 2, line 1: Error: a < b";
  const html = await page([text("# The *first*\n"), ran("1", 1)], {
    failure,
    seconds: 75,
  });
  assert.match(
    html,
    /<a class="failed" href="#01_first">The first<\/a><\/li>\n/,
  );
  assert.match(html, /<a href="#02_next">02_next<\/a>/);
  assert.match(html, /Stopped: cell 2, line 1: Error: a &lt; b/);
  assert.match(html, /01_first\.ipynb, ran 1 min 15 s/);
});

Deno.test("galleryHtml() shows code with colours and its number", async () => {
  const html = await page([ran('const a = "<b>";', 3), "waiting"]);
  assert.match(html, /<div class="number">\[3\]<\/div>/);
  assert.match(html, /<span class="hljs-keyword">const<\/span>/);
  assert.match(html, /&quot;&lt;b&gt;&quot;/);
  assert.match(html, /<div class="number">\[ \]<\/div>/);
});

Deno.test("galleryHtml() takes the figure and leaves its other forms", async () => {
  const html = await page([
    ran(
      "1",
      1,
      display({
        [PLOTLY_MIME]: figure,
        "text/html": "<div>twice</div><script>draw()</script>",
        "image/png": "AAAA",
        "text/plain": 'Figure "a"',
      }),
    ),
  ]);
  assert.match(html, /aria-label="Figure &quot;a&quot;"/);
  assert.match(html, /style="width:min\(500px,100%\);height:300px"/);
  const [, json] = /<script type="application\/json">(.*?)<\/script>/s
    .exec(html)!;
  assert.deepEqual(JSON.parse(json!), figure);
  assert.doesNotMatch(html, /twice|draw\(\)|AAAA/);
});

Deno.test("galleryHtml() shows each other form of output", async () => {
  const html = await page([
    ran(
      "1",
      1,
      display({
        "text/html": "<table><tr><td>1</td></tr></table><script>x()</script>",
        "text/plain": "no",
      }),
      display({ "text/markdown": "**bold** $x$" }),
      display({ "image/png": "iVBOR\n", "text/plain": "no" }),
      display({ "image/svg+xml": "<svg/>" }),
      display({ "application/json": { a: 1 } }),
      display({ "text/plain": "<plain>" }),
      { output_type: "stream", name: "stderr", text: "careful\n" },
      {
        output_type: "error",
        ename: "E",
        evalue: "v",
        traceback: ["E: v", "  at <cell>"],
      },
    ),
  ]);
  for (
    const part of [
      "<table><tr><td>1</td></tr></table></div>",
      "<strong>bold</strong> <span",
      '<img alt="" src="data:image/png;base64,iVBOR">',
      'src="data:image/svg+xml,%3Csvg%2F%3E"',
      "{\n  &quot;a&quot;: 1\n}",
      "&lt;plain&gt;",
      '<pre class="text stderr">careful</pre>',
      '<pre class="text error">E: v\n  at &lt;cell&gt;</pre>',
    ]
  ) assert.ok(html.includes(part), part);
  assert.doesNotMatch(html, /x\(\)/);
});

Deno.test("galleryHtml() folds long text", async () => {
  const stream = (count: number): CellOutput => ({
    output_type: "stream",
    name: "stdout",
    text: "line\n".repeat(count),
  });
  assert.doesNotMatch(await page([ran("1", 1, stream(30))]), /<details>/);
  assert.match(
    await page([ran("1", 1, stream(31))]),
    /<details><summary>31 lines<\/summary><pre/,
  );
});

Deno.test("galleryHtml() leads links to other notebooks and embeds images", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(join(folder, "a b.png"), Uint8Array.of(1, 2, 3));
  const html = await page([
    text(
      "## One thing\n\n## One thing\n\n[next](02_next.ipynb#the-end) " +
        "[up](#x) ![p](a%20b.png) ![gone](gone.png)",
    ),
  ], { path: join(folder, "01_first.ipynb") });
  assert.match(html, /<h2 id="01_first--one-thing">/);
  assert.match(html, /<h2 id="01_first--one-thing-2">/);
  assert.match(html, /<a href="#02_next--the-end">next<\/a>/);
  assert.match(html, /<img src="data:image\/png;base64,AQID" alt="p">/);
  assert.match(html, /<img src="gone.png" alt="gone">/);
  await Deno.remove(folder, { recursive: true });
});
