/**
 * A tensor: a shape over device memory, and a place on the tape of gradients.
 * There is no arithmetic in here; operators are functions (ops/).
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import {
  decodeQuantized,
  type HalfFormat,
  quantizedBytes,
  type QuantizedFormat,
} from "../kernels/mod.ts";
import {
  checkShape,
  DTypeError,
  formatShape,
  FreedError,
  invariant,
  sameShape,
  type Shape,
  ShapeError,
  sizeOf,
} from "../util/mod.ts";
import { fromHalfBits, toHalfBits } from "./half_bits.ts";
import { currentScope, type Scope, type Scoped } from "./scope.ts";
import { Storage, type WholeRange } from "./storage.ts";
import type { TapeNode } from "./tape.ts";

/** Types that are stored and not computed with: two bytes an element. */
export type HalfDType = HalfFormat;
/** Types of weights (N, K) that are stored in 8 or 4 bits, with scales. */
export type QuantizedDType = QuantizedFormat;
/** Element types. */
export type DType = "float32" | "int32" | HalfDType | QuantizedDType;

/** Whether elements take two bytes. */
export function isHalf(dtype: DType): dtype is HalfDType {
  return dtype === "float16" || dtype === "bfloat16";
}

/** Whether elements are codes that share scales (kernels/quantized.ts). */
export function isQuantized(dtype: DType): dtype is QuantizedDType {
  return dtype === "int8" || dtype === "int4";
}

/** Bytes of a tensor; whole words, since devices copy words. */
function bytesOf(shape: Shape, dtype: DType): number {
  const size = sizeOf(shape);
  if (isQuantized(dtype)) {
    const [n, k] = matrixOf(shape);
    return quantizedBytes(n, k, dtype);
  }
  return isHalf(dtype) ? Math.ceil(size / 2) * 4 : size * 4;
}

/** Rows and columns of a quantized weight. */
function matrixOf(shape: Shape): [n: number, k: number] {
  invariant(shape.length === 2, "a quantized weight is a matrix");
  return [shape[0]!, shape[1]!];
}

/** Host memory of a tensor's elements. */
export type TensorData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** Frees the memory of tensors that were dropped without being disposed. */
const dropped = new FinalizationRegistry<Storage>((s) => s.release());

/** Least and greatest element; undefined when there is none. */
function rangeOf(data: Int32Array): WholeRange | undefined {
  if (data.length === 0) return undefined;
  let least = data[0]!, most = least;
  for (const value of data) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/** What a tensor is made from. */
interface TensorParts {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly label: string;
}

/** Numbers on a device; row-major, contiguous. */
export class Tensor implements Scoped, Disposable {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Name of the operator or parameter that it came from. */
  readonly label: string;
  /** The scope that frees it; undefined when nobody will. */
  owner: Scope | undefined;
  /** Whether `backward` reaches it. */
  requiresGrad = false;
  /** Gradient of the last `backward`, for tensors the user made. */
  grad: Tensor | undefined;
  readonly #storage: Storage;
  #node: TapeNode | undefined;
  #freedBy: string | undefined;

  private constructor({ storage, shape, dtype, label }: TensorParts) {
    this.shape = shape;
    this.dtype = dtype;
    this.label = label;
    this.#storage = storage;
    dropped.register(this, storage, this);
  }

  /** A new tensor in the current scope, content undefined. */
  static empty(
    device: Device,
    shape: Shape,
    { dtype = "float32", label }: { dtype?: DType; label: string },
  ): Tensor {
    checkShape(shape);
    const storage = new Storage(device, bytesOf(shape, dtype), label);
    const tensor = new Tensor({ storage, shape: [...shape], dtype, label });
    currentScope()?.add(tensor);
    return tensor;
  }

  get device(): Device {
    return this.#storage.device;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The tape node that made it. */
  get node(): TapeNode | undefined {
    return this.#node;
  }

  /** Puts the tensor on the tape as the result of `node`. */
  attach(node: TapeNode): void {
    invariant(!this.#node, `${this.label} is on the tape already`);
    this.#node = node.share();
    this.requiresGrad = true;
  }

  get isFreed(): boolean {
    return this.#freedBy !== undefined;
  }

  /** Whether another tensor, or the tape, has the same memory. */
  get isShared(): boolean {
    return this.#storage.isShared;
  }

  /**
   * Its memory, for `user`: one word an element.
   *
   * @throws {FreedError} naming the tensor and who freed it
   * @throws {DTypeError} when it is stored in 16 bits or less
   */
  bufferFor(user: string): DeviceBuffer {
    const { dtype } = this;
    if (isHalf(dtype) || isQuantized(dtype)) {
      const readers = isHalf(dtype)
        ? "cast(), linear() and embedding()"
        : "cast() and linear()";
      throw new DTypeError(
        `Cannot run ${user} on "${this.label}" of ${dtype}: ${readers} alone ` +
          "read such weights",
      );
    }
    return this.#buffer(user);
  }

  /**
   * Its memory, for `user`: two elements a word (kernels/half.ts).
   *
   * @throws {FreedError} naming the tensor and who freed it
   */
  halvesFor(user: string): DeviceBuffer {
    invariant(isHalf(this.dtype), `"${this.label}" is of ${this.dtype}`);
    return this.#buffer(user);
  }

  /**
   * Its memory, for `user`: codes and scales (kernels/quantized.ts).
   *
   * @throws {FreedError} naming the tensor and who freed it
   */
  codesFor(user: string): DeviceBuffer {
    invariant(isQuantized(this.dtype), `"${this.label}" is of ${this.dtype}`);
    return this.#buffer(user);
  }

  #buffer(user: string): DeviceBuffer {
    if (this.#freedBy !== undefined) {
      throw new FreedError(
        `Cannot run ${user}: tensor "${this.label}" ` +
          `${formatShape(this.shape)} was freed by ${this.#freedBy}; ` +
          "keep(tensor) lets it outlive a scope",
      );
    }
    return this.#storage.buffer;
  }

  /**
   * Least and greatest element of an int32 tensor, if the host wrote it: what
   * operators check indices with, without a look at the device.
   */
  get hostRange(): WholeRange | undefined {
    return this.#storage.hostRange;
  }

  /** To be called when a kernel writes to the tensor in place. */
  forgetHostRange(): void {
    this.#storage.hostRange = undefined;
  }

  /**
   * Another tensor over the same memory, off the tape; in the current scope
   * unless `isOwned` is false, when its maker disposes of it.
   *
   * @throws {ShapeError} for another shape of a quantized weight
   */
  alias(
    { shape = this.shape, label = this.label, isOwned = true }: {
      shape?: Shape;
      label?: string;
      isOwned?: boolean;
    } = {},
  ): Tensor {
    this.#buffer(label); // refuses a freed tensor
    invariant(sizeOf(shape) === this.size, "an alias has the same size");
    if (isQuantized(this.dtype) && !sameShape(shape, this.shape)) {
      throw new ShapeError(
        `Cannot reshape "${this.label}" of ${this.dtype}: groups of its rows ` +
          "share scales",
      );
    }
    const storage = this.#storage.share();
    const { dtype } = this;
    const tensor = new Tensor({ storage, shape: [...shape], dtype, label });
    if (isOwned) currentScope()?.add(tensor);
    return tensor;
  }

  /**
   * The elements, once all work before is done; float32 of those that are
   * stored in 16 bits or less.
   */
  async data(): Promise<TensorData> {
    const { dtype, shape, size } = this;
    const buffer = this.#buffer("data()");
    const bytes = await this.device.read(buffer, 0, bytesOf(shape, dtype));
    if (isQuantized(dtype)) {
      const [n, k] = matrixOf(shape);
      return decodeQuantized(bytes, { n, k }, dtype);
    }
    if (isHalf(dtype)) {
      return fromHalfBits(new Uint16Array(bytes, 0, size), dtype);
    }
    return dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  /**
   * The value of a tensor of one element.
   *
   * @throws {ShapeError} when it has more or none
   */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(
        `Cannot take the item of a tensor ${formatShape(this.shape)}: ` +
          `it has ${this.size} elements, not 1`,
      );
    }
    return (await this.data())[0]!;
  }

  /**
   * Replaces the elements; the tape does not notice. Rounds to the nearest
   * where they are stored in 16 bits.
   *
   * @throws {ShapeError} when their number differs
   * @throws {DTypeError} when they are of the other type, or the tensor is
   * quantized, which `cast` alone does
   */
  write(data: TensorData): void {
    if (data.length !== this.size) {
      throw new ShapeError(
        `Cannot write ${data.length} elements to "${this.label}" ` +
          `${formatShape(this.shape)}: it has ${this.size}`,
      );
    }
    if (
      isQuantized(this.dtype) ||
      (data instanceof Int32Array) !== (this.dtype === "int32")
    ) {
      throw new DTypeError(
        `Cannot write ${data.constructor.name} to "${this.label}" of ` +
          this.dtype,
      );
    }
    this.device.write(
      this.#buffer("write()"),
      isHalf(this.dtype)
        ? toHalfBits(data as Float32Array<ArrayBuffer>, this.dtype)
        : data,
    );
    this.#storage.hostRange = data instanceof Int32Array
      ? rangeOf(data)
      : undefined;
  }

  /** Frees the tensor; memory that the tape still needs stays until then. */
  free(reason: string): void {
    if (this.#freedBy !== undefined) return;
    this.#freedBy = reason;
    this.owner?.remove(this);
    dropped.unregister(this);
    this.#node?.release();
    this.#node = undefined;
    this.grad?.free(reason);
    this.grad = undefined;
    this.#storage.release();
  }

  /** Frees the tensor now. */
  dispose(): void {
    this.free("dispose()");
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** "float32 (2, 3) on cpu, matmul". */
  toString(): string {
    const state = this.isFreed ? ", freed" : "";
    return `${this.dtype} ${formatShape(this.shape)} on ` +
      `${this.device.kind}, ${this.label}${state}`;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return `Tensor ${this.toString()}`;
  }
}
