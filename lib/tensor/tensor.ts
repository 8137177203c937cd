/**
 * A tensor: a shape over device memory, and a place on the tape of gradients.
 * There is no arithmetic in here; operators are functions (ops/).
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import {
  checkShape,
  formatShape,
  FreedError,
  invariant,
  type Shape,
  ShapeError,
  sizeOf,
} from "../util/mod.ts";
import { currentScope, type Scope, type Scoped } from "./scope.ts";
import { Storage } from "./storage.ts";
import type { TapeNode } from "./tape.ts";

/** Element types. */
export type DType = "float32" | "int32";
/** Host memory of a tensor's elements. */
export type TensorData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** Frees the memory of tensors that were dropped without being disposed. */
const dropped = new FinalizationRegistry<Storage>((s) => s.release());

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
    const storage = new Storage(device, sizeOf(shape) * 4, label);
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

  /**
   * Its memory, for `user`.
   *
   * @throws {FreedError} naming the tensor and who freed it
   */
  bufferFor(user: string): DeviceBuffer {
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
   * Another tensor over the same memory, off the tape; in the current scope
   * unless `isOwned` is false, when its maker disposes of it.
   */
  alias(
    { shape = this.shape, label = this.label, isOwned = true }: {
      shape?: Shape;
      label?: string;
      isOwned?: boolean;
    } = {},
  ): Tensor {
    this.bufferFor(label); // refuses a freed tensor
    invariant(sizeOf(shape) === this.size, "an alias has the same size");
    const storage = this.#storage.share();
    const { dtype } = this;
    const tensor = new Tensor({ storage, shape: [...shape], dtype, label });
    if (isOwned) currentScope()?.add(tensor);
    return tensor;
  }

  /** The elements, once all work before is done. */
  async data(): Promise<TensorData> {
    const buffer = this.bufferFor("data()");
    const bytes = await this.device.read(buffer, 0, this.size * 4);
    return this.dtype === "int32"
      ? new Int32Array(bytes)
      : new Float32Array(bytes);
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
   * Replaces the elements; the tape does not notice.
   *
   * @throws {ShapeError} when their number differs
   */
  write(data: TensorData): void {
    if (data.length !== this.size) {
      throw new ShapeError(
        `Cannot write ${data.length} elements to "${this.label}" ` +
          `${formatShape(this.shape)}: it has ${this.size}`,
      );
    }
    this.device.write(this.bufferFor("write()"), data);
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
