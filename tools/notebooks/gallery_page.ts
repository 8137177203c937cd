/**
 * The look and the few moves of the gallery: style and script of its page.
 *
 * @module
 */

/** Style sheet: readable lines, light and dark, from phones to wide screens. */
export const GALLERY_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1f2328; --soft: #59636e; --line: #d8dee4;
  --code: #f6f8fa; --link: #0060a8; --bad: #b02a37; --bad-ground: #fdf1f1;
  --keyword: #a3261f; --string: #0a5c36; --number: #0550ae; --name: #6639ba;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --text: #e3e7eb; --soft: #98a2ad; --line: #333a41;
    --code: #1e2226; --link: #79b8ff; --bad: #ff8f8f; --bad-ground: #2d1b1d;
    --keyword: #ff9a8d; --string: #8fd6a8; --number: #8cc1ff; --name: #cdb0ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.6 system-ui, sans-serif;
  display: grid; grid-template-columns: 17rem minmax(0, 1fr);
}
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto;
  padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: 0.9rem;
}
nav strong { display: block; font-size: 1.2rem; margin-bottom: 0.75rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav a {
  display: block; padding: 0.3rem 0.6rem; border-radius: 6px;
  color: inherit; text-decoration: none;
}
nav a:hover, nav a[aria-current] { background: var(--code); }
nav a[aria-current] { font-weight: 600; }
nav a.failed::after { content: " ✗"; color: var(--bad); }
main { padding: 2rem clamp(1rem, 4vw, 4rem) 6rem; max-width: 62rem; }
article[hidden] { display: none; }
a { color: var(--link); }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.4rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.prose { max-width: 44rem; }
.cell { position: relative; margin: 1rem 0 1.5rem; }
.number {
  position: absolute; right: 100%; padding: 0.75rem 0.6rem 0 0;
  font: 0.8rem/1.5 ui-monospace, monospace; color: var(--soft);
}
pre, code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
pre { margin: 0; overflow-x: auto; font-size: 0.85rem; line-height: 1.5; }
:not(pre) > code {
  font-size: 0.88em; background: var(--code); padding: 0.1em 0.3em;
  border-radius: 4px;
}
pre.code, .prose pre {
  padding: 0.75rem 1rem; background: var(--code); border-radius: 8px;
}
.output { margin: 0.75rem 0 0 1rem; overflow-x: auto; }
pre.stderr { border-left: 3px solid var(--line); padding-left: 0.75rem; }
pre.error, .failure {
  padding: 0.75rem 1rem; border-radius: 8px;
  color: var(--bad); background: var(--bad-ground);
}
.figure { background: #ffffff; border-radius: 8px; overflow: hidden; }
img { max-width: 100%; height: auto; }
.output img { background: #ffffff; border-radius: 8px; }
table {
  border-collapse: collapse; font-size: 0.9rem;
  font-variant-numeric: tabular-nums;
}
caption { text-align: left; color: var(--soft); padding-bottom: 0.3rem; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); }
th { border-bottom-width: 2px; }
blockquote {
  margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line);
  color: var(--soft);
}
summary, .meta { color: var(--soft); font-size: 0.9rem; cursor: default; }
math[display="block"] { margin: 1rem 0; overflow-x: auto; }
.hljs-comment { color: var(--soft); font-style: italic; }
.hljs-keyword, .hljs-literal { color: var(--keyword); }
.hljs-string, .hljs-regexp { color: var(--string); }
.hljs-number, .hljs-attr { color: var(--number); }
.hljs-title, .hljs-built_in { color: var(--name); }
@media (max-width: 60rem) {
  body { display: block; }
  nav { position: static; height: auto; border: 0; }
  .number { position: static; padding: 0 0 0.2rem; }
  .output { margin-left: 0; }
}
@media print {
  body { display: block; }
  nav { display: none; }
}
`;

/**
 * Script: shows the notebook that the address names, and draws a figure when
 * it comes near. `config` is Plotly's.
 */
export function galleryScript(config: object): string {
  return `
const articles = [...document.querySelectorAll("article")];
const links = [...document.querySelectorAll("nav a")];
function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id ? document.getElementById(id) : null;
  const shown = target?.closest("article") ?? articles[0];
  for (const article of articles) article.hidden = article !== shown;
  for (const link of links) {
    if (link.hash === "#" + shown.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (target && target !== shown) target.scrollIntoView();
  else scrollTo(0, 0);
}
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    const { data, layout } = JSON.parse(
      target.querySelector("script").textContent,
    );
    target.replaceChildren();
    delete layout.width; // the style of the box says it, and bends on phones
    delete layout.height;
    Plotly.newPlot(target, data, layout, ${JSON.stringify(config)});
  }
}, { rootMargin: "600px" });
for (const figure of document.querySelectorAll(".figure")) near.observe(figure);
addEventListener("hashchange", open);
if (articles.length > 0) open();
`;
}
