/**
 * Tensors from numbers.
 *
 * @module
 */
import { currentDevice, type Device } from "../device/mod.ts";
import * as kernels from "../kernels/mod.ts";
import {
  DTypeError,
  formatShape,
  type Shape,
  ShapeError,
  sizeOf,
} from "../util/mod.ts";
import {
  type DType,
  isHalf,
  isQuantized,
  Tensor,
  type TensorData,
} from "./tensor.ts";

/** Where a tensor goes and what it is for. */
export interface CreateOptions {
  /** Device; the current one without it. */
  readonly device?: Device;
  /** Name in messages and memory reports. */
  readonly label?: string;
  /** Whether `backward` computes its gradient. */
  readonly requiresGrad?: boolean;
}

/** With an element type, float32 without it. */
export interface NumberOptions extends CreateOptions {
  readonly dtype?: DType;
}

/** @throws {DTypeError} for types that only `cast` makes */
function refuseStored(dtype: DType): asserts dtype is "float32" | "int32" {
  if (!isHalf(dtype) && !isQuantized(dtype)) return;
  throw new DTypeError(
    `Cannot make a tensor of ${dtype}: cast(x, "${dtype}") makes one of float32`,
  );
}

/** Numbers in lists of lists. */
export type Nested = number | readonly Nested[];

function make(
  shape: Shape,
  dtype: DType,
  label: string,
  options: CreateOptions,
): Tensor {
  refuseStored(dtype);
  if (options.requiresGrad && dtype !== "float32") {
    throw new DTypeError(
      `Cannot ask for the gradient of a tensor of ${dtype}: float32 only`,
    );
  }
  const tensor = Tensor.empty(options.device ?? currentDevice(), shape, {
    dtype,
    label: options.label ?? label,
  });
  tensor.requiresGrad = options.requiresGrad ?? false;
  return tensor;
}

function nestedShape(data: Nested): number[] {
  const shape: number[] = [];
  for (let level = data; typeof level !== "number"; level = level[0]!) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/** Writes nested numbers in row-major order; refuses ragged lists. */
function flatten(data: Nested, shape: Shape, out: number[]): void {
  const [first, ...rest] = shape;
  if (typeof data === "number") {
    if (first === undefined) return void out.push(data);
  } else if (data.length === first) {
    for (const item of data) flatten(item, rest, out);
    return;
  }
  throw new ShapeError(
    "Cannot make a tensor of nested lists of different lengths: wanted " +
      `${formatShape(shape)}, got ${
        typeof data === "number" ? "a number" : `${data.length} items`
      }`,
  );
}

/** @throws {DTypeError} when a number is no int32 */
function checkWhole(numbers: readonly number[]): void {
  for (const value of numbers) {
    if (value === (value | 0)) continue;
    throw new DTypeError(
      `Cannot make an int32 of ${value}: it is a whole number in ` +
        "-2147483648..2147483647",
    );
  }
}

/**
 * A tensor of given numbers.
 *
 * @param data a number, nested lists, or a typed array: Int32Array makes
 * int32, everything else float32
 * @param options.shape for a typed array; one axis without it
 * @param options.dtype for numbers and lists
 * @throws {ShapeError} when data and shape do not fit together
 * @throws {DTypeError} when a number is no int32 and should be
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * ```
 */
export function tensor(
  data: Nested | TensorData,
  options: NumberOptions & { readonly shape?: Shape } = {},
): Tensor {
  if (ArrayBuffer.isView(data)) {
    const shape = options.shape ?? [data.length];
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(
        `Cannot give ${data.length} numbers the shape ${formatShape(shape)}: ` +
          `it has ${sizeOf(shape)} elements`,
      );
    }
    const dtype = data instanceof Int32Array ? "int32" : "float32";
    if (options.dtype && options.dtype !== dtype) {
      throw new DTypeError(
        `Cannot make a tensor of ${options.dtype} of ` +
          `${data.constructor.name}: it makes ${dtype}`,
      );
    }
    const result = make(shape, dtype, "tensor", options);
    result.write(data);
    return result;
  }
  const shape = nestedShape(data);
  const numbers: number[] = [];
  flatten(data, shape, numbers);
  if (options.dtype !== "int32") {
    return tensor(new Float32Array(numbers), { shape, ...options });
  }
  checkWhole(numbers);
  return tensor(new Int32Array(numbers), { shape, ...options });
}

/** Zeros. */
export function zeros(shape: Shape, options: NumberOptions = {}): Tensor {
  const result = make(shape, options.dtype ?? "float32", "zeros", options);
  result.device.clear(result.bufferFor("zeros()"));
  return result;
}

/**
 * One number everywhere; filled on the device.
 *
 * @throws {DTypeError} when the value is no int32 and should be
 */
export function full(
  shape: Shape,
  value: number,
  options: NumberOptions = {},
): Tensor {
  const { dtype = "float32" } = options;
  refuseStored(dtype);
  if (dtype === "int32") checkWhole([value]);
  const result = make(shape, dtype, "full", options);
  const { device, size } = result;
  kernels.fill(device, result.bufferFor("full()"), size, value, dtype);
  return result;
}

/** Ones. */
export function ones(shape: Shape, options: NumberOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** 0, 1, … n - 1. */
export function arange(n: number, options: NumberOptions = {}): Tensor {
  const numbers = options.dtype === "int32"
    ? Int32Array.from({ length: n }, (_, i) => i)
    : Float32Array.from({ length: n }, (_, i) => i);
  return tensor(numbers, options);
}

/** Seed and name of a random stream; see `Random`. */
export interface RandomOptions extends CreateOptions {
  readonly seed: number;
  readonly stream?: string;
}

/** Normal numbers, float32; filled on the device. */
export function randomNormal(
  shape: Shape,
  options: RandomOptions & { readonly mean?: number; readonly std?: number },
): Tensor {
  const { seed, stream = "", mean = 0, std = 1 } = options;
  const result = make(shape, "float32", "randomNormal", options);
  const buffer = result.bufferFor("randomNormal()");
  const { device, size } = result;
  kernels.randomNormal(device, buffer, size, { seed, stream }, { mean, std });
  return result;
}

/** Uniform numbers in [low, high), float32; filled on the device. */
export function randomUniform(
  shape: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number },
): Tensor {
  const { seed, stream = "", low = 0, high = 1 } = options;
  const result = make(shape, "float32", "randomUniform", options);
  const buffer = result.bufferFor("randomUniform()");
  const { device, size } = result;
  kernels.randomUniform(device, buffer, size, { seed, stream }, { low, high });
  return result;
}
