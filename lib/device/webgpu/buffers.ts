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
  /** Buffers that the GPU had no room for: they hold nothing. */
  readonly #hollow = new WeakSet<GPUBuffer>();
  readonly #onExhausted: () => void;
  #freeBytes = 0;
  #nextId = 0;

  /** @param onExhausted called when the GPU had no room for a buffer */
  constructor(device: GPUDevice, checks: Checks, onExhausted: () => void) {
    this.#device = device;
    this.#checks = checks;
    this.#onExhausted = onExhausted;
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
      (why, raw) => {
        this.#hollow.add(raw);
        const held = this.#freeBytes;
        this.#onExhausted();
        return `Cannot allocate ${formatBytes(size)} for "${label}" ` +
          `(${formatBytes(held)} held for reuse were given back): ${why}`;
      },
      () => this.#device.createBuffer({ size, usage: USAGE }),
    );
    return { raw, id: this.#nextId++, bytes, label };
  }

  /** Puts a buffer back for reuse. */
  free({ raw, id }: GpuBuffer): void {
    if (this.#hollow.has(raw)) return raw.destroy();
    const list = this.#free.get(raw.size);
    if (list) list.push({ raw, id });
    else this.#free.set(raw.size, [{ raw, id }]);
    this.#freeBytes += raw.size;
  }

  /** Gives what is held for reuse back; no waiting command may use it. */
  trim(): void {
    for (const list of this.#free.values()) {
      for (const { raw } of list) raw.destroy();
    }
    this.#free.clear();
    this.#freeBytes = 0;
  }
}
