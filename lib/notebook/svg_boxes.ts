/**
 * Sizes of SVG elements without a browser: text from the measures of its font,
 * paths from their points, groups from what they hold. `getBBox` is the box in
 * an element's own coordinates, the box on the page follows its transforms and
 * those of all elements around it.
 *
 * @module
 */
import type { Element as DomElement, Node as DomNode } from "happy-dom";
import { dejaVu, textWidth } from "./font_metrics.ts";
import { parsePath, type PathGeometry } from "./path_geometry.ts";

/** A rectangle in px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface TextStyle {
  /** Font size in px. */
  readonly size: number;
  readonly weight: "normal" | "bold";
}

/** What text looks like when nothing says otherwise. */
const DEFAULT_STYLE: TextStyle = { size: 12, weight: "normal" };
/** Distance of the lines of a plotly.js label, in em. */
const LINE_HEIGHT = 1.3;
const ELEMENT = 1, TEXT = 3; // Node.nodeType

function isElement(node: DomNode): node is DomElement {
  return node.nodeType === ELEMENT;
}

/** One property of an element, from its inline style or its attributes. */
function property(element: DomElement, name: string): string | undefined {
  const style = element.getAttribute("style") ?? "";
  const inline = new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`).exec(style);
  return inline?.[1]?.trim() ?? element.getAttribute(name) ?? undefined;
}

/** The text style of an element whose parent has the style `outer`. */
function inherit(outer: TextStyle, element: DomElement): TextStyle {
  const [, amount, unit] =
    /^([\d.]+)(px|%|em)?/.exec(property(element, "font-size") ?? "") ?? [];
  const scale = unit === "%"
    ? outer.size / 100
    : unit === "em"
    ? outer.size
    : 1;
  const weight = property(element, "font-weight");
  const isBold = weight === "bold" || Number(weight) >= 600;
  return {
    size: amount === undefined ? outer.size : Number(amount) * scale,
    weight: weight === undefined ? outer.weight : isBold ? "bold" : "normal",
  };
}

/** The text style around an element. */
function outerStyle(element: DomElement): TextStyle {
  const parent = element.parentElement;
  return parent ? inherit(outerStyle(parent), parent) : DEFAULT_STYLE;
}

/** Width in px of the text below a node, set on one line. */
function lineWidth(node: DomNode, outer: TextStyle): number {
  if (node.nodeType === TEXT) {
    return outer.size * textWidth(node.textContent ?? "", dejaVu(outer.weight));
  }
  if (!isElement(node)) return 0;
  const style = inherit(outer, node);
  let width = 0;
  for (const child of node.childNodes) width += lineWidth(child, style);
  return width;
}

function attribute(element: DomElement, name: string): number {
  return Number.parseFloat(element.getAttribute(name) ?? "") || 0;
}

/** Box of a text; plotly.js puts each line into `<tspan class="line">`. */
function textBox(element: DomElement): Box {
  const outer = outerStyle(element);
  const style = inherit(outer, element);
  const lines = [...element.childNodes].filter((node) =>
    isElement(node) && node.getAttribute("class") === "line"
  );
  const width = lines.length > 0
    ? Math.max(...lines.map((line) => lineWidth(line, style)))
    : lineWidth(element, outer);
  const anchor = property(element, "text-anchor");
  const before = anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
  const font = dejaVu(style.weight);
  const further = LINE_HEIGHT * Math.max(0, lines.length - 1);
  return {
    x: attribute(element, "x") - before * width,
    y: attribute(element, "y") - font.ascent * style.size,
    width,
    height: (font.ascent + font.descent + further) * style.size,
  };
}

/** The smallest box around others; an empty one around none. */
function around(boxes: Iterable<Box>): Box {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  if (left > right) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** An affine map (x, y) → (a x + c y + e, b x + d y + f), as in SVG. */
type Matrix = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
];

/** The map of one transform function, SVG 2 section 8.5. */
function matrixOf(name: string, values: readonly number[]): Matrix {
  const [p = 0, q, r = 0, s = 0, t = 0, u = 0] = values;
  switch (name) {
    case "translate":
      return [1, 0, 0, 1, p, q ?? 0];
    case "scale":
      return [p, 0, 0, q ?? p, 0, 0];
    case "matrix":
      return [p, q ?? 0, r, s, t, u];
    case "rotate": { // by p degrees around (q, r)
      const cos = Math.cos(p * Math.PI / 180);
      const sin = Math.sin(p * Math.PI / 180);
      const x = q ?? 0;
      return [
        cos,
        sin,
        -sin,
        cos,
        x - cos * x + sin * r,
        r - sin * x - cos * r,
      ];
    }
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}

/** The box around a box that was mapped. */
function mapBox(box: Box, [a, b, c, d, e, f]: Matrix): Box {
  const corners = [box.x, box.x + box.width].flatMap((x) =>
    [box.y, box.y + box.height].map((y) => ({
      x: a * x + c * y + e,
      y: b * x + d * y + f,
      width: 0,
      height: 0,
    }))
  );
  return around(corners);
}

/** A box in the coordinates of an element, in those of its parent. */
function toParent(box: Box, element: DomElement): Box {
  const steps = [
    ...(element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g),
  ];
  return steps.reduceRight((moved, [, name = "", values = ""]) => {
    const numbers = values.trim().split(/[\s,]+/).map(Number);
    return mapBox(moved, matrixOf(name, numbers));
  }, box);
}

let lastPath: { d: string; geometry: PathGeometry } | undefined;

/** Points of a `<path>`; plotly.js asks about one many times in a row. */
export function geometryOf(element: DomElement): PathGeometry {
  const d = element.getAttribute("d") ?? "";
  if (lastPath?.d !== d) lastPath = { d, geometry: parsePath(d) };
  return lastPath.geometry;
}

/** Box of an SVG element in its own coordinates. */
export function boundingBox(element: DomElement): Box {
  switch (element.tagName.toLowerCase()) {
    case "text":
    case "tspan":
      return textBox(element);
    case "rect":
    case "image":
    case "svg":
      return {
        x: attribute(element, "x"),
        y: attribute(element, "y"),
        width: attribute(element, "width"),
        height: attribute(element, "height"),
      };
    case "path":
      return around(
        geometryOf(element).points.map((p) => ({ ...p, width: 0, height: 0 })),
      );
    default:
      return around(
        [...element.children].map((child) =>
          toParent(boundingBox(child), child)
        ).filter((box) => box.width > 0 || box.height > 0),
      );
  }
}

/** Box of an element in the coordinates of its page. */
export function boxOnPage(element: DomElement): Box {
  let box = boundingBox(element);
  for (let up: DomElement | null = element; up; up = up.parentElement) {
    box = toParent(box, up);
  }
  return box;
}
