/**
 * What a text becomes in Markdown, read back by the gallery's own renderer.
 */
import assert from "node:assert/strict";
import { quoted } from "../../lib/notebook/mod.ts";
import { markdownHtml } from "../../tools/notebooks/markdown_html.ts";

const htmlOf = (text: string) =>
  markdownHtml(text, { link: (href) => href, headingId: (text) => text });

/** Text that a reader sees, a line for each break. */
function seen(html: string): string {
  return html.replace(/<br>\n?/g, "\n").replace(/<\/p>\s*<p>/g, "\n\n")
    .replace(/<[^>]*>/g, "").replace(/ +$/gm, "").trim()
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

Deno.test("quoted() keeps the lines of a dialogue", () => {
  const text = "O anel\n\n— Achei! — gritou Ana.\n— Onde? — disse Rui.";
  const html = htmlOf(quoted(text));
  assert.match(html, /^<blockquote>/);
  assert.equal(seen(html), text);
});

Deno.test("quoted() shows what a model writes as it is", () => {
  const wild = "# *a* _b_ `c` [d](e) <s> $x$ ~~f~~ | g &amp; \\h\n" +
    "- i\n+ j\n1. k\n2) l\n10 m";
  assert.equal(seen(htmlOf(quoted(wild))), wild);
  const plain = "Era uma vez, às 10 horas; fim - disse a avó (rindo).";
  assert.equal(quoted(plain), `> ${plain}  `);
});
