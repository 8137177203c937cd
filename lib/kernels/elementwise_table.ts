/**
 * Element-wise functions as a table: a row holds the reference, the derivative,
 * and the expression of each in WGSL and in AssemblyScript. Kernels are written
 * from the rows (elementwise.ts), so a new function is a new row.
 *
 * Arguments are `x` and `y`; in a derivative `r` is the result. `ONE` is a
 * vector of four ones.
 *
 * @module
 */

/** A function of one element, y = f(x). */
export interface UnaryRow {
  readonly reference: (x: number) => number;
  readonly wgsl: string;
  readonly cpu: string;
  /** df/dx in terms of x and the result r: WGSL, AssemblyScript. */
  readonly derivative: readonly [wgsl: string, cpu: string];
}

/**
 * A derivative of a function of two elements in terms of x and y: WGSL and
 * AssemblyScript, or one number everywhere.
 */
export type BinaryDerivative = number | readonly [wgsl: string, cpu: string];

/** A function of two elements. */
export interface BinaryRow {
  readonly reference: (x: number, y: number) => number;
  readonly wgsl: string;
  readonly cpu: string;
  readonly dx: BinaryDerivative;
  readonly dy: BinaryDerivative;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const UNARY = {
  neg: {
    reference: (x) => -x,
    wgsl: "-x",
    cpu: "f32x4.neg(x)",
    derivative: ["-1.0", "f32x4.splat(-1)"],
  },
  abs: {
    reference: Math.abs,
    wgsl: "abs(x)",
    cpu: "f32x4.abs(x)",
    derivative: [
      "sign(x)",
      "f32x4.sub(v128.and(f32x4.gt(x, f32x4.splat(0)), ONE), " +
      "v128.and(f32x4.lt(x, f32x4.splat(0)), ONE))",
    ],
  },
  exp: {
    reference: Math.exp,
    wgsl: "exp(x)",
    cpu: "exp4(x)",
    derivative: ["r", "r"],
  },
  log: {
    reference: Math.log,
    wgsl: "log(x)",
    cpu: "log4(x)",
    derivative: ["1.0 / x", "f32x4.div(ONE, x)"],
  },
  sqrt: {
    reference: Math.sqrt,
    wgsl: "sqrt(x)",
    cpu: "f32x4.sqrt(x)",
    derivative: ["0.5 / r", "f32x4.div(f32x4.splat(0.5), r)"],
  },
  square: {
    reference: (x) => x * x,
    wgsl: "x * x",
    cpu: "f32x4.mul(x, x)",
    derivative: ["2.0 * x", "f32x4.add(x, x)"],
  },
  relu: {
    reference: (x) => Math.max(0, x),
    wgsl: "max(x, 0.0)",
    cpu: "f32x4.max(x, f32x4.splat(0))",
    derivative: [
      "select(0.0, 1.0, x > 0.0)",
      "v128.and(f32x4.gt(x, f32x4.splat(0)), ONE)",
    ],
  },
  sigmoid: {
    reference: sigmoid,
    wgsl: "1.0 / (1.0 + exp(-x))",
    cpu: "sigmoid4(x)",
    derivative: [
      "r * (1.0 - r)",
      "f32x4.mul(r, f32x4.sub(ONE, r))",
    ],
  },
  silu: {
    reference: (x) => x * sigmoid(x),
    wgsl: "x / (1.0 + exp(-x))",
    cpu: "f32x4.mul(x, sigmoid4(x))",
    // s + r (1 - s) with s the sigmoid
    derivative: [
      "(1.0 + (x - r) ) / (1.0 + exp(-x))",
      "f32x4.mul(sigmoid4(x), f32x4.add(ONE, f32x4.sub(x, r)))",
    ],
  },
  tanh: {
    reference: Math.tanh,
    // tanh of WGSL may overflow for large arguments.
    wgsl: "tanh(clamp(x, -10.0, 10.0))",
    cpu: "tanh4(x)",
    derivative: [
      "1.0 - r * r",
      "f32x4.sub(ONE, f32x4.mul(r, r))",
    ],
  },
} satisfies Record<string, UnaryRow>;

const BINARY = {
  add: {
    reference: (x, y) => x + y,
    wgsl: "x + y",
    cpu: "f32x4.add(x, y)",
    dx: 1,
    dy: 1,
  },
  sub: {
    reference: (x, y) => x - y,
    wgsl: "x - y",
    cpu: "f32x4.sub(x, y)",
    dx: 1,
    dy: -1,
  },
  mul: {
    reference: (x, y) => x * y,
    wgsl: "x * y",
    cpu: "f32x4.mul(x, y)",
    dx: ["y", "y"],
    dy: ["x", "x"],
  },
  div: {
    reference: (x, y) => x / y,
    wgsl: "x / y",
    cpu: "f32x4.div(x, y)",
    dx: ["1.0 / y", "f32x4.div(ONE, y)"],
    dy: ["-x / (y * y)", "f32x4.neg(f32x4.div(x, f32x4.mul(y, y)))"],
  },
  // At a tie the whole gradient goes to the first argument.
  maximum: {
    reference: Math.max,
    wgsl: "max(x, y)",
    cpu: "f32x4.max(x, y)",
    dx: ["select(0.0, 1.0, x >= y)", "v128.and(f32x4.ge(x, y), ONE)"],
    dy: ["select(0.0, 1.0, x < y)", "v128.and(f32x4.lt(x, y), ONE)"],
  },
  minimum: {
    reference: Math.min,
    wgsl: "min(x, y)",
    cpu: "f32x4.min(x, y)",
    dx: ["select(0.0, 1.0, x <= y)", "v128.and(f32x4.le(x, y), ONE)"],
    dy: ["select(0.0, 1.0, x > y)", "v128.and(f32x4.gt(x, y), ONE)"],
  },
  equal: {
    reference: (x, y) => Number(x === y),
    wgsl: "select(0.0, 1.0, x == y)",
    cpu: "v128.and(f32x4.eq(x, y), ONE)",
    dx: 0,
    dy: 0,
  },
} satisfies Record<string, BinaryRow>;

/** Names of the functions of one element. */
export type UnaryName = keyof typeof UNARY;
/** Names of the functions of two elements. */
export type BinaryName = keyof typeof BINARY;

/** Functions of one element with their references. */
export const unaryTable: Readonly<Record<UnaryName, UnaryRow>> = UNARY;
/** Functions of two elements with their references. */
export const binaryTable: Readonly<Record<BinaryName, BinaryRow>> = BINARY;
