/** Text of pages against what a reader sees. */
import assert from "node:assert/strict";
import { htmlText } from "../../../lib/text/corpus/html_text.ts";

Deno.test("htmlText() gives paragraphs, items and rows, and no scripts", () => {
  const page = `<!DOCTYPE html><html><head><title>Nome</title>
    <style>p { color: red }</style></head><body>
    <script>if (a < b) alert("não");</script>
    <h1>A   casa</h1><p>Era <b>uma</b>
    vez&nbsp;um&#32;gato&eacute;. <!-- nada --></p><p>Fim<br>mesmo</p>
    <ul><li>um</li><li>dois</li></ul>
    <table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table></body>`;
  assert.equal(
    htmlText(page),
    "A casa\n\nEra uma vez um gatoé.\n\nFim\nmesmo\n\num\ndois\n\na b\nc",
  );
});

Deno.test("htmlText() keeps the lines of pre", () => {
  assert.equal(
    htmlText("<p>a</p><pre>x = 1\n\n  y = 2\n</pre><p>b</p>"),
    "a\n\nx = 1\n  y = 2\n\nb",
  );
});

Deno.test("htmlText() leaves out elements by name", () => {
  const page = "<nav>menu</nav><p>texto <code>c</code></p><table>t</table>";
  assert.equal(
    htmlText(page, { drop: ["nav", "table", "code"] }),
    "texto",
  );
});

Deno.test("htmlText() reads other documents in angle brackets", () => {
  const page = `<?xml version="1.0"?><page><info><link type="guide"/>
    <desc>resumo</desc></info><title>Teclas</title><p>Um <gui>botão</gui>.</p>
    <steps><item><p>Abra.</p></item><item><p>Feche.</p></item></steps></page>`;
  assert.equal(
    htmlText(page, { drop: ["info"] }),
    "Teclas\n\nUm botão.\n\nAbra.\n\nFeche.",
  );
});

Deno.test("htmlText() reads broken pages and long ones in linear time", () => {
  assert.equal(htmlText("<p>a<b>b</p></i></div>c & d < e"), "ab\n\nc & d < e");
  assert.equal(htmlText(""), "");
  // A million short pieces in one line: quadratic work would take hours.
  const long = "<i>a</i>".repeat(1_000_000);
  assert.equal(htmlText(long).length, 1_000_000);
});
