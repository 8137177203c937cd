/**
 * What every figure must have: finite numbers, plain data, few points, a title,
 * units on its axes and names in its legend.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Figure, isFigure } from "../../lib/plots/figure.ts";

/** An axis as plots describe it. */
export interface Axis {
  readonly title?: { readonly text: string };
  readonly type?: string;
  readonly ticktext?: readonly string[];
}

/** Points of a trace above which files get large. */
const MAX_POINTS = 2000;

/** All numbers of a figure, with where they stand. */
function* numbersOf(x: unknown, path = ""): Generator<[string, number]> {
  if (typeof x === "number") yield [path, x];
  else if (typeof x === "object" && x !== null) {
    for (const [key, value] of Object.entries(x)) {
      yield* numbersOf(value, `${path}.${key}`);
    }
  }
}

/**
 * Checks a figure; an axis of names needs no unit.
 *
 * @returns its axes
 */
export function assertSound(
  figure: Figure,
  numTraces = figure.data.length,
): { xaxis: Axis; yaxis: Axis } {
  assert.ok(isFigure(figure));
  assert.equal(figure.data.length, numTraces);
  for (const [path, value] of numbersOf(figure)) {
    assert.ok(Number.isFinite(value), `${path} is ${value}`);
  }
  // What is saved is what was made.
  assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
  const { title, showlegend, xaxis, yaxis } = figure.layout as {
    title: { text: string };
    showlegend?: boolean;
    xaxis: Axis;
    yaxis: Axis;
  };
  assert.ok(title.text.length > 0);
  for (const trace of figure.data) {
    const isListed = showlegend !== false && numTraces > 1;
    assert.ok(trace.name || !isListed, "a trace without a name in the legend");
  }
  for (const [letter, axis] of Object.entries({ x: xaxis, y: yaxis })) {
    const values = figure.data.map((trace) => trace[letter] as unknown[]);
    assert.ok(values.every(({ length }) => length <= MAX_POINTS));
    const isNamed = values.some(([first]) => typeof first === "string");
    if (axis.title?.text === undefined && isNamed) continue;
    assert.match(axis.title!.text, /\(.+\)$/, `${letter} axis has no unit`);
  }
  return { xaxis, yaxis };
}
