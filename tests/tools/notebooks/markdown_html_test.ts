/** Markdown with formulas: what is a formula and what is a price. */
import assert from "node:assert/strict";
import {
  markdownHtml,
  slugOf,
} from "../../../tools/notebooks/markdown_html.ts";

function render(text: string): string {
  return markdownHtml(text, {
    link: (href) => `to:${href}`,
    headingId: (heading) => slugOf(heading),
  });
}

/** TeX of the formulas in HTML, display formulas in brackets. */
function formulas(html: string): string[] {
  const found = html.matchAll(/<math([^>]*)>.*?x-tex">(.*?)<\/annotation>/gs);
  return [...found].map(([, attributes, tex]) =>
    attributes!.includes('display="block"') ? `[${tex}]` : tex!
  );
}

Deno.test("markdownHtml() finds formulas in a line and in paragraphs", () => {
  const text =
    "With $E = 1.69$ and $a_1*b_2*c$:\n\n$$\nL(N)\n= E\n- 1\n$$\n\n" +
    "then $$x$$ in a line.\n$$\ny\n$$";
  assert.deepEqual(formulas(render(text)), [
    "E = 1.69",
    "a_1*b_2*c",
    "[L(N)\n= E\n- 1]",
    "[x]",
    "[y]",
  ]);
});

Deno.test("markdownHtml() leaves prices, code and escaped signs alone", () => {
  const html = render("From $5 to $6, `$x$`, \\$y\\$, $ z $.\n\n    $w$");
  assert.deepEqual(formulas(html), []);
  assert.match(html, /From \$5 to \$6, <code>\$x\$<\/code>, \$y\$, \$ z \$\./);
});

Deno.test("markdownHtml() shows TeX that it cannot read", () => {
  assert.match(render("$\\frac{$"), /\\frac\{/);
});

Deno.test("markdownHtml() sets formulas in tables and headings", () => {
  const html = render("# On $L(N)$\n\n| a |\n|---|\n| $x$ |");
  assert.deepEqual(formulas(html), ["L(N)", "x"]);
  assert.match(html, /<h1 id="on-l-n">On <span/);
});

Deno.test("markdownHtml() maps links and images", () => {
  const html = render("[a *b*](02_x.ipynb) ![c <d>](e.png)");
  assert.match(html, /<a href="to:02_x.ipynb">a <em>b<\/em><\/a>/);
  assert.match(html, /<img src="to:e.png" alt="c &lt;d&gt;">/);
});

Deno.test("slugOf() keeps letters of any language and digits", () => {
  assert.equal(slugOf("1. Atenção: o que é?"), "1-atenção-o-que-é");
  assert.equal(slugOf("$$$"), "section");
});
