/**
 * GPU buffers, reused by size. A freed buffer goes back to the pool at once:
 * the queue runs in order, so later work cannot overtake earlier work.
 *
 * @module
 */
import { DeviceError, formatBytes } from "../../util/mod.ts";
import type { DeviceBuffer } from "../device.ts";
import type { Checks } from "./checks.ts";

const USAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC |
  GPUBufferUsage.COPY_DST;

/** A buffer with the GPU's own object. */
export interface GpuBuffer extends DeviceBuffer {
  readonly raw: GPUBuffer;
  /** Number of the raw buffer, for keys of bind groups. */
  readonly id: number;
}

/** Pooled size: steps of an eighth of a power of two, at least 256 bytes. */
function pooledSize(bytes: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(bytes + 1)) - 3));
  return Math.max(256, Math.ceil(bytes / step) * step);
}

interface Pooled {
  readonly raw: GPUBuffer;
  readonly id: number;
}

/** Storage buffers of one device. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #checks: Checks;
  readonly #free = new Map<number, Pooled[]>();
  #freeBytes = 0;
  #nextId = 0;

  constructor(device: GPUDevice, checks: Checks) {
    this.#device = device;
    this.#checks = checks;
  }

  /** Bytes held for reuse. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** @throws {DeviceError} when the size is over a limit of the device */
  allocate(bytes: number, label: string): GpuBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    // A limit is 4 bytes short of a power of two on some drivers.
    const size = Math.min(pooledSize(bytes), Math.floor(limit / 4) * 4);
    if (bytes > size) {
      throw new DeviceError(
        `Cannot allocate ${formatBytes(bytes)} for "${label}": a buffer of ` +
          `this GPU holds at most ${formatBytes(limit)}`,
      );
    }
    const pooled = this.#free.get(size)?.pop();
    if (pooled) {
      this.#freeBytes -= size;
      return { ...pooled, bytes, label };
    }
    const raw = this.#checks.around(
      "out-of-memory",
      (why) => `Cannot allocate ${formatBytes(size)} for "${label}": ${why}`,
      () => this.#device.createBuffer({ size, usage: USAGE }),
    );
    return { raw, id: this.#nextId++, bytes, label };
  }

  /** Puts a buffer back for reuse. */
  free({ raw, id }: GpuBuffer): void {
    const list = this.#free.get(raw.size);
    if (list) list.push({ raw, id });
    else this.#free.set(raw.size, [{ raw, id }]);
    this.#freeBytes += raw.size;
  }
}
