/**
 * plotly.js in a page that nobody sees: happy-dom gives the document, and this
 * file adds what happy-dom cannot know: the sizes of text and paths (for the
 * font that the figure is rendered with) and the pixels of a canvas.
 *
 * plotly.js does not support this officially, so its version is pinned and the
 * tests look at what it draws.
 *
 * @module
 */
import {
  type Element as DomElement,
  type HTMLCanvasElement as DomCanvas,
  Window,
} from "happy-dom";
import { PixelContext } from "./canvas.ts";
import { pathLength, pointAt } from "./path_geometry.ts";
import { plotlySource } from "./plotly_script.ts";
import { boundingBox, boxOnPage, geometryOf } from "./svg_boxes.ts";

/** What is used of plotly.js. */
export interface PlotlyApi {
  /** Draws a figure into a page of its own and gives the picture's text. */
  toImage(
    figure: { data: unknown; layout: unknown },
    options: {
      format: "svg";
      imageDataOnly: true;
      width: number;
      height: number;
    },
  ): Promise<string>;
}

function define(prototype: object, name: string, value: unknown): void {
  Object.defineProperty(prototype, name, { value, configurable: true });
}

function addGeometry(window: Window): void {
  const graphics = window.SVGGraphicsElement.prototype;
  define(graphics, "getBBox", function (this: DomElement) {
    return boundingBox(this);
  });
  define(graphics, "getScreenCTM", () => new window.DOMMatrix());
  for (const text of [window.SVGTextElement, window.SVGTSpanElement]) {
    define(text.prototype, "getComputedTextLength", function (
      this: DomElement,
    ) {
      return boundingBox(this).width;
    });
  }
  const path = window.SVGGeometryElement.prototype;
  define(path, "getTotalLength", function (this: DomElement) {
    return pathLength(geometryOf(this));
  });
  define(path, "getPointAtLength", function (this: DomElement, length: number) {
    return pointAt(geometryOf(this), length);
  });
  define(window.Element.prototype, "getBoundingClientRect", function (
    this: DomElement,
  ) {
    const { x, y, width, height } = boxOnPage(this);
    return new window.DOMRect(x, y, width, height);
  });
}

function addCanvas(window: Window): void {
  const contexts = new WeakMap<DomCanvas, PixelContext>();
  const contextOf = (canvas: DomCanvas): PixelContext => {
    const context = contexts.get(canvas) ?? new PixelContext(canvas);
    contexts.set(canvas, context);
    return context;
  };
  const canvas = window.HTMLCanvasElement.prototype;
  define(canvas, "getContext", function (this: DomCanvas, kind: string) {
    return kind === "2d" ? contextOf(this) : null;
  });
  define(canvas, "toDataURL", function (this: DomCanvas) {
    return contextOf(this).toDataURL();
  });
}

async function open(): Promise<PlotlyApi> {
  const window = new Window({
    width: 1000,
    height: 800,
    settings: {
      enableJavaScriptEvaluation: true, // the only script is plotly.js
      suppressInsecureJavaScriptEnvironmentWarning: true,
    },
  });
  addGeometry(window);
  addCanvas(window);
  window.eval(await plotlySource());
  return (window as unknown as { Plotly: PlotlyApi }).Plotly;
}

let page: Promise<PlotlyApi> | undefined;

/** plotly.js, ready to draw; opened on first use (about 0.2 s). */
export function drawingPage(): Promise<PlotlyApi> {
  return page ??= open();
}
