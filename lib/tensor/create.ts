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
import { type DType, Tensor, type TensorData } from "./tensor.ts";

/** Where a tensor goes and what it is for. */
export interface CreateOptions {
  /** Device; the current one without it. */
  readonly device?: Device;
  /** Name in messages and memory reports. */
  readonly label?: string;
  /** Whether `backward` computes its gradient. */
  readonly requiresGrad?: boolean;
}

/** Numbers in lists of lists. */
export type Nested = number | readonly Nested[];

function make(
  shape: Shape,
  dtype: DType,
  label: string,
  options: CreateOptions,
): Tensor {
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

/**
 * A tensor of given numbers.
 *
 * @param data a number, nested lists, or a typed array: Int32Array makes
 * int32, everything else float32
 * @param options.shape for a typed array; one axis without it
 * @throws {ShapeError} when data and shape do not fit together
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * ```
 */
export function tensor(
  data: Nested | TensorData,
  options: CreateOptions & { readonly shape?: Shape } = {},
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
    const result = make(shape, dtype, "tensor", options);
    result.write(data);
    return result;
  }
  const shape = nestedShape(data);
  const numbers: number[] = [];
  flatten(data, shape, numbers);
  return tensor(new Float32Array(numbers), { shape, ...options });
}

/** Zeros, float32. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  const result = make(shape, "float32", "zeros", options);
  result.device.clear(result.bufferFor("zeros()"));
  return result;
}

/** One number everywhere, float32. */
export function full(
  shape: Shape,
  value: number,
  options: CreateOptions = {},
): Tensor {
  const result = make(shape, "float32", "full", options);
  result.write(new Float32Array(result.size).fill(value));
  return result;
}

/** Ones, float32. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** 0, 1, … n - 1, float32. */
export function arange(n: number, options: CreateOptions = {}): Tensor {
  return tensor(Float32Array.from({ length: n }, (_, i) => i), options);
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
