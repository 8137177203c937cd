/**
 * Arithmetic, comparisons and selection, element by element with broadcasting
 * (NumPy's rule). A plain number stands for a tensor of it. Functions of one
 * tensor are in functions.ts.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../util/mod.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { type DType, isHalf, isQuantized, Tensor } from "../tensor.ts";
import {
  applyAffine,
  applyBinary,
  type Operand,
  repeatable,
  scalarLike,
} from "./apply.ts";
import { sumTo } from "./broadcast.ts";
import { checkDevices, checkInputs } from "./check.ts";
import { reciprocal, rsqrt, sqrt, square } from "./functions.ts";
import { halve } from "./half.ts";
import { reshape } from "./layout.ts";
import { quantize } from "./quantized.ts";
import { isStored, widenStored } from "./stored_linear.ts";

/** Whether b is a number that one affine kernel can take. */
function isPlain(a: Tensor, b: Operand): b is number {
  return typeof b === "number" && a.dtype === "float32";
}

/** a + b, float32 or int32. */
export function add(a: Tensor, b: Operand): Tensor {
  return isPlain(a, b) ? applyAffine("add", a, 1, b) : applyBinary("add", a, b);
}

/** a - b, float32 or int32. */
export function sub(a: Tensor, b: Operand): Tensor {
  return isPlain(a, b)
    ? applyAffine("sub", a, 1, -b)
    : applyBinary("sub", a, b);
}

/** a * b, float32 or int32. */
export function mul(a: Tensor, b: Operand): Tensor {
  return isPlain(a, b) ? applyAffine("mul", a, b, 0) : applyBinary("mul", a, b);
}

/** a / b; a number is divided by once, so 1 ulp may be lost. */
export function div(a: Tensor, b: Operand): Tensor {
  return isPlain(a, b)
    ? applyAffine("div", a, 1 / b, 0)
    : applyBinary("div", a, b);
}

/** Powers that have a kernel of their own, exact to the last bit or nearly. */
const POWERS = new Map<Operand, (x: Tensor) => Tensor>([
  [2, square],
  [0.5, sqrt],
  [-0.5, rsqrt],
  [-1, reciprocal],
]);

/**
 * a^b; a negative a only to whole powers, NaN otherwise. The relative error
 * grows with the logarithm of the result: 2e-6 at e^20.
 */
export function pow(a: Tensor, b: Operand): Tensor {
  return POWERS.get(b)?.(a) ?? applyBinary("pow", a, b);
}

/** The larger of a and b, float32 or int32; at a tie the gradient goes to a. */
export function maximum(a: Tensor, b: Operand): Tensor {
  return applyBinary("maximum", a, b);
}

/** The smaller of a and b, float32 or int32; at a tie the gradient goes to a. */
export function minimum(a: Tensor, b: Operand): Tensor {
  return applyBinary("minimum", a, b);
}

/**
 * x held within low..high, each end absent or a number or tensor; the gradient
 * passes where x lies within, ends included.
 */
export function clamp(
  x: Tensor,
  { low, high }: { readonly low?: Operand; readonly high?: Operand },
): Tensor {
  return scoped(() => {
    const above = low === undefined ? reshape(x, x.shape) : maximum(x, low);
    return high === undefined ? above : minimum(above, high);
  }, "clamp");
}

/** float32 1 where a = b, else 0; float32 or int32, no gradient. */
export function equal(a: Tensor, b: Operand): Tensor {
  return applyBinary("equal", a, b);
}

/** float32 1 where a ≠ b, else 0; float32 or int32, no gradient. */
export function notEqual(a: Tensor, b: Operand): Tensor {
  return applyBinary("notEqual", a, b);
}

/** float32 1 where a < b, else 0; float32 or int32, no gradient. */
export function less(a: Tensor, b: Operand): Tensor {
  return applyBinary("less", a, b);
}

/** float32 1 where a ≤ b, else 0; float32 or int32, no gradient. */
export function lessEqual(a: Tensor, b: Operand): Tensor {
  return applyBinary("lessEqual", a, b);
}

/** float32 1 where a > b, else 0; float32 or int32, no gradient. */
export function greater(a: Tensor, b: Operand): Tensor {
  return applyBinary("greater", a, b);
}

/** float32 1 where a ≥ b, else 0; float32 or int32, no gradient. */
export function greaterEqual(a: Tensor, b: Operand): Tensor {
  return applyBinary("greaterEqual", a, b);
}

/**
 * a where the condition is not 0, else b; all three broadcast.
 *
 * @param condition float32, as the comparisons make it
 * @param a float32 or int32, of the type of b; two numbers make float32
 * @throws {DTypeError} when the types differ
 * @throws {ShapeError} when the shapes do not broadcast
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkInputs("where", [condition]);
  const given = [a, b].filter((x) => x instanceof Tensor);
  const dtype = given[0]?.dtype ?? "float32";
  checkInputs("where", given, dtype);
  checkDevices("where", [condition, ...given]);
  return scoped(() => {
    const sides = [a, b].map((side) =>
      typeof side === "number" ? scalarLike(side, given[0] ?? condition) : side
    );
    const shape = [condition, ...sides].map((x) => x.shape)
      .reduce<Shape>(broadcastShapes, []);
    const [mask, x, y] = repeatable([condition, ...sides], shape);
    const out = Tensor.empty(condition.device, shape, {
      dtype,
      label: "where",
    });
    kernels.where(
      condition.device,
      {
        condition: mask!.bufferFor("where()"),
        x: x!.bufferFor("where()"),
        y: y!.bufferFor("where()"),
        result: out.bufferFor("where()"),
      },
      sizeOf(shape),
      { conditionSize: mask!.size, xSize: x!.size, ySize: y!.size },
    );
    const shapes = [x!.shape, y!.shape];
    return record(out, [x!, y!], [mask!], (dOut, [mask], needs) => [
      needs[0] ? sumTo(where(mask!, dOut, 0), shapes[0]!) : undefined,
      needs[1] ? sumTo(where(mask!, 0, dOut), shapes[1]!) : undefined,
    ]);
  }, "where");
}

/**
 * The elements as another type. To int32: towards zero, held within its range.
 * To float32: to the nearest, exact up to 2^24. To float16 and bfloat16: to the
 * nearest; such a tensor is a weight that only casts, `linear` and `embedding`
 * read. To int8 and int4, of a matrix with rows of a multiple of 8: codes that
 * share a scale among 128 neighbours (kernels/quantized.ts), which only casts
 * and `linear` read. Only a cast from float32 to itself passes a gradient.
 *
 * @throws {ShapeError} when x is no such matrix
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return reshape(x, x.shape);
  if (isStored(x)) {
    if (dtype === "float32") return widenStored(x);
    return scoped(() => cast(widenStored(x), dtype), "cast");
  }
  if (isHalf(dtype) || isQuantized(dtype)) {
    const store = (wide: Tensor) =>
      isHalf(dtype) ? halve(wide, dtype) : quantize(wide, dtype);
    if (x.dtype === "float32") return store(x);
    return scoped(() => store(cast(x, "float32")), "cast");
  }
  const { device, shape, size } = x;
  const from = x.bufferFor("cast()");
  const out = Tensor.empty(device, shape, { dtype, label: "cast" });
  const buffers = { x: from, result: out.bufferFor("cast()") };
  kernels.cast(device, dtype, buffers, size);
  return out;
}
