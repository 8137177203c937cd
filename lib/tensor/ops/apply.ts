/**
 * How rows of the kernels' element-wise table become operators: shapes,
 * broadcasting and the tape. The operators are in elementwise.ts and
 * functions.ts.
 *
 * @module
 */
import type { DeviceBuffer } from "../../device/mod.ts";
import * as kernels from "../../kernels/mod.ts";
import type { BinaryName, UnaryName } from "../../kernels/mod.ts";
import {
  broadcastShapes,
  sameShape,
  type Shape,
  sizeOf,
} from "../../util/mod.ts";
import { full } from "../create.ts";
import { scoped } from "../scope.ts";
import { record } from "../tape.ts";
import { Tensor } from "../tensor.ts";
import { broadcastTo, sumTo } from "./broadcast.ts";
import { checkInputs } from "./check.ts";

/** A tensor or a plain number. */
export type Operand = Tensor | number;

/** A number as a tensor of no axes, on the device and of the type of `like`. */
export function scalarLike(value: number, { device, dtype }: Tensor): Tensor {
  return full([], value, { device, dtype });
}

/** scale * x + shift. */
export function applyAffine(
  name: string,
  x: Tensor,
  scale: number,
  shift: number,
): Tensor {
  checkInputs(name, [x]);
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { label: name });
  const buffers = { x: x.bufferFor(name), y: out.bufferFor(name) };
  kernels.affine(device, buffers, { size, scale, shift });
  return record(out, [x], [], (dOut) => [applyAffine(name, dOut, scale, 0)]);
}

/** f(x), a row of the unary table. */
export function applyUnary(name: UnaryName, x: Tensor): Tensor {
  checkInputs(name, [x]);
  const { device, shape, size } = x;
  const out = Tensor.empty(device, shape, { label: name });
  const [from, to] = [x.bufferFor(name), out.bufferFor(name)];
  kernels.unary(device, name, { x: from, result: to }, size);
  const { derivative } = kernels.unaryTable[name];
  if (derivative === 0) return out; // no gradient anywhere
  if (typeof derivative === "number") {
    return record(out, [x], [], (dOut) => [
      applyAffine(name, dOut, derivative, 0),
    ]);
  }
  const reads = {
    x: kernels.derivativeReads(derivative, "x") ? x : undefined,
    r: kernels.derivativeReads(derivative, "r") ? out : undefined,
  };
  return recordReading(out, [x], reads, (dOut, buffers) => {
    const dX = Tensor.empty(device, shape, { label: `${name} gradient` });
    const d = dOut.bufferFor(name), result = dX.bufferFor(name);
    kernels.unaryBackward(device, name, { ...buffers, d, result }, size);
    return [dX];
  });
}

/** Buffers by the names that derivatives use. */
type Reads<T> = { readonly [name in "x" | "y" | "r"]?: T | undefined };

/** `record` that saves only what the derivatives read, by name. */
function recordReading(
  out: Tensor,
  inputs: readonly Tensor[],
  reads: Reads<Tensor>,
  backward: (
    dOut: Tensor,
    buffers: Reads<DeviceBuffer>,
    needs: readonly boolean[],
  ) => (Tensor | undefined)[],
): Tensor {
  const given = Object.entries(reads).filter(([_, tensor]) => tensor);
  const saved = given.map(([_, tensor]) => tensor!);
  return record(out, inputs, saved, (dOut, saved, needs) => {
    const buffers = given.map(([name], i) =>
      [name, saved[i]!.bufferFor(out.label)] as const
    );
    return backward(dOut, Object.fromEntries(buffers), needs);
  });
}

/** Whether `part` is the end of `whole`, ones in front of it aside. */
function isEndOf(part: Shape, whole: Shape): boolean {
  let from = 0;
  while (from < part.length && part[from] === 1) from++;
  const rest = part.slice(from);
  return sameShape(rest, whole.slice(whole.length - rest.length));
}

/**
 * Tensors whose elements a kernel can repeat to fill `shape`: an argument that
 * is the end of the shape as it is, others copied to the whole shape.
 */
export function repeatable(
  tensors: readonly Tensor[],
  shape: Shape,
): Tensor[] {
  return tensors.map((x) =>
    isEndOf(x.shape, shape) ? x : broadcastTo(x, shape)
  );
}

/** f(x, y), a row of the binary table; shapes broadcast. */
export function applyBinary(name: BinaryName, a: Tensor, b: Operand): Tensor {
  const { int32, compares } = kernels.binaryTable[name];
  const dtype = int32 ? a.dtype : "float32";
  if (typeof b === "number") {
    checkInputs(name, [a], dtype);
    return scoped(() => applyBinary(name, a, scalarLike(b, a)), name);
  }
  checkInputs(name, [a, b], dtype);
  const shape = broadcastShapes(a.shape, b.shape);
  if (!isEndOf(a.shape, shape) || !isEndOf(b.shape, shape)) {
    return scoped(() => {
      const [x, y] = repeatable([a, b], shape);
      return applyBinary(name, x!, y!);
    }, name);
  }
  const { device } = a;
  const out = Tensor.empty(device, shape, {
    dtype: compares ? "float32" : dtype,
    label: name,
  });
  const buffers = {
    x: a.bufferFor(name),
    y: b.bufferFor(name),
    result: out.bufferFor(name),
  };
  const repeats = { xSize: a.size, ySize: b.size };
  const type = dtype === "int32" ? "i32" : "f32";
  kernels.binary(device, name, buffers, sizeOf(shape), repeats, type);
  return recordBinary(name, out, a, b);
}

/** Puts out = f(x, y) on the tape. */
function recordBinary(
  name: BinaryName,
  out: Tensor,
  x: Tensor,
  y: Tensor,
): Tensor {
  const { dx, dy } = kernels.binaryTable[name];
  if (dx === 0 && dy === 0) return out; // no gradient anywhere
  const { device, shape, size } = out;
  const repeats = { xSize: x.size, ySize: y.size };
  const shapes = [x.shape, y.shape];
  const wanted = [
    ...(x.requiresGrad ? [dx] : []),
    ...(y.requiresGrad ? [dy] : []),
  ];
  const isRead = (name: "x" | "y") =>
    wanted.some((derivative) => kernels.derivativeReads(derivative, name));
  const reads = {
    x: isRead("x") ? x : undefined,
    y: isRead("y") ? y : undefined,
  };
  return recordReading(
    out,
    [x, y],
    reads,
    (dOut, buffers, needs) =>
      [dx, dy].map((derivative, i) => {
        if (!needs[i]) return undefined;
        if (derivative === 1) return sumTo(dOut, shapes[i]!);
        if (typeof derivative === "number") {
          return sumTo(applyAffine(name, dOut, derivative, 0), shapes[i]!);
        }
        const part = Tensor.empty(device, shape, { label: `${name} gradient` });
        const d = dOut.bufferFor(name), result = part.bufferFor(name);
        const all = { ...buffers, d, result };
        const side = i === 0 ? "X" : "Y";
        kernels.binaryBackward(device, name, side, all, size, repeats);
        return sumTo(part, shapes[i]!);
      }),
  );
}
