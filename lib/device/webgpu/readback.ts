/**
 * Staging buffers that the host can read, used again: a loss that is read every
 * step allocates nothing. Several reads may be under way at once, so that a
 * program may await the loss of a step while it gives the next one.
 *
 * @module
 */
import { waitPatiently } from "./polling.ts";

/** Largest buffer that is kept. */
const LARGEST = 1 << 20;
/** Buffers of one size that are kept. */
const MOST = 8;

/** Powers of two from 256 bytes. */
const stagingSize = (bytes: number) =>
  2 ** Math.max(8, Math.ceil(Math.log2(bytes)));

/** The staging buffers of one device. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * Bytes from the GPU.
   *
   * @param copy submits a copy of them, filled up to a multiple of 4, to the
   * start of a staging buffer
   * @throws whatever a mapping rejects with
   */
  async read(
    bytes: number,
    copy: (staging: GPUBuffer, bytes: number) => void,
  ): Promise<ArrayBuffer> {
    const whole = Math.ceil(bytes / 4) * 4;
    const staging = this.#take(stagingSize(bytes));
    try {
      copy(staging, whole);
      await waitPatiently(staging.mapAsync(GPUMapMode.READ, 0, whole));
      const result = staging.getMappedRange(0, whole).slice(0, bytes);
      staging.unmap();
      this.#put(staging);
      return result;
    } catch (error) {
      staging.destroy();
      throw error;
    }
  }

  #take(size: number): GPUBuffer {
    return this.#free.get(size)?.pop() ?? this.#device.createBuffer({
      label: "staging",
      size,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
  }

  #put(staging: GPUBuffer): void {
    const { size } = staging;
    const list = this.#free.get(size) ?? [];
    if (size > LARGEST || list.length >= MOST) return staging.destroy();
    list.push(staging);
    this.#free.set(size, list);
  }
}
