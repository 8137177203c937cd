/**
 * Functions of four lanes at once, single precision.
 *
 * exp, log: Cephes' range reduction and minimax polynomials (Moshier), within
 * 2 units in the last place. AssemblyScript; imported by the kernel families.
 */

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function max4(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Smallest of the four lanes. */
// @ts-ignore: decorator
@inline
export function min4(v: v128): f32 {
  const pairs = f32x4.min(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** a * b + c, rounded once where the processor can. */
// @ts-ignore: decorator
@inline
export function fma4(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/**
 * Constants of {@link exp4}, in memory: V8 builds a vector from a literal with
 * several instructions at every use, and loads it from a fixed address, which
 * needs no check, with one. That halves the time.
 */
const EXP = memory.data<f32>([
  89, -87.5, // above, e^x is infinite; below, 0
  1.44269504088896341, 12582912, // 1 / ln 2, 1.5 * 2^23
  -0.693359375, 2.12194440e-4, // -ln 2 in two parts: r keeps its low bits
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, // the polynomial
  4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  1, 0.5, 2,
]);

// @ts-ignore: decorator
@inline
function ofExp(i: usize): v128 {
  return v128.load32_splat(EXP + (i << 2));
}

/** e^x; 0 below -87, infinity above 88.7. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax are one instruction each and let NaN through, into y.
  const clamped = f32x4.pmax(f32x4.pmin(x, ofExp(0)), ofExp(1));
  // Adding 1.5 * 2^23 rounds x / ln 2 to n, which then lies in the low bits.
  const shifted = fma4(clamped, ofExp(2), ofExp(3));
  const n = f32x4.sub(shifted, ofExp(3));
  const r = fma4(n, ofExp(5), fma4(n, ofExp(4), clamped));
  let y = ofExp(6);
  y = fma4(y, r, ofExp(7));
  y = fma4(y, r, ofExp(8));
  y = fma4(y, r, ofExp(9));
  y = fma4(y, r, ofExp(10));
  y = fma4(y, r, ofExp(11));
  y = fma4(y, f32x4.mul(r, r), f32x4.add(r, ofExp(12)));
  // 2^(n-1), then doubled: 2^n alone would overflow for the largest x. The
  // bits of 0.5 are the exponent of 2^-1.
  const power = i32x4.add(i32x4.shl(shifted, 23), ofExp(13));
  return f32x4.mul(f32x4.mul(y, power), ofExp(14));
}

/** e^x of one number. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Natural logarithm; NaN below 0, -infinity at 0. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  // x = m * 2^e with m in [0.5, 1)
  const bits = x;
  let e = f32x4.convert_i32x4_s(
    i32x4.sub(i32x4.shr_u(bits, 23), i32x4.splat(126)),
  );
  let m = v128.or(
    v128.and(bits, i32x4.splat(0x007fffff)),
    f32x4.splat(0.5),
  );
  // Keep m within sqrt(1/2)..sqrt(2).
  const small = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(small, one));
  m = f32x4.sub(f32x4.add(m, v128.and(small, m)), one);
  let y = f32x4.splat(7.0376836292e-2);
  y = fma4(y, m, f32x4.splat(-1.1514610310e-1));
  y = fma4(y, m, f32x4.splat(1.1676998740e-1));
  y = fma4(y, m, f32x4.splat(-1.2420140846e-1));
  y = fma4(y, m, f32x4.splat(1.4249322787e-1));
  y = fma4(y, m, f32x4.splat(-1.6668057665e-1));
  y = fma4(y, m, f32x4.splat(2.0000714765e-1));
  y = fma4(y, m, f32x4.splat(-2.4999993993e-1));
  y = fma4(y, m, f32x4.splat(3.3333331174e-1));
  const square = f32x4.mul(m, m);
  y = f32x4.mul(f32x4.mul(y, m), square);
  y = fma4(e, f32x4.splat(-2.12194440e-4), y);
  y = fma4(square, f32x4.splat(-0.5), y);
  let result = fma4(e, f32x4.splat(0.693359375), f32x4.add(m, y));
  result = v128.bitselect(
    f32x4.splat(-Infinity),
    result,
    f32x4.eq(x, f32x4.splat(0)),
  );
  result = v128.bitselect(x, result, f32x4.eq(x, f32x4.splat(Infinity)));
  const isNumber = f32x4.ge(x, f32x4.splat(0)); // false for NaN too
  return v128.bitselect(result, f32x4.splat(NaN), isNumber);
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/**
 * Hyperbolic tangent within 4 units in the last place: Cephes' polynomial near
 * 0, where 1 - 2/(e^2x + 1) cancels.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  const square = f32x4.mul(x, x);
  let series = f32x4.splat(-5.70498872745e-3);
  series = fma4(series, square, f32x4.splat(2.06390887954e-2));
  series = fma4(series, square, f32x4.splat(-5.37397155531e-2));
  series = fma4(series, square, f32x4.splat(1.33314422036e-1));
  series = fma4(series, square, f32x4.splat(-3.33332819422e-1));
  series = fma4(f32x4.mul(series, square), x, x);
  const far = f32x4.sub(
    one,
    f32x4.div(
      f32x4.splat(2),
      f32x4.add(exp4(f32x4.add(x, x)), one),
    ),
  );
  const isNear = f32x4.lt(f32x4.abs(x), f32x4.splat(0.625));
  return v128.bitselect(series, far, isNear);
}
