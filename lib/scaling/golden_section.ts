/**
 * The lowest point of a function of one variable that first falls and then
 * rises, by the golden section (Kiefer 1953).
 *
 * @module
 */

const RATIO = (Math.sqrt(5) - 1) / 2;
/** Narrower than this, rounding of the function decides. */
const PRECISION = 1e-9;

/** Where `f` is lowest between two numbers; not finite counts as too high. */
export function lowestBetween(
  from: number,
  to: number,
  f: (x: number) => number,
): number {
  let low = from, high = to;
  let left = high - RATIO * (high - low), right = low + RATIO * (high - low);
  let atLeft = f(left), atRight = f(right);
  while (high - low > PRECISION * Math.max(1, Math.abs(low))) {
    if (!(atLeft > atRight) && !Number.isNaN(atLeft)) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - RATIO * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + RATIO * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
