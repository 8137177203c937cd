/**
 * Functions of one tensor, element by element, float32. Forward and derivative
 * of each are a row of the kernels' table (kernels/elementwise_table.ts).
 *
 * @module
 */
import type { Tensor } from "../tensor.ts";
import { applyUnary } from "./apply.ts";

/** -x. */
export function neg(x: Tensor): Tensor {
  return applyUnary("neg", x);
}

/** |x|; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return applyUnary("abs", x);
}

/** -1, 0 or 1; no gradient. */
export function sign(x: Tensor): Tensor {
  return applyUnary("sign", x);
}

/** The next whole number below; no gradient. */
export function floor(x: Tensor): Tensor {
  return applyUnary("floor", x);
}

/** The next whole number above; no gradient. */
export function ceil(x: Tensor): Tensor {
  return applyUnary("ceil", x);
}

/** The nearest whole number, a half to the even one; no gradient. */
export function round(x: Tensor): Tensor {
  return applyUnary("round", x);
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return applyUnary("exp", x);
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return applyUnary("log", x);
}

/** ln(1 + x), precise near 0. */
export function log1p(x: Tensor): Tensor {
  return applyUnary("log1p", x);
}

/** Square root. */
export function sqrt(x: Tensor): Tensor {
  return applyUnary("sqrt", x);
}

/** 1 / sqrt(x). */
export function rsqrt(x: Tensor): Tensor {
  return applyUnary("rsqrt", x);
}

/** x². */
export function square(x: Tensor): Tensor {
  return applyUnary("square", x);
}

/** 1 / x. */
export function reciprocal(x: Tensor): Tensor {
  return applyUnary("reciprocal", x);
}

/** Sine of an angle in radians, within ±8192. */
export function sin(x: Tensor): Tensor {
  return applyUnary("sin", x);
}

/** Cosine of an angle in radians, within ±8192. */
export function cos(x: Tensor): Tensor {
  return applyUnary("cos", x);
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return applyUnary("tanh", x);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return applyUnary("sigmoid", x);
}

/** x / (1 + e^-x). */
export function silu(x: Tensor): Tensor {
  return applyUnary("silu", x);
}

/** x Φ(x), Φ the normal distribution (Hendrycks and Gimpel, 2016). */
export function gelu(x: Tensor): Tensor {
  return applyUnary("gelu", x);
}

/** x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) / 2: GPT-2's GELU. */
export function geluTanh(x: Tensor): Tensor {
  return applyUnary("geluTanh", x);
}

/** max(x, 0); the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return applyUnary("relu", x);
}

/** max(x, 0)² (So et al., 2021). */
export function reluSquared(x: Tensor): Tensor {
  return applyUnary("reluSquared", x);
}

/** ln(1 + e^x). */
export function softplus(x: Tensor): Tensor {
  return applyUnary("softplus", x);
}
