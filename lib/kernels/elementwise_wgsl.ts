/**
 * WGSL functions that rows of elementwise_table.ts call. WGSL promises little
 * for some of its own functions (sine and cosine only to 2^-11) and lacks
 * others; these are within a few units in the last place of single precision.
 * Their twins for the CPU are in cpu/special.ts, with the same constants.
 *
 * @module
 */

/**
 * `log1p(x)`: ln(1 + x) = 2 artanh(x / (2 + x)), a series near 0, where 1 + x
 * would drop the low bits of x.
 */
export const WGSL_LOG1P = /* wgsl */ `
fn log1p(x: f32) -> f32 {
  let s = x / (2.0 + x);
  let s2 = s * s;
  let series = 2.0 * s * (1.0 + s2 * (0.33333333333 + s2 * (0.2
    + s2 * (0.142857142857 + s2 * 0.111111111111))));
  return select(log(1.0 + x), series, abs(x) < 0.3);
}
fn softplus(x: f32) -> f32 { return max(x, 0.0) + log1p(exp(-abs(x))); }`;

/**
 * `sine(x)` and `cosine(x)` for |x| up to 8192: π/2 in three parts takes x to
 * -π/4..π/4 (Cody and Waite), then polynomials of Cephes (Moshier).
 */
export const WGSL_TRIGONOMETRY = /* wgsl */ `
fn quadrantSine(x: f32, turn: i32) -> f32 {
  let n = round(x * 0.636619772);
  var r = fma(n, -1.5703125, x);
  r = fma(n, -4.837512969970703e-4, r);
  r = fma(n, -7.549789954891882e-8, r);
  let r2 = r * r;
  let sine = r + r * r2 * (-1.6666654611e-1
    + r2 * (8.3321608736e-3 - r2 * 1.9515295891e-4));
  let cosine = 1.0 - 0.5 * r2 + r2 * r2 * (4.166664568e-2
    + r2 * (-1.388731625e-3 + r2 * 2.443315712e-5));
  let quadrant = (i32(n) + turn) & 3;
  let value = select(sine, cosine, (quadrant & 1) == 1);
  return select(value, -value, quadrant >= 2);
}
fn sine(x: f32) -> f32 { return quadrantSine(x, 0); }
fn cosine(x: f32) -> f32 { return quadrantSine(x, 1); }`;

/**
 * `normalCdf(x)` and `normalPdf(x)` of the standard normal distribution: the
 * tail is pdf(x) t P(t) with t = 1 / (1 + 0.35 |x|), P fitted to a relative
 * error of 2e-7 in single precision. `gelu(x)` = x cdf(x).
 */
export const WGSL_NORMAL = /* wgsl */ `
fn normalTail(x: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.35 * x);
  let series = 0.139621308 + t * (0.1398634925 + t * (0.1198214709
    + t * (0.1055517048 + t * (-0.02321028163 + t * (0.1593163959
    + t * (-0.2558358494 + t * (0.1440292592 - t * 0.02915751626)))))));
  return exp(-0.5 * x * x) * t * series;
}
fn normalCdf(x: f32) -> f32 {
  let tail = normalTail(abs(x));
  return select(1.0 - tail, tail, x < 0.0);
}
fn normalPdf(x: f32) -> f32 { return 0.3989422804 * exp(-0.5 * x * x); }`;

/**
 * `power(x, y)` = x^y, of negative x for whole y, and its derivatives times d.
 * The logarithm of a negative number serves as NaN, which WGSL cannot write.
 */
export const WGSL_POWER = /* wgsl */ `
fn power(x: f32, y: f32) -> f32 {
  if (y == 0.0 || x == 1.0) { return 1.0; }
  if (x == 0.0) { return select(1.0 / abs(x), 0.0, y > 0.0); }
  let size = exp2(y * log2(abs(x)));
  if (x > 0.0) { return size; }
  if (y != floor(y)) { return log(x); }
  return select(size, -size, y - 2.0 * floor(0.5 * y) == 1.0);
}
fn powerByX(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return 0.0; }
  return y * power(x, y - 1.0);
}
fn powerByY(x: f32, y: f32) -> f32 {
  if (x == 0.0 && y >= 0.0) { return 0.0; }
  return power(x, y) * log(x);
}`;
