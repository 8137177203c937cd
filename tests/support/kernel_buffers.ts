/**
 * Device buffers of a kernel test: data in, results out, freed at the end.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../../lib/device/mod.ts";
import { Random } from "../../lib/util/mod.ts";

/** Random numbers of single precision, the same on every run. */
export function randomData(
  size: number,
  seed = 1,
  scale = 1,
): Float32Array<ArrayBuffer> {
  const random = new Random(seed, "test data");
  return Float32Array.from({ length: size }, () => scale * random.normal());
}

/** Buffers that are freed together. */
export class KernelBuffers implements Disposable {
  readonly #device: Device;
  readonly #all: DeviceBuffer[] = [];

  constructor(device: Device) {
    this.#device = device;
  }

  /** A buffer with that content. */
  put(data: Float32Array | Int32Array): DeviceBuffer {
    const buffer = this.empty(data.length);
    this.#device.write(buffer, data);
    return buffer;
  }

  /** A buffer of `size` 32-bit elements, filled with NaN. */
  empty(size: number): DeviceBuffer {
    const buffer = this.#device.allocate(size * 4, "test");
    this.#device.write(buffer, new Float32Array(size).fill(NaN));
    this.#all.push(buffer);
    return buffer;
  }

  /** The content of a buffer. */
  async get(buffer: DeviceBuffer): Promise<Float32Array> {
    return new Float32Array(await this.#device.read(buffer, 0, buffer.bytes));
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#all) this.#device.free(buffer);
  }
}
