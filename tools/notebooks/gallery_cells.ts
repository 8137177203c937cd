/**
 * Cells of a notebook as HTML: text, highlighted code, outputs. Of each output
 * the richest form is taken; a figure becomes an empty box with its data, which
 * the script of the page draws, so scripts in HTML outputs are left out.
 *
 * @module
 */
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import { escapeHtml, PLOTLY_MIME, scriptJson } from "../../lib/notebook/mod.ts";
import { type MarkdownContext, markdownHtml } from "./markdown_html.ts";
import type { CellOutput, CodeCell, NotebookCell } from "./notebook_file.ts";

hljs.registerLanguage("typescript", typescript);

/** Lines of text above which an output is folded. */
const MAX_OPEN_LINES = 30;

function folded(html: string, text: string): string {
  const count = text.trimEnd().split("\n").length;
  if (count <= MAX_OPEN_LINES) return html;
  return `<details><summary>${count} lines</summary>${html}</details>`;
}

function textBlock(text: string, kind = ""): string {
  const html = `<pre class="text ${kind}">${escapeHtml(text.trimEnd())}</pre>`;
  return folded(html, text);
}

/** The size that the layout of a figure asks for, as CSS. */
function figureStyle(figure: unknown): string {
  const { width, height } = (figure as {
    layout?: { width?: number; height?: number };
  }).layout ?? {};
  return `width:min(${Number(width ?? 720)}px,100%);` +
    `height:${Number(height ?? 420)}px`;
}

function mediaHtml(
  data: Readonly<Record<string, unknown>>,
  context: MarkdownContext,
): string {
  const text = (mime: string): string => String(data[mime]);
  if (PLOTLY_MIME in data) {
    const figure = data[PLOTLY_MIME];
    const label = escapeHtml(text("text/plain"));
    return `<div class="figure" role="img" aria-label="${label}" ` +
      `style="${figureStyle(figure)}"><script type="application/json">` +
      `${scriptJson(figure)}</script><noscript>${label}</noscript></div>`;
  }
  if ("text/html" in data) {
    return text("text/html").replace(/<script\b[\s\S]*?<\/script>/gi, "");
  }
  if ("text/markdown" in data) {
    return markdownHtml(text("text/markdown"), context);
  }
  if ("image/svg+xml" in data) {
    const svg = encodeURIComponent(text("image/svg+xml"));
    return `<img alt="" src="data:image/svg+xml,${svg}">`;
  }
  for (const mime of ["image/png", "image/jpeg", "image/gif"]) {
    if (mime in data) {
      return `<img alt="" src="data:${mime};base64,${text(mime).trim()}">`;
    }
  }
  if ("application/json" in data) {
    return textBlock(JSON.stringify(data["application/json"], null, 2));
  }
  return textBlock(text("text/plain"));
}

function outputHtml(output: CellOutput, context: MarkdownContext): string {
  switch (output.output_type) {
    case "stream":
      return textBlock(output.text, output.name);
    case "error":
      return textBlock(
        output.traceback.join("\n") || `${output.ename}: ${output.evalue}`,
        "error",
      );
    default:
      return mediaHtml(output.data, context);
  }
}

function codeHtml(cell: CodeCell, context: MarkdownContext): string {
  const code = hljs.highlight(cell.source, { language: "typescript" }).value;
  const outputs = cell.outputs.map((output) =>
    `<div class="output">${outputHtml(output, context)}</div>`
  );
  return `<section class="cell"><div class="number">[${
    cell.execution_count ?? " "
  }]</div>` +
    `<pre class="code"><code>${code}</code></pre>${outputs.join("\n")}` +
    "</section>";
}

/** All cells of a notebook; those that ran carry their number. */
export function cellsHtml(
  cells: readonly NotebookCell[],
  context: MarkdownContext,
): string {
  return cells.map((cell) => {
    if (cell.cell_type === "code") return codeHtml(cell, context);
    if (cell.cell_type === "raw") return textBlock(cell.source);
    return `<section class="prose">${
      markdownHtml(cell.source, context)
    }</section>`;
  }).join("\n");
}
