/**
 * Figures as small, plain JSON: typed arrays become lists, numbers keep eight
 * digits, what is not finite becomes a gap, and traces of many thousands of
 * points are thinned to what the eye can see (2000 points of a line, 5000
 * markers), since more makes browsers and pictures slow. The copy shares
 * nothing with the figure, which plotly.js would otherwise write into.
 *
 * @module
 */
import { ConfigError } from "../util/mod.ts";
import type { Figure, Layout, Trace } from "../plots/mod.ts";

/** Traces that the cartesian bundle of plotly.js draws. */
const TRACE_TYPES: ReadonlySet<string> = new Set([
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "scatterternary",
  "violin",
]);

/** Points of one line that are kept; a figure is about 700 px wide. */
const MAX_LINE_POINTS = 2000;
/** Markers of one trace that are kept; each costs 0.3 ms in a picture. */
const MAX_MARKERS = 5000;

/** The type of a trace that needs WebGL, a third dimension or a map. */
export function undrawableType(figure: Figure): string | undefined {
  const types = figure.data.map(({ type = "scatter" }) => String(type));
  return types.find((type) => !TRACE_TYPES.has(type));
}

/**
 * Refuses a figure with a trace that cannot be drawn.
 *
 * @throws {ConfigError} naming its type and those that can be drawn
 */
export function checkTraces(figure: Figure): void {
  const type = undrawableType(figure);
  if (type === undefined) return;
  throw new ConfigError(
    `Cannot draw a trace of type "${type}": it must be one of ` +
      [...TRACE_TYPES].join(", "),
  );
}

/** A number as it is written: whole, with eight digits, or a gap. */
function plainNumber(x: number): number | null {
  if (!Number.isFinite(x)) return null;
  return Number.isInteger(x) ? x : Number(x.toPrecision(8));
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "number") return plainNumber(value);
  if (typeof value === "bigint") return Number(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<number | bigint>);
  }
  return value;
}

/**
 * Indices of the lowest and the highest of each group of neighbours, so that
 * a thinned line fills the same pixels; first and last point always stay.
 */
function extremeIndices(y: readonly unknown[], limit: number): Set<number> {
  const kept = new Set([0, y.length - 1]);
  const groups = Math.floor(limit / 2);
  for (let g = 0; g < groups; g++) {
    const start = Math.floor(g * y.length / groups);
    const end = Math.floor((g + 1) * y.length / groups);
    let low = start, high = start;
    for (let i = start; i < end; i++) {
      if (Number(y[i]) < Number(y[low])) low = i;
      if (Number(y[i]) > Number(y[high])) high = i;
    }
    kept.add(low).add(high);
  }
  return kept;
}

/** Indices of `limit` points at even distances. */
function evenIndices(size: number, limit: number): Set<number> {
  return new Set(
    Array.from({ length: limit }, (_, i) => Math.floor(i * size / limit)),
  );
}

/** A trace in which lists of `size` items keep those of some indices. */
function picked(value: unknown, size: number, kept: Set<number>): unknown {
  if (Array.isArray(value)) {
    return value.length === size ? value.filter((_, i) => kept.has(i)) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, picked(v, size, kept)]),
  );
}

/** A trace with no more points than can be seen. */
function thinned(trace: Trace): Trace {
  const { type = "scatter", mode, y } = trace;
  if (type !== "scatter" || !Array.isArray(y)) return trace;
  const isLine = mode === "lines";
  const limit = isLine ? MAX_LINE_POINTS : MAX_MARKERS;
  if (y.length <= limit) return trace;
  const kept = isLine ? extremeIndices(y, limit) : evenIndices(y.length, limit);
  return picked(trace, y.length, kept) as Trace;
}

/** A deep copy of a figure that is plain JSON and no larger than needed. */
export function plainFigure(
  figure: Figure,
): { data: Trace[]; layout: Layout } {
  const { data, layout } = figure;
  const copy = JSON.parse(JSON.stringify({ data, layout }, plain));
  return { data: copy.data.map(thinned), layout: copy.layout };
}
