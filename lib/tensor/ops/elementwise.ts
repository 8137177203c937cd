/**
 * Element-wise operators with broadcasting. Forward and derivative of each are
 * rows of the kernels' table; this file adds shapes and the tape.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { BinaryName, UnaryName } from "../../kernels/mod.ts";
import {
  broadcastShapes,
  sameShape,
  type Shape,
  sizeOf,
} from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { broadcastTo, sumTo } from "./broadcast.ts";
import { checkInputs } from "./check.ts";

function unary(name: UnaryName, x: Tensor): Tensor {
  checkInputs(name, [x]);
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { label: name });
  const [from, to] = [x.bufferFor(name), out.bufferFor(name)];
  kernels.unary(device, name, { x: from, result: to }, size);
  return record(out, [x], [x, out], (dOut, [x, r]) => {
    const dX = Tensor.empty(device, shape, { label: `${name} gradient` });
    kernels.unaryBackward(device, name, {
      x: x!.bufferFor(name),
      r: r!.bufferFor(name),
      d: dOut.bufferFor(name),
      result: dX.bufferFor(name),
    }, size);
    return [dX];
  });
}

/** Whether `part` is the end of `whole`, ones in front of it aside. */
function isEndOf(part: Shape, whole: Shape): boolean {
  let from = 0;
  while (from < part.length && part[from] === 1) from++;
  const rest = part.slice(from);
  return sameShape(rest, whole.slice(whole.length - rest.length));
}

function binary(name: BinaryName, x: Tensor, y: Tensor): Tensor {
  checkInputs(name, [x, y]);
  const shape = broadcastShapes(x.shape, y.shape);
  // The kernel repeats an argument that is the end of the shape; others are
  // copied to the whole shape first.
  if (!isEndOf(x.shape, shape)) {
    return scoped(() => binary(name, broadcastTo(x, shape), y), name);
  }
  if (!isEndOf(y.shape, shape)) {
    return scoped(() => binary(name, x, broadcastTo(y, shape)), name);
  }
  const { device } = x;
  const size = sizeOf(shape);
  const repeats = { xSize: x.size, ySize: y.size };
  const out = Tensor.empty(device, shape, { label: name });
  kernels.binary(
    device,
    name,
    {
      x: x.bufferFor(name),
      y: y.bufferFor(name),
      result: out.bufferFor(name),
    },
    size,
    repeats,
  );
  const { dx, dy } = kernels.binaryTable[name];
  if (dx === 0 && dy === 0) return out; // no gradient anywhere
  const shapes = [x.shape, y.shape];
  const saved = typeof dx === "number" && typeof dy === "number" ? [] : [x, y];
  return record(
    out,
    [x, y],
    saved,
    (dOut, [x, y], needs) =>
      [dx, dy].map((derivative, i) => {
        if (!needs[i]) return undefined;
        if (derivative === 1) return sumTo(dOut, shapes[i]!);
        if (typeof derivative === "number") {
          return sumTo(mul(dOut, derivative), shapes[i]!);
        }
        const part = Tensor.empty(device, shape, { label: `${name} gradient` });
        kernels.binaryBackward(
          device,
          name,
          i === 0 ? "X" : "Y",
          {
            x: x!.bufferFor(name),
            y: y!.bufferFor(name),
            d: dOut.bufferFor(name),
            result: part.bufferFor(name),
          },
          size,
          repeats,
        );
        return sumTo(part, shapes[i]!);
      }),
  );
}

/** scale * x + shift. */
function affine(name: string, x: Tensor, scale: number, shift: number): Tensor {
  checkInputs(name, [x]);
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { label: name });
  const buffers = { x: x.bufferFor(name), y: out.bufferFor(name) };
  kernels.affine(device, buffers, { size, scale, shift });
  return record(out, [x], [], (dOut) => [affine(name, dOut, scale, 0)]);
}

/** A tensor or a plain number. */
export type Operand = Tensor | number;

/** a + b; shapes broadcast. */
export function add(a: Tensor, b: Operand): Tensor {
  if (typeof b === "number") return affine("add", a, 1, b);
  return binary("add", a, b);
}

/** a - b; shapes broadcast. */
export function sub(a: Tensor, b: Operand): Tensor {
  if (typeof b === "number") return affine("sub", a, 1, -b);
  return binary("sub", a, b);
}

/** a * b; shapes broadcast. */
export function mul(a: Tensor, b: Operand): Tensor {
  if (typeof b === "number") return affine("mul", a, b, 0);
  return binary("mul", a, b);
}

/** a / b; shapes broadcast. */
export function div(a: Tensor, b: Operand): Tensor {
  if (typeof b === "number") return affine("div", a, 1 / b, 0);
  return binary("div", a, b);
}

/** The larger of a and b; at a tie the gradient goes to a. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return binary("maximum", a, b);
}

/** The smaller of a and b; at a tie the gradient goes to a. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return binary("minimum", a, b);
}

/** 1 where a equals b, else 0; no gradient. */
export function equal(a: Tensor, b: Tensor): Tensor {
  return binary("equal", a, b);
}

/** -x. */
export function neg(x: Tensor): Tensor {
  return unary("neg", x);
}

/** |x|; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return unary("abs", x);
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return unary("exp", x);
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return unary("log", x);
}

/** Square root. */
export function sqrt(x: Tensor): Tensor {
  return unary("sqrt", x);
}

/** x². */
export function square(x: Tensor): Tensor {
  return unary("square", x);
}

/** max(x, 0); the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return unary("relu", x);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return unary("sigmoid", x);
}

/** x / (1 + e^-x). */
export function silu(x: Tensor): Tensor {
  return unary("silu", x);
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return unary("tanh", x);
}
