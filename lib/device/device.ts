/**
 * The one interface that both devices fulfil: memory, data in and out, and
 * kernels in the order in which they were given.
 *
 * Everything returns at once but `read` and `sync`. A buffer that was freed
 * may be handed out again, its old content with it: what must be zero is
 * cleared.
 *
 * @module
 */
import { DeviceError } from "../util/mod.ts";
import type { GpuFacts, Tuning } from "./gpu.ts";
import type { Kernel, Launch } from "./kernel.ts";
import type { Profiler } from "./profile.ts";
import type { Recorder } from "./recording.ts";

/** Kinds of device. */
export type DeviceKind = "webgpu" | "cpu";

/** A piece of device memory. */
export interface DeviceBuffer {
  /** Size that was asked for. */
  readonly bytes: number;
  /** Name of what made it: an operator or a parameter. */
  readonly label: string;
}

/** Memory of a device, in bytes and buffers. */
export interface MemoryReport {
  readonly liveBytes: number;
  readonly liveBuffers: number;
  /** Most that was alive since the device was opened, or `resetPeak`. */
  readonly peakBytes: number;
  /** Held back for reuse. */
  readonly pooledBytes: number;
  /** Live bytes by label, largest first. */
  readonly byLabel: readonly (readonly [label: string, bytes: number])[];
}

/** Where tensors live. */
export interface Device extends Partial<Profiler>, Partial<Recorder> {
  readonly kind: DeviceKind;
  /** One line: what it is and how many of it. */
  readonly description: string;
  /** Whether it is a software driver for a GPU (tests only). */
  readonly isSoftware: boolean;
  readonly isClosed: boolean;
  /** What a GPU can do; absent on other devices. */
  readonly gpu?: GpuFacts;
  /** Measured choices of variants; absent where none are measured. */
  readonly tuning?: Tuning;

  /**
   * Memory of at least `bytes` bytes, content undefined.
   *
   * @throws {DeviceError} when the device has no room; names both sizes
   */
  allocate(bytes: number, label: string): DeviceBuffer;
  /** Gives memory back. */
  free(buffer: DeviceBuffer): void;
  /** Copies host data into a buffer. */
  write(buffer: DeviceBuffer, data: ArrayBufferView, byteOffset?: number): void;
  /** Copies a part of a buffer to the host once all work before is done. */
  read(
    buffer: DeviceBuffer,
    byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer>;
  /** Copies between buffers; all numbers are multiples of 4. */
  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void;
  /** Fills with zeros. */
  clear(buffer: DeviceBuffer): void;
  /** Runs a kernel. */
  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    params: Readonly<Record<P, number>>,
    launch: Launch,
  ): void;
  /**
   * Resolves when all work so far is done.
   *
   * @throws {DeviceError} for any error of that work
   */
  sync(): Promise<void>;
  memory(): MemoryReport;
  /** Counts the peak of memory from now on. */
  resetPeak(): void;
  /** Frees everything; using the device afterwards is an error. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Counts what is alive, for the memory report of a device. */
export class MemoryMeter {
  #live = 0;
  #peak = 0;
  readonly #buffers = new Set<DeviceBuffer>();
  readonly #byLabel = new Map<string, number>();

  add(buffer: DeviceBuffer): void {
    this.#buffers.add(buffer);
    this.#count(buffer.label, buffer.bytes);
    this.#peak = Math.max(this.#peak, this.#live);
  }

  /** @throws {DeviceError} when the buffer is not alive on this device */
  remove(buffer: DeviceBuffer): void {
    if (!this.#buffers.delete(buffer)) {
      throw new DeviceError(
        `Cannot free buffer "${buffer.label}": it is not alive on this device`,
      );
    }
    this.#count(buffer.label, -buffer.bytes);
  }

  has(buffer: DeviceBuffer): boolean {
    return this.#buffers.has(buffer);
  }

  resetPeak(): void {
    this.#peak = this.#live;
  }

  report(pooledBytes: number): MemoryReport {
    return {
      liveBytes: this.#live,
      liveBuffers: this.#buffers.size,
      peakBytes: this.#peak,
      pooledBytes,
      byLabel: [...this.#byLabel].sort((a, b) => b[1] - a[1]),
    };
  }

  #count(label: string, bytes: number): void {
    this.#live += bytes;
    const sum = (this.#byLabel.get(label) ?? 0) + bytes;
    if (sum === 0) this.#byLabel.delete(label);
    else this.#byLabel.set(label, sum);
  }
}
