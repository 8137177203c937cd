/**
 * A device that holds nothing and computes nothing: it counts. The code that
 * will train runs on it in milliseconds and tells the memory it is going to
 * need, to the byte, before a real device is touched.
 *
 * @module
 */
import { FreedError } from "../util/mod.ts";
import {
  type Device,
  type DeviceBuffer,
  type DeviceKind,
  MemoryMeter,
  type MemoryReport,
} from "./device.ts";
import type { Kernel, Launch } from "./kernel.ts";

/** Counts what a device would do; every number it reads is 0. */
export class DryDevice implements Device {
  readonly kind: DeviceKind;
  readonly isSoftware = false;
  readonly #meter = new MemoryMeter();
  readonly #launches = new Map<string, number>();
  #isClosed = false;

  /** @param kind the device to count for: operators may differ by it */
  constructor(kind: DeviceKind) {
    this.kind = kind;
  }

  get description(): string {
    return `dry run for ${this.kind}`;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Launches so far by name of the kernel. */
  get launches(): ReadonlyMap<string, number> {
    return this.#launches;
  }

  allocate(bytes: number, label: string): DeviceBuffer {
    const buffer = { bytes, label };
    this.#meter.add(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    this.#meter.remove(buffer);
  }

  write(buffer: DeviceBuffer): void {
    this.#check(buffer, "write");
  }

  read(
    buffer: DeviceBuffer,
    _byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer> {
    this.#check(buffer, "read");
    return Promise.resolve(new ArrayBuffer(bytes));
  }

  copy(from: DeviceBuffer, _fromOffset: number, to: DeviceBuffer): void {
    this.#check(from, "copy from");
    this.#check(to, "copy to");
  }

  clear(buffer: DeviceBuffer): void {
    this.#check(buffer, "clear");
  }

  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    _params: Readonly<Record<P, number>>,
    _launch: Launch,
  ): void {
    for (const name in kernel.buffers) {
      this.#check(buffers[name], `run ${kernel.name} on`);
    }
    const count = this.#launches.get(kernel.name) ?? 0;
    this.#launches.set(kernel.name, count + 1);
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  memory(): MemoryReport {
    return this.#meter.report(0);
  }

  resetPeak(): void {
    this.#meter.resetPeak();
  }

  close(): void {
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(buffer: DeviceBuffer, what: string): void {
    if (this.#meter.has(buffer)) return;
    throw new FreedError(
      `Cannot ${what} buffer "${buffer.label}": it is not alive`,
    );
  }
}
