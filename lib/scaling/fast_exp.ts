/**
 * A quick exponential for inner loops: e^x = e^(k/128) e^r with the first
 * factor from a table and |r| <= 1/256, where the series needs four terms.
 * At least twice as fast as `Math.exp` in V8, which counts: one fit from all
 * starts of Hoffmann et al. takes over 200 million exponentials.
 *
 * @module
 */

const PER_UNIT = 128;
const LIMIT = 350;
const CENTRE = LIMIT * PER_UNIT;
const TABLE = Float64Array.from(
  { length: 2 * CENTRE + 1 },
  (_, i) => Math.exp((i - CENTRE) / PER_UNIT),
);
/** Adding and taking away 1.5 x 2^52 rounds to the nearest whole number. */
const ROUNDER = 1.5 * 2 ** 52;

/** e^x to 1e-14 (relative); x is clamped to -350..350, NaN stays NaN. */
export function fastExp(x: number): number {
  const inside = x < -LIMIT ? -LIMIT : x > LIMIT ? LIMIT : x;
  const k = (inside * PER_UNIT + ROUNDER) - ROUNDER;
  const r = inside - k * (1 / PER_UNIT);
  const square = r * r;
  // Two short chains instead of one long one: they run side by side.
  const series = 1 + r + square * (0.5 + r * (1 / 6) + square * (1 / 24));
  return TABLE[(k | 0) + CENTRE]! * series;
}
