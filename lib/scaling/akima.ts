/**
 * Akima's interpolation (Journal of the ACM 17, 1970): a smooth curve through
 * points that does not swing about a single odd one as a spline does. Porian
 * et al. 2024 (arXiv 2406.19146) look for the lowest loss of a budget along it.
 *
 * @module
 */
import { DataError } from "../util/mod.ts";

/** Slopes at the knots: means of the slopes beside, the calmer weighs more. */
function knotSlopes(x: readonly number[], y: readonly number[]): number[] {
  const m = y.slice(1).map((value, i) => (value - y[i]!) / (x[i + 1]! - x[i]!));
  // Two slopes more at each end, as a parabola would go on.
  const first = 2 * m[0]! - m[1]!, last = 2 * m.at(-1)! - m.at(-2)!;
  const all = [2 * first - m[0]!, first, ...m, last, 2 * last - m.at(-1)!];
  return x.map((_, i) => {
    const [a, b, c, d] = all.slice(i, i + 4) as [
      number,
      number,
      number,
      number,
    ];
    const after = Math.abs(d - c), before = Math.abs(b - a);
    const total = after + before;
    return total < 1e-300 ? (b + c) / 2 : (after * b + before * c) / total;
  });
}

/**
 * The curve through the points as a function of x, defined from the first to
 * the last of them; outside it goes on as the cubic of the nearest piece.
 *
 * @param x at least three numbers, each above the one before
 * @throws {DataError} when there are fewer points or x does not rise
 */
export function akima(
  x: readonly number[],
  y: readonly number[],
): (at: number) => number {
  if (x.length < 3 || x.some((value, i) => i > 0 && !(value > x[i - 1]!))) {
    throw new DataError(
      `Cannot interpolate through x = ${x.join(", ")}: ` +
        `wanted at least 3 numbers, each above the one before`,
    );
  }
  const slopes = knotSlopes(x, y);
  return (at) => {
    let i = 0;
    while (i < x.length - 2 && at > x[i + 1]!) i++;
    const width = x[i + 1]! - x[i]!;
    const t = (at - x[i]!) / width;
    const from = y[i]!, rise = y[i + 1]! - from;
    const startSlope = slopes[i]! * width, endSlope = slopes[i + 1]! * width;
    const square = 3 * rise - 2 * startSlope - endSlope;
    const cube = startSlope + endSlope - 2 * rise;
    return from + t * (startSlope + t * (square + t * cube));
  };
}
