/**
 * Element-wise functions as a table: a row holds the reference, the derivative,
 * and the expression of each in WGSL and in AssemblyScript. Kernels are written
 * from the rows (elementwise.ts), so a new function is a new row.
 *
 * Arguments are `x` and `y`; in a derivative `r` is the result. `ONE` is a
 * vector of four ones. Functions longer than a line are in elementwise_wgsl.ts
 * and cpu/special.ts.
 *
 * @module
 */
import {
  WGSL_LOG1P,
  WGSL_NORMAL,
  WGSL_POWER,
  WGSL_TRIGONOMETRY,
} from "./elementwise_wgsl.ts";

/**
 * A derivative in terms of the arguments (and the result r of a function of
 * one): WGSL and AssemblyScript, or one number everywhere. 0 takes the function
 * off the tape.
 */
export type Derivative = number | readonly [wgsl: string, cpu: string];

/** Whether a derivative reads an argument, or the result r. */
export function derivativeReads(
  derivative: Derivative,
  name: "x" | "y" | "r",
): boolean {
  if (typeof derivative === "number") return false;
  return derivative.some((text) => new RegExp(`\\b${name}\\b`).test(text));
}

interface Row {
  readonly wgsl: string;
  readonly cpu: string;
  /** WGSL functions that the expressions call. */
  readonly library?: string;
  /** x must lie above it. */
  readonly lowest?: number;
}

/** A function of one element, y = f(x). */
export interface UnaryRow extends Row {
  readonly reference: (x: number) => number;
  readonly derivative: Derivative;
}

/** A function of two elements. */
export interface BinaryRow extends Row {
  readonly reference: (x: number, y: number) => number;
  readonly dx: Derivative;
  readonly dy: Derivative;
  /** AssemblyScript for int32, where there is such; the WGSL serves both. */
  readonly int32?: string;
  /** Whether the result is 1 or 0 of float32, whatever the arguments are. */
  readonly compares?: boolean;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Rounds to the nearest whole number, a half to the even one (IEEE 754). */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/15 + …), to 1e-15 absolutely. */
function normalCdf(x: number): number {
  if (Math.abs(x) > 9) return x < 0 ? 0 : 1;
  let term = x, sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= x * x / n;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

const splat = (x: number) => `f32x4.splat(${x})`;
/** Ones where a comparison holds, else zeros. */
const onesWhere = (condition: string) => `v128.and(${condition}, ONE)`;

const UNARY = {
  neg: {
    reference: (x) => -x,
    wgsl: "-x",
    cpu: "f32x4.neg(x)",
    derivative: -1,
  },
  abs: {
    reference: Math.abs,
    wgsl: "abs(x)",
    cpu: "f32x4.abs(x)",
    derivative: ["sign(x)", "sign4(x)"],
  },
  sign: {
    reference: Math.sign,
    wgsl: "sign(x)",
    cpu: "sign4(x)",
    derivative: 0,
  },
  floor: {
    reference: Math.floor,
    wgsl: "floor(x)",
    cpu: "f32x4.floor(x)",
    derivative: 0,
  },
  ceil: {
    reference: Math.ceil,
    wgsl: "ceil(x)",
    cpu: "f32x4.ceil(x)",
    derivative: 0,
  },
  round: {
    reference: roundHalfEven,
    wgsl: "round(x)",
    cpu: "f32x4.nearest(x)",
    derivative: 0,
  },
  exp: {
    reference: Math.exp,
    wgsl: "exp(x)",
    cpu: "exp4(x)",
    derivative: ["r", "r"],
  },
  log: {
    reference: Math.log,
    lowest: 0,
    wgsl: "log(x)",
    cpu: "log4(x)",
    derivative: ["1.0 / x", "f32x4.div(ONE, x)"],
  },
  log1p: {
    reference: Math.log1p,
    lowest: -1,
    library: WGSL_LOG1P,
    wgsl: "log1p(x)",
    cpu: "log1p4(x)",
    derivative: ["1.0 / (1.0 + x)", "f32x4.div(ONE, f32x4.add(ONE, x))"],
  },
  sqrt: {
    reference: Math.sqrt,
    lowest: 0,
    wgsl: "sqrt(x)",
    cpu: "f32x4.sqrt(x)",
    derivative: ["0.5 / r", `f32x4.div(${splat(0.5)}, r)`],
  },
  rsqrt: {
    reference: (x) => 1 / Math.sqrt(x),
    lowest: 0,
    wgsl: "inverseSqrt(x)",
    cpu: "f32x4.div(ONE, f32x4.sqrt(x))",
    derivative: [
      "-0.5 * r / x",
      `f32x4.div(f32x4.mul(r, ${splat(-0.5)}), x)`,
    ],
  },
  square: {
    reference: (x) => x * x,
    wgsl: "x * x",
    cpu: "f32x4.mul(x, x)",
    derivative: ["2.0 * x", "f32x4.add(x, x)"],
  },
  reciprocal: {
    reference: (x) => 1 / x,
    wgsl: "1.0 / x",
    cpu: "f32x4.div(ONE, x)",
    derivative: ["-r * r", "f32x4.neg(f32x4.mul(r, r))"],
  },
  sin: {
    reference: Math.sin,
    library: WGSL_TRIGONOMETRY,
    wgsl: "sine(x)",
    cpu: "sin4(x)",
    derivative: ["cosine(x)", "cos4(x)"],
  },
  cos: {
    reference: Math.cos,
    library: WGSL_TRIGONOMETRY,
    wgsl: "cosine(x)",
    cpu: "cos4(x)",
    derivative: ["-sine(x)", "f32x4.neg(sin4(x))"],
  },
  tanh: {
    reference: Math.tanh,
    // tanh of WGSL may overflow for large arguments.
    wgsl: "tanh(clamp(x, -10.0, 10.0))",
    cpu: "tanh4(x)",
    derivative: ["1.0 - r * r", "f32x4.sub(ONE, f32x4.mul(r, r))"],
  },
  sigmoid: {
    reference: sigmoid,
    wgsl: "1.0 / (1.0 + exp(-x))",
    cpu: "sigmoid4(x)",
    derivative: ["r * (1.0 - r)", "f32x4.mul(r, f32x4.sub(ONE, r))"],
  },
  silu: {
    reference: (x) => x * sigmoid(x),
    wgsl: "x / (1.0 + exp(-x))",
    cpu: "f32x4.mul(x, sigmoid4(x))",
    // s + r (1 - s) with s the sigmoid
    derivative: [
      "(1.0 + (x - r)) / (1.0 + exp(-x))",
      "f32x4.mul(sigmoid4(x), f32x4.add(ONE, f32x4.sub(x, r)))",
    ],
  },
  // GELU as it is defined, x Φ(x) (Hendrycks and Gimpel, 2016) …
  gelu: {
    reference: (x) => x * normalCdf(x),
    library: WGSL_NORMAL,
    wgsl: "x * normalCdf(x)",
    cpu: "f32x4.mul(x, normalCdf4(x))",
    derivative: [
      "normalCdf(x) + x * normalPdf(x)",
      "f32x4.add(normalCdf4(x), f32x4.mul(x, normalPdf4(x)))",
    ],
  },
  // … and the approximation by tanh that GPT-2 uses.
  geluTanh: {
    reference: (x) =>
      0.5 * x * (1 + Math.tanh(
        Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3),
      )),
    library: /* wgsl */ `
fn gate(x: f32) -> f32 { // (1 + tanh u) / 2 = 1 / (1 + e^-2u)
  return 1.0 / (1.0 + exp(-1.5957691216 * x * (1.0 + 0.044715 * x * x)));
}`,
    wgsl: "x * gate(x)",
    cpu: "geluTanh4(x)",
    derivative: [
      "gate(x) + x * gate(x) * (1.0 - gate(x)) * " +
      "(1.5957691216 + 0.2140644488 * x * x)",
      "geluTanhByX4(x)",
    ],
  },
  relu: {
    reference: (x) => Math.max(0, x),
    wgsl: "max(x, 0.0)",
    cpu: `f32x4.max(x, ${splat(0)})`,
    derivative: [
      "select(0.0, 1.0, x > 0.0)",
      onesWhere(`f32x4.gt(x, ${splat(0)})`),
    ],
  },
  // Primer's activation (So et al., 2021)
  reluSquared: {
    reference: (x) => Math.max(0, x) ** 2,
    wgsl: "max(x, 0.0) * max(x, 0.0)",
    cpu: `f32x4.mul(x, f32x4.max(x, ${splat(0)}))`,
    derivative: [
      "2.0 * max(x, 0.0)",
      `f32x4.max(f32x4.add(x, x), ${splat(0)})`,
    ],
  },
  softplus: {
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    library: WGSL_LOG1P,
    wgsl: "softplus(x)",
    cpu: "softplus4(x)",
    derivative: ["1.0 / (1.0 + exp(-x))", "sigmoid4(x)"],
  },
} satisfies Record<string, UnaryRow>;

/** A row for a comparison; `cpu` is the end of the vector instruction. */
function comparison(
  holds: (x: number, y: number) => boolean,
  operator: string,
  cpu: string,
): BinaryRow {
  const isSigned = cpu === "eq" || cpu === "ne" ? "" : "_s";
  return {
    reference: (x, y) => Number(holds(x, y)),
    wgsl: `select(0.0, 1.0, x ${operator} y)`,
    cpu: onesWhere(`f32x4.${cpu}(x, y)`),
    int32: onesWhere(`i32x4.${cpu}${isSigned}(x, y)`),
    compares: true,
    dx: 0,
    dy: 0,
  };
}

const BINARY = {
  add: {
    reference: (x, y) => x + y,
    wgsl: "x + y",
    cpu: "f32x4.add(x, y)",
    int32: "i32x4.add(x, y)",
    dx: 1,
    dy: 1,
  },
  sub: {
    reference: (x, y) => x - y,
    wgsl: "x - y",
    cpu: "f32x4.sub(x, y)",
    int32: "i32x4.sub(x, y)",
    dx: 1,
    dy: -1,
  },
  mul: {
    reference: (x, y) => x * y,
    wgsl: "x * y",
    cpu: "f32x4.mul(x, y)",
    int32: "i32x4.mul(x, y)",
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
  pow: {
    reference: Math.pow,
    lowest: 0,
    library: WGSL_POWER,
    wgsl: "power(x, y)",
    cpu: "power4(x, y)",
    dx: ["powerByX(x, y)", "powerByX4(x, y)"],
    dy: ["powerByY(x, y)", "powerByY4(x, y)"],
  },
  // At a tie the whole gradient goes to the first argument.
  maximum: {
    reference: Math.max,
    wgsl: "max(x, y)",
    cpu: "f32x4.max(x, y)",
    int32: "i32x4.max_s(x, y)",
    dx: ["select(0.0, 1.0, x >= y)", onesWhere("f32x4.ge(x, y)")],
    dy: ["select(0.0, 1.0, x < y)", onesWhere("f32x4.lt(x, y)")],
  },
  minimum: {
    reference: Math.min,
    wgsl: "min(x, y)",
    cpu: "f32x4.min(x, y)",
    int32: "i32x4.min_s(x, y)",
    dx: ["select(0.0, 1.0, x <= y)", onesWhere("f32x4.le(x, y)")],
    dy: ["select(0.0, 1.0, x > y)", onesWhere("f32x4.gt(x, y)")],
  },
  equal: comparison((x, y) => x === y, "==", "eq"),
  notEqual: comparison((x, y) => x !== y, "!=", "ne"),
  less: comparison((x, y) => x < y, "<", "lt"),
  lessEqual: comparison((x, y) => x <= y, "<=", "le"),
  greater: comparison((x, y) => x > y, ">", "gt"),
  greaterEqual: comparison((x, y) => x >= y, ">=", "ge"),
} satisfies Record<string, BinaryRow>;

/** Names of the functions of one element. */
export type UnaryName = keyof typeof UNARY;
/** Names of the functions of two elements. */
export type BinaryName = keyof typeof BINARY;

/** Functions of one element with their references. */
export const unaryTable: Readonly<Record<UnaryName, UnaryRow>> = UNARY;
/** Functions of two elements with their references. */
export const binaryTable: Readonly<Record<BinaryName, BinaryRow>> = BINARY;
