/**
 * The tail of the chi-square distribution, by the incomplete gamma function
 * (Press et al., "Numerical Recipes", 2007, section 6.2).
 *
 * @module
 */

const PRECISION = 1e-15;
const MAX_TERMS = 1000;

/** ln Gamma of a multiple of 1/2 above 0. */
function lnGammaOfHalves(x: number): number {
  let sum = 0;
  let rest = x;
  for (; rest > 1; rest--) sum += Math.log(rest - 1);
  return rest === 0.5 ? sum + Math.log(Math.PI) / 2 : sum;
}

/**
 * Probability that a chi-square variable exceeds `statistic`.
 *
 * @param degrees of freedom, a whole number of at least 1
 */
export function chiSquareTail(statistic: number, degrees: number): number {
  const a = degrees / 2, x = statistic / 2;
  if (x === 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - lnGammaOfHalves(a));
  if (x < a + 1) { // the series of the lower part
    let term = 1 / a, sum = term;
    for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  // Lentz's form of the continued fraction of the upper part.
  let b = x + 1 - a, c = Infinity, d = 1 / b, h = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    h *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return front * h;
}
