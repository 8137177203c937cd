/**
 * SVG paths as polylines, to answer how long a path is, where a point of it
 * lies and which box it fills: plotly.js asks that to place the labels of
 * contour lines and the heads of arrows. Grammar of SVG 2, section 9.3. Curves
 * become 16 chords; arcs, which cartesian figures draw only as small marks,
 * become their chord, and the shorthands S and T do without the mirrored point.
 *
 * @module
 */

/** A point in the units of the drawing. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A path as points, with the length from the start to each of them. */
export interface PathGeometry {
  readonly points: readonly Point[];
  readonly lengths: readonly number[];
}

/** How many numbers follow each command. */
const ARITY: Record<string, number> = {
  M: 2,
  L: 2,
  T: 2,
  H: 1,
  V: 1,
  Q: 4,
  S: 4,
  C: 6,
  A: 7,
  Z: 0,
};
const CHORDS = 16;

function mix(a: Point, b: Point, t: number): Point {
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t };
}

/** Point of a Bézier curve by de Casteljau's rule, t in 0..1. */
function bezier(controls: readonly Point[], t: number): Point {
  let points = controls;
  while (points.length > 1) {
    points = points.slice(1).map((point, i) => mix(points[i]!, point, t));
  }
  return points[0]!;
}

/** Commands with their numbers; what follows a first "M" pair is an "L". */
function* commands(d: string): Generator<[string, number[]]> {
  for (
    const [, letter = "", rest = ""] of d.matchAll(
      /([mlhvcsqtaz])([^mlhvcsqtaz]*)/gi,
    )
  ) {
    const numbers = rest.match(/[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi) ??
      [];
    const arity = ARITY[letter.toUpperCase()]!;
    if (arity === 0) yield [letter, []];
    else {
      for (let i = 0; i + arity <= numbers.length; i += arity) {
        const next = letter === "M" ? "L" : letter === "m" ? "l" : letter;
        const slice = numbers.slice(i, i + arity).map(Number);
        yield [i === 0 ? letter : next, slice];
      }
    }
  }
}

/** Control points and end of one command, absolute. */
function controlsOf(
  letter: string,
  numbers: readonly number[],
  from: Point,
): Point[] {
  const base = letter === letter.toLowerCase() ? from : { x: 0, y: 0 };
  switch (letter.toUpperCase()) {
    case "H":
      return [{ x: base.x + numbers[0]!, y: from.y }];
    case "V":
      return [{ x: from.x, y: base.y + numbers[0]! }];
    case "A":
      return [{ x: base.x + numbers[5]!, y: base.y + numbers[6]! }];
  }
  const points: Point[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    points.push({ x: base.x + numbers[i]!, y: base.y + numbers[i + 1]! });
  }
  return points;
}

/** Reads the `d` attribute of a path. */
export function parsePath(d: string): PathGeometry {
  const points: Point[] = [];
  const lengths: number[] = [];
  let at: Point = { x: 0, y: 0 };
  let start = at;
  let length = 0;
  const add = (point: Point, isDrawn: boolean): void => {
    if (isDrawn) length += Math.hypot(point.x - at.x, point.y - at.y);
    points.push(point);
    lengths.push(length);
    at = point;
  };
  for (const [letter, numbers] of commands(d)) {
    const command = letter.toUpperCase();
    const from = at;
    const controls = command === "Z"
      ? [start]
      : controlsOf(letter, numbers, from);
    const steps = controls.length > 1 ? CHORDS : 1;
    for (let i = 1; i <= steps; i++) {
      add(bezier([from, ...controls], i / steps), command !== "M");
    }
    if (command === "M") start = at;
  }
  return { points, lengths };
}

/** Length of a path, gaps between its parts not counted. */
export function pathLength({ lengths }: PathGeometry): number {
  return lengths.at(-1) ?? 0;
}

/** The point `length` along a path; its ends when that lies outside. */
export function pointAt(
  { points, lengths }: PathGeometry,
  length: number,
): Point {
  const i = lengths.findIndex((reached) => reached >= length);
  if (i < 0) return points.at(-1) ?? { x: 0, y: 0 };
  if (i === 0) return points[0]!;
  const before = lengths[i - 1]!, step = lengths[i]! - before;
  return mix(
    points[i - 1]!,
    points[i]!,
    step === 0 ? 1 : (length - before) / step,
  );
}
