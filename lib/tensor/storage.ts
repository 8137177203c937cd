/**
 * Device memory with a count of its owners. A tensor is one owner, each tape
 * node that saved the tensor is another; the last one to leave frees it.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../device/mod.ts";
import { invariant } from "../util/mod.ts";

/** Least and greatest of a list of whole numbers. */
export interface WholeRange {
  readonly least: number;
  readonly most: number;
}

/** A shared device buffer. */
export class Storage {
  readonly device: Device;
  readonly buffer: DeviceBuffer;
  /** Range of the int32 that the host wrote; unknown of what a kernel wrote. */
  hostRange: WholeRange | undefined;
  #owners = 1;

  /** @param bytes size of the new buffer, content undefined */
  constructor(device: Device, bytes: number, label: string) {
    this.device = device;
    this.buffer = device.allocate(bytes, label);
  }

  /** Whether it has more owners than one. */
  get isShared(): boolean {
    return this.#owners > 1;
  }

  /** Counts one more owner. */
  share(): this {
    invariant(this.#owners > 0, `share of freed ${this.buffer.label}`);
    this.#owners++;
    return this;
  }

  /** Counts one owner less. */
  release(): void {
    invariant(this.#owners > 0, `release of freed ${this.buffer.label}`);
    if (--this.#owners === 0) this.device.free(this.buffer);
  }
}
