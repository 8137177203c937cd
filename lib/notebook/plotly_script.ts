/**
 * The browser's side of figures: plotly.js (cartesian bundle) as text, the
 * script that brings it into a notebook once, and the script by which one
 * figure draws itself over its picture as soon as plotly.js is there.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import type { Figure } from "../plots/mod.ts";

/** How plotly.js behaves: no logo, follows the width of the page. */
export const PLOTLY_CONFIG = { displaylogo: false, responsive: true };

/** Text of plotly.js (cartesian bundle, minified, about 1.5 MB). */
export async function plotlySource(): Promise<string> {
  return await Deno.readTextFile(
    new URL(import.meta.resolve("plotly.js-cartesian-dist-min")),
  );
}

/**
 * HTML that loads plotly.js into the page, with nothing from the network.
 * It travels compressed (about 0.65 MB): a message of over 4 MB would break
 * the kernel's stream, and the notebook's file keeps it too.
 */
export async function plotlyLoader(): Promise<string> {
  const packed = gzipSync(await plotlySource(), { level: 9 });
  return `<script>(function () {
  function draw() { (window.cadernoQueue || []).splice(0).forEach(function (f) { f(); }); }
  if (window.Plotly) return draw();
  var bytes = Uint8Array.from(atob("${
    packed.toString("base64")
  }"), function (c) { return c.charCodeAt(0); });
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  new Response(stream).text().then(function (text) {
    var script = document.createElement("script");
    script.textContent = text;
    document.head.appendChild(script);
    draw();
  });
})()</script>`;
}

/** JSON that may stand inside of a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/**
 * Script that draws a figure into the element `id` in place of its content,
 * now or when {@linkcode plotlyLoader} has done its work.
 */
export function plotlyScript(id: string, figure: Figure): string {
  return `<script>(function () {
  var element = document.getElementById("${id}");
  var figure = ${scriptJson(figure)};
  function draw() {
    if (!element.isConnected) return;
    element.innerHTML = "";
    window.Plotly.newPlot(element, figure.data, figure.layout, ${
    JSON.stringify(PLOTLY_CONFIG)
  });
  }
  if (window.Plotly) draw();
  else (window.cadernoQueue = window.cadernoQueue || []).push(draw);
})()</script>`;
}
