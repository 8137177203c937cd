/**
 * Functions of elementwise_table.ts that are not basic arithmetic, four lanes
 * at once; their twins in WGSL, with the sources of the constants, are in
 * lib/kernels/elementwise_wgsl.ts. AssemblyScript.
 */
import { exp4, fma4, log4, sigmoid4 } from "./math";

/** -1, 0 or 1. */
// @ts-ignore: decorator
@inline
export function sign4(x: v128): v128 {
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  return f32x4.sub(
    v128.and(f32x4.gt(x, zero), one),
    v128.and(f32x4.lt(x, zero), one),
  );
}

/** ln(1 + x). */
export function log1p4(x: v128): v128 {
  const one = f32x4.splat(1), two = f32x4.splat(2);
  const s = f32x4.div(x, f32x4.add(two, x));
  const s2 = f32x4.mul(s, s);
  let y = fma4(f32x4.splat(0.111111111111), s2, f32x4.splat(0.142857142857));
  y = fma4(y, s2, f32x4.splat(0.2));
  y = fma4(y, s2, f32x4.splat(0.33333333333));
  y = f32x4.mul(f32x4.mul(two, s), fma4(y, s2, one));
  const isNear = f32x4.lt(f32x4.abs(x), f32x4.splat(0.3));
  return v128.bitselect(y, log4(f32x4.add(one, x)), isNear);
}

/** ln(1 + e^x). */
export function softplus4(x: v128): v128 {
  const tail = log1p4(exp4(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), tail);
}

/** sin(x + turn π/2). */
// @ts-ignore: decorator
@inline
function quadrantSine(x: v128, turn: i32): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(0.636619772)));
  let r = fma4(n, f32x4.splat(-1.5703125), x);
  r = fma4(n, f32x4.splat(-4.837512969970703e-4), r);
  r = fma4(n, f32x4.splat(-7.549789954891882e-8), r);
  const r2 = f32x4.mul(r, r);
  let sine = fma4(
    f32x4.splat(-1.9515295891e-4),
    r2,
    f32x4.splat(8.3321608736e-3),
  );
  sine = fma4(sine, r2, f32x4.splat(-1.6666654611e-1));
  sine = fma4(sine, f32x4.mul(r, r2), r);
  let cosine = fma4(
    f32x4.splat(2.443315712e-5),
    r2,
    f32x4.splat(-1.388731625e-3),
  );
  cosine = fma4(cosine, r2, f32x4.splat(4.166664568e-2));
  cosine = fma4(
    cosine,
    f32x4.mul(r2, r2),
    fma4(f32x4.splat(-0.5), r2, f32x4.splat(1)),
  );
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(turn));
  const isOdd = i32x4.eq(
    v128.and(quadrant, i32x4.splat(1)),
    i32x4.splat(1),
  );
  const value = v128.bitselect(cosine, sine, isOdd);
  // Bit 1 of the quadrant becomes the sign.
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(value, sign);
}

/** Sine; |x| up to 8192. */
export function sin4(x: v128): v128 {
  return quadrantSine(x, 0);
}

/** Cosine; |x| up to 8192. */
export function cos4(x: v128): v128 {
  return quadrantSine(x, 1);
}

/** e^(-x²/2) */
// @ts-ignore: decorator
@inline
function bell4(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** Density of the standard normal distribution. */
export function normalPdf4(x: v128): v128 {
  return f32x4.mul(f32x4.splat(0.3989422804), bell4(x));
}

/** Distribution function of the standard normal distribution. */
export function normalCdf4(x: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, fma4(f32x4.splat(0.35), f32x4.abs(x), one));
  let y = f32x4.splat(-0.02915751626);
  y = fma4(y, t, f32x4.splat(0.1440292592));
  y = fma4(y, t, f32x4.splat(-0.2558358494));
  y = fma4(y, t, f32x4.splat(0.1593163959));
  y = fma4(y, t, f32x4.splat(-0.02321028163));
  y = fma4(y, t, f32x4.splat(0.1055517048));
  y = fma4(y, t, f32x4.splat(0.1198214709));
  y = fma4(y, t, f32x4.splat(0.1398634925));
  y = fma4(y, t, f32x4.splat(0.139621308));
  const tail = f32x4.mul(f32x4.mul(bell4(x), t), y);
  const isLow = f32x4.lt(x, f32x4.splat(0));
  return v128.bitselect(tail, f32x4.sub(one, tail), isLow);
}

/** u of GELU's tanh form: k (x + a x³), k = sqrt(2/π), a = 0.044715. */
// @ts-ignore: decorator
@inline
function geluArgument(x: v128): v128 {
  const cubic = fma4(
    f32x4.mul(x, x),
    f32x4.splat(0.044715),
    f32x4.splat(1),
  );
  return f32x4.mul(f32x4.mul(x, f32x4.splat(0.7978845608)), cubic);
}

/** x (1 + tanh u) / 2 = x / (1 + e^-2u), u = k (x + a x³). */
export function geluTanh4(x: v128): v128 {
  const u = geluArgument(x);
  return f32x4.mul(x, sigmoid4(f32x4.add(u, u)));
}

/** s + 2 x s (1 - s) k (1 + 3 a x²), s = 1 / (1 + e^-2u). */
export function geluTanhByX4(x: v128): v128 {
  const u = geluArgument(x);
  const s = sigmoid4(f32x4.add(u, u));
  const slope = fma4(
    f32x4.mul(x, x),
    f32x4.splat(0.2140644488), // 6 a k
    f32x4.splat(1.5957691216), // 2 k
  );
  const change = f32x4.mul(s, f32x4.sub(f32x4.splat(1), s));
  return fma4(f32x4.mul(x, change), slope, s);
}

/** x^y; of negative x for whole y. */
export function power4(x: v128, y: v128): v128 {
  const one = f32x4.splat(1), half = f32x4.splat(0.5);
  const zero = f32x4.splat(0);
  const size = exp4(f32x4.mul(y, log4(f32x4.abs(x))));
  const isLow = f32x4.lt(x, zero);
  // An odd y differs from twice the floor of its half by 1.
  const whole = f32x4.floor(f32x4.mul(half, y));
  const isOdd = f32x4.eq(f32x4.sub(y, f32x4.add(whole, whole)), one);
  const sign = v128.and(
    v128.and(isLow, isOdd),
    i32x4.splat(i32.MIN_VALUE),
  );
  const isFraction = f32x4.ne(y, f32x4.floor(y));
  const value = v128.bitselect(
    f32x4.splat(NaN),
    v128.xor(size, sign),
    v128.and(isLow, isFraction),
  );
  const isOne = v128.or(f32x4.eq(y, zero), f32x4.eq(x, one));
  return v128.bitselect(one, value, isOne);
}

/** Derivative of x^y by x. */
export function powerByX4(x: v128, y: v128): v128 {
  const slope = f32x4.mul(y, power4(x, f32x4.sub(y, f32x4.splat(1))));
  return v128.andnot(slope, f32x4.eq(y, f32x4.splat(0)));
}

/** Derivative of x^y by y. */
export function powerByY4(x: v128, y: v128): v128 {
  const zero = f32x4.splat(0);
  const slope = f32x4.mul(power4(x, y), log4(x));
  const isFlat = v128.and(f32x4.eq(x, zero), f32x4.ge(y, zero));
  return v128.andnot(slope, isFlat);
}
