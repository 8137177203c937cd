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

/** Labels of powers of ten that an axis has room for. */
const MAX_POWERS = 8;
/** Digits that are labelled in each decade of a short axis, coarsest first. */
const TICK_DIGITS: readonly (readonly number[])[] = [
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8],
];

const AXIS: Layout = {
  automargin: true,
  gridcolor: "#e6e6e6",
  linecolor: "#999999",
  zeroline: false,
  showline: true,
  ticks: "outside",
  exponentformat: "B", // 200k, 3M, 4B
  title: { standoff: 12 }, // px, or long labels run into the title
};

/** Common look: white ground, thin grid, 720 x 420 px. */
const THEME: Layout = {
  width: 720,
  height: 420,
  colorway: PALETTE,
  font: { family: "DejaVu Sans, Verdana, sans-serif", size: 13 },
  paper_bgcolor: "#ffffff",
  plot_bgcolor: "#ffffff",
  margin: { l: 70, r: 30, t: 60, b: 60 },
  hovermode: "closest",
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

/** Positive numbers that the traces draw along one axis: "x", "y2". */
function valuesAlong(data: readonly Trace[], axis: string): number[] {
  const letter = axis[0]!;
  return data
    .filter((trace) => (trace[`${letter}axis`] ?? letter) === axis)
    .flatMap((trace) => Array.from((trace[letter] ?? []) as ArrayLike<unknown>))
    .filter((value) => typeof value === "number" && value > 0) as number[];
}

/** 200 → "200", 2e8 → "2×10<sup>8</sup>", 1e8 → "10<sup>8</sup>". */
function tickText(digit: number, power: number): string {
  if (power >= -3 && power < 4) return String(Number(`${digit}e${power}`));
  return `${digit === 1 ? "" : `${digit}×`}10<sup>${power}</sup>`;
}

/**
 * Ticks of a logarithmic axis for people: powers of ten over three decades or
 * more, else the coarsest of {@linkcode TICK_DIGITS} with four ticks in range,
 * written out. Over less than that plotly's own, evenly spaced, are good.
 */
function logTicks(values: readonly number[]): Layout {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  const decades = Math.log10(high / low);
  if (decades >= 3) {
    return { dtick: Math.ceil(decades / MAX_POWERS), exponentformat: "power" };
  }
  const first = Math.floor(Math.log10(low));
  for (const digits of decades > 0 ? TICK_DIGITS : []) {
    const ticks = [0, 1, 2, 3].flatMap((i) =>
      digits.map((digit) => ({
        value: Number(`${digit}e${first + i}`),
        text: tickText(digit, first + i),
      }))
    );
    const inside = ticks.filter(({ value }) => value >= low && value <= high);
    if (inside.length < 4) continue;
    return {
      tickvals: ticks.map(({ value }) => value),
      ticktext: ticks.map(({ text }) => text),
    };
  }
  return {};
}

/**
 * A figure in the common look. Logarithmic axes get ticks that suit the range
 * of the traces, every further axis (`yaxis2`, ...) the style of the first.
 *
 * @param data traces
 * @param layout what differs from the common look
 */
export function figure(data: readonly Trace[], layout: Layout = {}): Figure {
  const base: Layout = { ...THEME };
  for (const key of ["xaxis", "yaxis", ...Object.keys(layout)]) {
    if (!/^[xy]axis\d*$/.test(key)) continue;
    const axis = layout[key];
    const ticks = isRecord(axis) && axis.type === "log"
      ? logTicks(valuesAlong(data, key.replace("axis", "")))
      : {};
    base[key] = { ...structuredClone(AXIS), ...ticks };
  }
  // A copy, since plotly writes into the layout that it draws.
  return { data, layout: structuredClone(merge(base, layout)) };
}

/** Plotly's form of an axis title. */
export function axisTitle(text: string): Layout {
  return { title: { text } };
}

/** A logarithmic axis; {@linkcode figure} gives it ticks that fit its range. */
export function logAxis(text: string): Layout {
  return { ...axisTitle(text), type: "log" };
}

/** Whether a value has the form of a figure. */
export function isFigure(x: unknown): x is Figure {
  return isRecord(x) && Array.isArray(x.data) && isRecord(x.layout);
}
