/**
 * A figure is plain data, `{ data, layout }` as Plotly takes it: it can be
 * printed, saved, changed and drawn anywhere. This file holds the type, the
 * theme and the helpers that every plot shares.
 *
 * @module
 */

/** One Plotly trace; see the reference of plotly.js for its fields. */
export type Trace = Record<string, unknown>;

/** A Plotly layout. */
export type Layout = Record<string, unknown>;

/** Anything that plotly.js draws. Cartesian traces only: no WebGL, no 3-D. */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}

/**
 * Eight colours that stay apart for colour-blind readers and in print
 * (Okabe and Ito, 2008), black last.
 */
export const PALETTE: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8c6d1f",
  "#333333",
];

const AXIS: Layout = {
  automargin: true,
  gridcolor: "#e6e6e6",
  linecolor: "#999999",
  zeroline: false,
  showline: true,
  ticks: "outside",
  exponentformat: "power",
};

/** Common look: white ground, thin grid, legend above, 720 x 420 px. */
export const THEME: Layout = {
  width: 720,
  height: 420,
  colorway: PALETTE,
  font: { family: "DejaVu Sans, Verdana, sans-serif", size: 13 },
  paper_bgcolor: "#ffffff",
  plot_bgcolor: "#ffffff",
  margin: { l: 70, r: 30, t: 60, b: 60 },
  hovermode: "closest",
  xaxis: AXIS,
  yaxis: AXIS,
};

/** Whether a value is a record that is not an array. */
function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

/** Deep merge of plain records; the right one wins, arrays are replaced. */
function merge(a: Layout, b: Layout): Layout {
  const result: Layout = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const old = result[key];
    result[key] = isRecord(old) && isRecord(value) ? merge(old, value) : value;
  }
  return result;
}

/**
 * A figure in the common look.
 *
 * @param data traces
 * @param layout what differs from {@linkcode THEME}; every further axis
 * (`yaxis2`, ...) gets the theme's axis style
 */
export function figure(data: readonly Trace[], layout: Layout = {}): Figure {
  let base = THEME;
  for (const key of Object.keys(layout)) {
    if (/^[xy]axis\d+$/.test(key)) base = { ...base, [key]: AXIS };
  }
  return { data, layout: merge(base, layout) };
}

/** Plotly's form of an axis title. */
export function axisTitle(text: string): Layout {
  return { title: { text } };
}

/** A logarithmic axis whose ticks are written as powers of ten. */
export function logAxis(text: string): Layout {
  return { ...axisTitle(text), type: "log", dtick: 1 };
}

/** Whether a value has the form of a figure. */
export function isFigure(x: unknown): x is Figure {
  return isRecord(x) && Array.isArray(x.data) && isRecord(x.layout);
}
