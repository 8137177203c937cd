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

/** The GPU's own object. */
interface RawBuffer {
  readonly raw: GPUBuffer;
  /** Number of the raw buffer, for keys of bind groups. */
  readonly id: number;
}

/** A buffer with the GPU's own object. */
export interface GpuBuffer extends DeviceBuffer, RawBuffer {
  /** The recording that has its memory, if one does. */
  readonly arena: Arena | undefined;
}

/** Free buffers by their size. */
class FreeLists {
  readonly #lists = new Map<number, RawBuffer[]>();

  put({ raw, id }: RawBuffer): void {
    const list = this.#lists.get(raw.size);
    if (list) list.push({ raw, id });
    else this.#lists.set(raw.size, [{ raw, id }]);
  }

  take(size: number): RawBuffer | undefined {
    return this.#lists.get(size)?.pop();
  }

  /** Takes all of them. */
  drain(): RawBuffer[] {
    const all = [...this.#lists.values()].flat();
    this.#lists.clear();
    return all;
  }
}

/** Buffers that one recording uses and nobody else. */
export class Arena {
  readonly free = new FreeLists();
  isOpen = true;
}

/** Pooled size: steps of an eighth of a power of two, at least 256 bytes. */
function pooledSize(bytes: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(bytes + 1)) - 3));
  return Math.max(256, Math.ceil(bytes / step) * step);
}

/** Storage buffers of one device. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #checks: Checks;
  readonly #free = new FreeLists();
  /** Takes what is allocated, while a recording is made. */
  #arena: Arena | undefined;
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
    const arena = this.#arena;
    const pooled = arena?.free.take(size) ?? this.#free.take(size);
    if (pooled) {
      this.#freeBytes -= size;
      return { ...pooled, bytes, label, arena };
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
    return { raw, id: this.#nextId++, bytes, label, arena };
  }

  /** Puts a buffer back for reuse. */
  free({ raw, id, arena }: GpuBuffer): void {
    if (this.#hollow.has(raw)) return raw.destroy();
    const lists = arena?.isOpen ? arena.free : this.#free;
    lists.put({ raw, id });
    this.#freeBytes += raw.size;
  }

  /** What `fn` allocates goes into an arena. */
  inArena<T>(fn: () => T): readonly [result: T, arena: Arena] {
    const arena = new Arena();
    this.#arena = arena;
    try {
      return [fn(), arena];
    } catch (error) {
      this.closeArena(arena);
      throw error;
    } finally {
      this.#arena = undefined;
    }
  }

  /** Gives the buffers of an arena to all. */
  closeArena(arena: Arena): void {
    arena.isOpen = false; // those that are alive come back when they are freed
    for (const buffer of arena.free.drain()) this.#free.put(buffer);
  }

  /** Gives what is held for reuse back; no waiting command may use it. */
  trim(): void {
    for (const { raw } of this.#free.drain()) {
      this.#freeBytes -= raw.size;
      raw.destroy();
    }
  }
}
