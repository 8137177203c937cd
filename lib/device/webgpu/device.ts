/**
 * The WebGPU device: WGSL on Dawn. Commands are recorded and submitted in
 * batches; errors arrive late and are thrown by the next `sync` or `read`.
 *
 * @module
 */
import { DeviceError, formatBytes } from "../../util/mod.ts";
import {
  type Device,
  type DeviceBuffer,
  MemoryMeter,
  type MemoryReport,
} from "../device.ts";
import type { Kernel, Launch } from "../kernel.ts";
import { Batch } from "./batch.ts";
import { BufferPool, type GpuBuffer } from "./buffers.ts";
import { Checks } from "./checks.ts";
import { type Adapter, requestDevice } from "./dawn.ts";
import { waitPatiently } from "./polling.ts";

/** WGSL kernels on a GPU. */
export class WebGpuDevice implements Device {
  readonly kind = "webgpu";
  readonly description: string;
  readonly isSoftware: boolean;
  readonly #device: GPUDevice;
  readonly #adapter: Adapter;
  readonly #batch: Batch;
  readonly #pool: BufferPool;
  readonly #meter = new MemoryMeter();
  readonly #checks: Checks;
  #isClosed = false;

  private constructor(adapter: Adapter, device: GPUDevice) {
    this.#adapter = adapter;
    this.#device = device;
    this.isSoftware = adapter.isSoftware;
    this.description = `WebGPU: ${adapter.name}` +
      (adapter.isSoftware ? " (software)" : "");
    this.#checks = new Checks(device);
    this.#batch = new Batch(device, this.#checks);
    this.#pool = new BufferPool(device, this.#checks);
    device.lost.then(({ message }) => {
      if (this.#isClosed) return;
      const { liveBytes } = this.memory();
      this.#checks.report(
        `The GPU was lost with ${formatBytes(liveBytes)} in use: ${message}`,
      );
    });
  }

  /** Opens an adapter. */
  static async open(adapter: Adapter): Promise<WebGpuDevice> {
    return new WebGpuDevice(adapter, await requestDevice(adapter));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  allocate(bytes: number, label: string): GpuBuffer {
    this.#checkOpen();
    const buffer = this.#pool.allocate(bytes, label);
    this.#meter.add(buffer);
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    if (this.#isClosed) return;
    this.#meter.remove(buffer);
    this.#pool.free(buffer as GpuBuffer);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView, byteOffset = 0): void {
    const gpu = this.#own(buffer);
    // A queue write overtakes commands that are not submitted yet.
    if (this.#batch.uses(gpu)) this.#batch.flush();
    const bytes = new Uint8Array(
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    );
    this.#device.queue.writeBuffer(gpu.raw, byteOffset, bytes);
  }

  async read(
    buffer: DeviceBuffer,
    byteOffset: number,
    bytes: number,
  ): Promise<ArrayBuffer> {
    const gpu = this.#own(buffer);
    if (bytes === 0) return new ArrayBuffer(0);
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    try {
      this.#batch.copy(gpu.raw, byteOffset, staging, 0, bytes);
      this.#batch.flush();
      await waitPatiently(staging.mapAsync(GPUMapMode.READ));
      await this.#checks.settle();
      return staging.getMappedRange().slice(0);
    } catch (error) {
      await this.#checks.settle(); // says more than the failed mapping
      throw error;
    } finally {
      staging.destroy();
    }
  }

  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    const [source, target] = [this.#own(from), this.#own(to)];
    this.#batch.copy(source.raw, fromOffset, target.raw, toOffset, bytes);
  }

  clear(buffer: DeviceBuffer): void {
    this.#batch.clear(this.#own(buffer).raw);
  }

  run<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, DeviceBuffer>>,
    params: Readonly<Record<P, number>>,
    launch: Launch,
  ): void {
    this.#checkOpen();
    for (const name in kernel.buffers) this.#own(buffers[name]);
    this.#batch.dispatch(kernel, buffers, params, launch);
  }

  async sync(): Promise<void> {
    this.#checkOpen();
    this.#batch.flush();
    await waitPatiently(this.#device.queue.onSubmittedWorkDone());
    await this.#checks.settle();
  }

  memory(): MemoryReport {
    return this.#meter.report(this.#pool.freeBytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#device.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new DeviceError(
        `Cannot use the WebGPU device ${this.#adapter.name}: it was closed`,
      );
    }
  }

  #own(buffer: DeviceBuffer): GpuBuffer {
    this.#checkOpen();
    if (!this.#meter.has(buffer)) {
      throw new DeviceError(
        `Cannot use buffer "${buffer.label}": it is not alive on this device`,
      );
    }
    return buffer as GpuBuffer;
  }
}
